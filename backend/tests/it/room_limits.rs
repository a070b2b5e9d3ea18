//! What a stranger may do in rooms, and what is said at the limit.

use std::time::Instant;

use roomcast_client::http::Versions;
use roomcast_client::websocket::OpenError;
use roomcast_shared::server_message::{RefusalCode, ServerMessage};

use crate::support::room::{Tab, post};
use crate::support::server::TestServer;

const SOCKET: &str = "/api/rooms/lobby/socket";
const MESSAGES: &str = "/api/rooms/lobby/messages";

#[tokio::test]
async fn a_text_of_4000_characters_is_taken_and_one_more_is_not() {
    let server = TestServer::start().await;
    let (head, _) = post(server.address, MESSAGES, &[], &"語".repeat(4_000)).await;
    assert_eq!(head.status(), 201);
    let (head, problem) = post(server.address, MESSAGES, &[], &"語".repeat(4_001)).await;
    assert_eq!(head.status(), 400);
    assert_eq!(
        problem["detail"],
        "A message has at most 4000 characters (Unicode code points), and this one has 4001: split it."
    );
}

#[tokio::test]
async fn the_longest_text_is_the_operators_to_choose_and_the_welcome_tells_it() {
    for max_text_chars in [10, 20_000] {
        let choose = |config: &mut roomcast::config::Config| {
            config.rooms.max_text_chars = max_text_chars;
        };
        let server = TestServer::start_with(choose).await;
        let longest = "🦀".repeat(max_text_chars);
        let longer = format!("{longest}!");
        let refusal = format!(
            "a message has at most {max_text_chars} characters (Unicode code points), and this one has {}: split it.",
            max_text_chars + 1
        );

        let (head, _) = post(server.address, MESSAGES, &[], &longest).await;
        assert_eq!(head.status(), 201);
        let (head, problem) = post(server.address, MESSAGES, &[], &longer).await;
        assert_eq!(head.status(), 400);
        assert_eq!(problem["detail"], refusal.replacen('a', "A", 1));

        let mut tab = Tab::open(server.address, SOCKET).await;
        assert_eq!(tab.welcome.max_text_chars, max_text_chars);
        tab.say("n1", &longest).await;
        tab.find(|message| matches!(message, ServerMessage::Said { .. }).then_some(()))
            .await;
        tab.say("n2", &longer).await;
        let refused = tab.refusal().await;
        assert_eq!(refused.code, RefusalCode::InvalidText);
        assert_eq!(refused.detail, format!("Not sent: {refusal}"));
    }
}

