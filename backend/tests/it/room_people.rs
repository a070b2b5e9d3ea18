//! People in rooms: who could be taken for whom, and who is gone.

use http_body_util::BodyExt as _;
use roomcast_shared::server_message::ServerMessage;
use roomcast_websocket::CloseCode;

use crate::support::room::{Tab, get, post, request};
use crate::support::server::TestServer;
use crate::support::within;

const SOCKET: &str = "/api/rooms/lobby/socket";
const MESSAGES: &str = "/api/rooms/lobby/messages";

/// The next list of people: each name, and whether it is marked.
async fn marks(tab: &mut Tab) -> Vec<(String, bool)> {
    let people = tab.find(|message| match message {
        ServerMessage::Presence(people) => Some(people),
        _ => None,
    });
    let listed = people.await.listed.into_iter();
    listed
        .map(|person| (person.name.to_string(), person.look_alike))
        .collect()
}

fn marked(name: &str, mark: bool) -> (String, bool) {
    (name.to_owned(), mark)
}

#[tokio::test]
async fn who_takes_a_name_later_is_marked_in_the_list_and_in_what_they_say() {
    let server = TestServer::start().await;
    let mut eve = Tab::open(server.address, &format!("{SOCKET}?name=Eve")).await;
    let mut bob = Tab::open(server.address, &format!("{SOCKET}?name=Bob")).await;
    eve.send(r#"{"type":"rename","name":"B0B"}"#).await;
    let expected = [marked("B0B", true), marked("Bob", false)];
    while marks(&mut bob).await != expected {}
    eve.say("n1", "I am Bob").await;
    bob.say("n2", "No, I am").await;
    let fields = [("roomcast-name", "Bob")];
    post(server.address, MESSAGES, &fields, "So am I").await;
    post(server.address, MESSAGES, &[], "I am nobody").await;
    let mut said = Vec::new();
    for _ in 0..4 {
        let event = bob.message().await;
        said.push((event.text.as_str().to_owned(), event.look_alike));
    }
    said.sort_unstable();
    let expected = [
        marked("I am Bob", true),
        marked("I am nobody", false),
        marked("No, I am", false),
        marked("So am I", true),
    ];
    assert_eq!(said, expected);
    // It is kept, as the name is.
    let (_, page) = get(server.address, &format!("{MESSAGES}?from=start")).await;
    let in_history = page["messages"].as_array().unwrap().iter();
    let count = in_history
        .filter(|message| message["look_alike"] == true)
        .count();
    assert_eq!(count, 2);
}

#[tokio::test]
async fn a_name_is_free_again_when_its_person_has_said_goodbye() {
    let server = TestServer::start().await;
    let mut bob = Tab::open(server.address, &format!("{SOCKET}?name=Bob")).await;
    let mut other = Tab::open(server.address, &format!("{SOCKET}?name=Bob")).await;
    assert!(other.welcome.people.listed[1].look_alike);
    within("a goodbye", bob.socket.close(CloseCode::NORMAL, ""))
        .await
        .unwrap();
    while marks(&mut other).await != [marked("Bob", false)] {}
}

/// Nothing is sent while nothing is said, so neither side would notice anything by writing.
#[tokio::test]
async fn who_reads_lines_in_a_quiet_room_has_the_head_at_once_and_is_missed_when_gone() {
    let server = TestServer::plain().await;
    let fields = [("accept", "text/plain")];
    let path = "/rooms/lobby";
    let lines = request("http", server.address, "GET", path, &fields, "").await;
    assert_eq!(lines.headers()["content-type"], "text/plain; charset=utf-8");
    let readers = async || {
        let posted = request("http", server.address, "POST", MESSAGES, &[], "x").await;
        let body = within("a body", posted.into_body().collect())
            .await
            .unwrap();
        let json: serde_json::Value = serde_json::from_slice(&body.to_bytes()).unwrap();
        json["readers"].as_u64().unwrap()
    };
    assert_eq!(readers().await, 1);
    drop(lines);
    // The server may hear of it a little later.
    while readers().await > 0 {}
}
