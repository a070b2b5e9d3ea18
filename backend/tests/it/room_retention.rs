//! What a running server deletes is gone, and whoever wanted it is told.

use roomcast_shared::server_message::GapReason;
use serde_json::Value;

use crate::support::process::ServerProcess;
use crate::support::room::{EventReader, Tab, json, request};

const SOCKET: &str = "/api/rooms/lobby/socket";
const EVENTS: &str = "/api/rooms/lobby/events";
const MESSAGES: &str = "/api/rooms/lobby/messages";

async fn page(server: &ServerProcess, query: &str) -> Value {
    let path = format!("{MESSAGES}?{query}");
    let response = request("http", server.address, "GET", &path, &[], "").await;
    json(response).await.1
}

#[tokio::test]
async fn the_server_sweeps_and_every_reader_of_what_is_gone_gets_a_gap() {
    let options = ["--plain", "--max-events-per-room", "3"];
    let mut server = ServerProcess::start(&options).await;
    for number in 1..=10 {
        let text = number.to_string();
        let posted = request("http", server.address, "POST", MESSAGES, &[], &text).await;
        assert_eq!(posted.status(), 201);
    }
    let some = page(&server, "from=start&limit=1").await["messages"][0].clone();
    let (epoch, _) = some["position"].as_str().unwrap().split_once('-').unwrap();
    let first = &format!("{epoch}-1");
    // It sweeps when it starts, which may be between two of the messages, and every minute from then on.
    server.crash().await;
    while page(&server, "from=start").await["messages"][0]["text"] != "8" {}

    let after_first = page(&server, &format!("from={first}")).await;
    assert_eq!(after_first["gap"]["reason"], "expired");
    assert_eq!(after_first["gap"]["after"], *first);
    assert_eq!(after_first["messages"].as_array().unwrap().len(), 3);

    let fields = [
        ("accept", "text/event-stream"),
        ("last-event-id", first.as_str()),
    ];
    let events = request("http", server.address, "GET", EVENTS, &fields, "").await;
    let mut events = EventReader::of(events);
    let gap = events.find("gap").await;
    assert!(gap.last_event_id.ends_with("-7"), "{}", gap.last_event_id);
    assert!(gap.data.contains(r#""reason":"expired""#), "{}", gap.data);
    let next = events.find("message").await.last_event_id;
    assert!(next.ends_with("-8"), "{next}");

    let mut tab = Tab::open_plain(server.address, &format!("{SOCKET}?from={first}")).await;
    let gap = tab.gap().await;
    assert_eq!((gap.reason, gap.after.offset), (GapReason::Expired, 1));
    assert_eq!(gap.position.offset, 7);
    assert_eq!(tab.message().await.position.offset, 8);
}

#[tokio::test]
async fn a_room_whose_messages_are_all_gone_leaves_the_lobby_and_goes_on_counting() {
    let options = ["--plain", "--max-events-per-room", "0"];
    let mut server = ServerProcess::start(&options).await;
    let post = async |address| {
        let posted = request("http", address, "POST", MESSAGES, &[], "x").await;
        json(posted).await.1["position"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(post(server.address).await.ends_with("-1"));
    server.crash().await;
    let events = "/api/rooms/events";
    let fields = [("accept", "text/event-stream")];
    let lobby = request("http", server.address, "GET", events, &fields, "").await;
    let mut lobby = EventReader::of(lobby);
    while lobby.find("lobby").await.data != r#"{"rooms":[]}"# {}
    assert!(post(server.address).await.ends_with("-2"));
}

#[tokio::test]
async fn a_key_is_held_to_its_text_also_when_the_message_is_gone() {
    let options = ["--plain", "--max-events-per-room", "0"];
    let mut server = ServerProcess::start(&options).await;
    let post = async |address, text| {
        let fields = [("idempotency-key", "k")];
        let posted = request("http", address, "POST", MESSAGES, &fields, text).await;
        let (head, answer) = json(posted).await;
        (head.status().as_u16(), answer["position"].clone())
    };
    let (status, position) = post(server.address, "one").await;
    assert_eq!(status, 201);
    server.crash().await;
    while page(&server, "").await["messages"][0].is_object() {}

    assert_eq!(post(server.address, "one").await, (201, position.clone()));
    assert_eq!(post(server.address, "two").await, (422, Value::Null));
    assert_eq!(post(server.address, "one").await, (201, position));
}