#[tokio::test]
async fn the_longest_text_may_be_escaped_in_the_longest_way() {
    let long = |config: &mut roomcast::config::Config| config.rooms.max_text_chars = 20_000;
    let server = TestServer::start_with(long).await;
    let json = format!(r#"{{"text":"{}"}}"#, r"\ud83e\udd80".repeat(20_000));
    let fields = [("content-type", "application/json")];
    let (head, _) = post(server.address, MESSAGES, &fields, &json).await;
    assert_eq!(head.status(), 201);
    for (bytes, status) in [(16 * 20_000, 400), (16 * 20_000 + 1, 413)] {
        let (head, _) = post(server.address, MESSAGES, &[], &"x".repeat(bytes)).await;
        assert_eq!(head.status(), status, "{bytes}");
    }
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_one_byte_more_is_not() {
    let server = TestServer::start().await;
    // As a text it is too long, but it was read.
    for (bytes, status) in [(64 * 1024, 400), (64 * 1024 + 1, 413)] {
        let (head, _) = post(server.address, MESSAGES, &[], &"x".repeat(bytes)).await;
        assert_eq!(head.status(), status, "{bytes}");
    }
}

#[tokio::test]
async fn twenty_messages_at_once_are_taken_and_one_more_has_to_wait() {
    // So slow that no machine is slow enough to be given a second one meanwhile.
    let slow = |config: &mut roomcast::config::Config| config.rooms.messages_per_second = 1;
    let server = TestServer::start_with(slow).await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    let cookie = tab.cookie.clone().unwrap();
    let fields = [("cookie", cookie.as_str())];
    let started = Instant::now();
    let mut taken = 0;
    let refused = loop {
        let (head, _) = post(server.address, MESSAGES, &fields, "x").await;
        if head.status() == 429 {
            break head;
        }
        taken += 1;
    };
    // The burst, and one for each second that has gone by on a slow machine.
    let refilled = started.elapsed().as_secs();
    assert!((20..=20 + refilled).contains(&taken), "{taken} taken");
    assert_eq!(refused.headers()["retry-after"], "1");
    // The same person at another door is still the same person: their socket has no cookie yet,
    // so it counts with their address instead.
    let mut same = Tab::open_with(server.address, SOCKET, Versions::Http1, &fields)
        .await
        .unwrap();
    same.say("n1", "x").await;
    same.say("n2", "x").await;
    let refusal = same.refusal().await;
    assert_eq!(refusal.code, RefusalCode::TooFast);
    assert!(refusal.retry_after.unwrap() <= 1_000);
    tab.say("n3", "another sender").await;
    tab.find(|message| matches!(message, ServerMessage::Said { .. }).then_some(()))
        .await;
}

#[tokio::test]
async fn new_cookies_do_not_make_one_address_louder_without_end() {
    // So slow that no machine is slow enough to be given as many again meanwhile.
    let few = |config: &mut roomcast::config::Config| {
        config.rooms.messages_per_second = 1;
        config.rooms.message_burst = 50;
        config.rooms.people_per_address = 1;
    };
    let server = TestServer::start_with(few).await;
    let mut statuses = vec![];
    for _ in 0..2 {
        let tab = Tab::open(server.address, SOCKET).await;
        let cookie = tab.cookie.clone().unwrap();
        for _ in 0..50 {
            let fields = [("cookie", cookie.as_str())];
            let (head, _) = post(server.address, MESSAGES, &fields, "x").await;
            statuses.push(head.status().as_u16());
        }
    }
    assert_eq!(statuses[..50], [201; 50]);
    assert!(statuses[50..].contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn one_member_more_than_a_room_has_is_refused() {
    let few = |config: &mut roomcast::config::Config| config.rooms.max_members_per_room = 2;
    let server = TestServer::start_with(few).await;
    let _one = Tab::open(server.address, SOCKET).await;
    let two = Tab::open(server.address, SOCKET).await;
    let open = || Tab::open_with(server.address, SOCKET, Versions::Http1, &[]);
    let refused = open().await.map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, OpenError::Refused { status, .. } if status == 429),
        "{refused}"
    );
    drop(two);
    // The server may hear of it a little later.
    while open().await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_room_more_than_there_may_be_is_refused() {
    let few = |config: &mut roomcast::config::Config| config.rooms.max_rooms = 2;
    let server = TestServer::start_with(few).await;
    let _one = Tab::open(server.address, "/api/rooms/one/socket").await;
    let _two = Tab::open(server.address, "/api/rooms/two/socket").await;
    let three = "/api/rooms/three/socket";
    let refused = Tab::open_with(server.address, three, Versions::Http1, &[]).await;
    let refused = refused.map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, OpenError::Refused { status, .. } if status == 429),
        "{refused}"
    );
}

#[tokio::test]
async fn a_name_that_is_no_room_or_no_person_is_refused() {
    let server = TestServer::start().await;
    for path in ["/api/rooms/a%20b/messages", "/api/rooms/%ff/messages"] {
        let (head, _) = post(server.address, path, &[], "x").await;
        assert_eq!(head.status(), 400, "{path}");
    }
    let named =
        async |name: &str| post(server.address, MESSAGES, &[("roomcast-name", name)], "x").await;
    let (head, _) = named(&"x".repeat(40)).await;
    assert_eq!(head.status(), 201);
    let (head, problem) = named(&"x".repeat(41)).await;
    assert_eq!(head.status(), 400);
    assert_eq!(problem["detail"], "A name has at most 40 characters.");
}
