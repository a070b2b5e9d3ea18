//! Rooms: everybody in one sees everybody, whichever way they came.

use http_body_util::BodyExt as _;
use roomcast_client::http::Versions;
use roomcast_shared::server_message::{RefusalCode, ServerMessage};
use roomcast_websocket::CloseCode;
use serde_json::json;

use crate::support::room::{EventReader, Tab, get, post, request};
use crate::support::server::TestServer;
use crate::support::within;

const SOCKET: &str = "/api/rooms/lobby/socket";
const EVENTS: &str = "/api/rooms/lobby/events";
const MESSAGES: &str = "/api/rooms/lobby/messages";

/// The offset of a position as text.
fn offset(position: &str) -> u64 {
    position.split_once('-').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn people_over_every_road_see_each_other() {
    let server = TestServer::start().await;
    let mut one = Tab::open(server.address, &format!("{SOCKET}?name=Ada")).await;
    let mut two = Tab::open_with(server.address, "/rooms/Lobby", Versions::Http2, &[])
        .await
        .unwrap();
    let mut events = EventReader::open(server.address, EVENTS, &[]).await;
    one.say("n1", "Grüße").await;
    let fields = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("roomcast-name", "cron"),
    ];
    let (head, published) = post(server.address, MESSAGES, &fields, "deploy finished").await;
    assert_eq!(head.status(), 201);
    assert_eq!(published["readers"], 3);
    for tab in [&mut one, &mut two] {
        let mut messages = [tab.message().await, tab.message().await];
        messages.sort_by_key(|event| event.person.name.to_string());
        assert_eq!(messages[0].person.name.as_str(), "Ada");
        assert_eq!(messages[0].text.as_str(), "Grüße");
        assert_eq!(messages[1].person.name.as_str(), "cron");
        assert_eq!(messages[1].text.as_str(), "deploy finished");
    }
    assert_eq!(offset(&events.find("message").await.last_event_id), 1);
    assert_eq!(offset(&events.find("message").await.last_event_id), 2);
}

#[tokio::test]
async fn the_location_of_a_message_shows_it() {
    let server = TestServer::start().await;
    post(server.address, MESSAGES, &[], "one").await;
    let (head, published) = post(server.address, MESSAGES, &[], "two").await;
    let location = head.headers()["location"].to_str().unwrap();
    let (_, page) = get(server.address, location).await;
    assert_eq!(page["messages"][0]["text"], "two");
    assert_eq!(page["messages"][0]["position"], published["position"]);
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_published_once() {
    let server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    let said = |message| match message {
        ServerMessage::Said { nonce, position } => Some((nonce, position)),
        _ => None,
    };
    tab.say("n1", "hello").await;
    let first = tab.find(said).await;
    tab.say("n1", "hello").await;
    assert_eq!(tab.find(said).await, first);
    tab.say("n1", "something else").await;
    let refusal = tab.refusal().await;
    assert_eq!(refusal.code, RefusalCode::NonceReused);
    assert_eq!(refusal.nonce.as_deref(), Some("n1"));
    let key = [("idempotency-key", "\"n1\"")];
    let (head, again) = post(server.address, MESSAGES, &key, "hello").await;
    assert_eq!(head.status(), 201);
    assert_eq!(again["position"], first.1.to_string());
    let (head, _) = post(server.address, MESSAGES, &key, "something else").await;
    assert_eq!(head.status(), 422);
    let (_, page) = get(server.address, MESSAGES).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_comes_back_with_a_position_gets_what_they_missed() {
    let server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    post(server.address, MESSAGES, &[], "1").await;
    let seen = tab.message().await.position;
    drop(tab);
    for text in ["2", "3"] {
        post(server.address, MESSAGES, &[], text).await;
    }
    let mut tab = Tab::open(server.address, &format!("{SOCKET}?from={seen}")).await;
    assert_eq!(tab.welcome.position, seen);
    assert_eq!(tab.message().await.text.as_str(), "2");
    assert_eq!(tab.message().await.text.as_str(), "3");
    let is_caught_up = |message| matches!(message, ServerMessage::CaughtUp { .. }).then_some(());
    tab.find(is_caught_up).await;
    let id = seen.to_string();
    let mut events = EventReader::open(
        server.address,
        &format!("{EVENTS}?from=start"),
        &[("last-event-id", &id)],
    )
    .await;
    let event = events.find("message").await;
    assert_eq!(offset(&event.last_event_id), seen.offset + 1);
}

/// Memory holds a few of them, the sockets between some more; the rest waits in the log.
#[tokio::test]
async fn who_reads_late_gets_everything() {
    const COUNT: u64 = 300;
    let server = TestServer::start_with(|config| {
        config.rooms.message_burst = 1_000;
        config.rooms.room_tail_bytes = 32 * 1024;
    })
    .await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    let mut events = EventReader::open(server.address, EVENTS, &[]).await;
    let text = "語".repeat(4_000);
    for _ in 0..COUNT {
        let (head, _) = post(server.address, MESSAGES, &[], &text).await;
        assert_eq!(head.status(), 201);
    }
    for expected in 1..=COUNT {
        assert_eq!(tab.message().await.position.offset, expected);
        let event = events.find("message").await;
        assert_eq!(offset(&event.last_event_id), expected);
    }
}

#[tokio::test]
async fn an_event_stream_begins_with_a_position_even_in_a_quiet_room() {
    let server = TestServer::start().await;
    let mut events = EventReader::open(server.address, EVENTS, &[]).await;
    let caught_up = events.find("caught-up").await;
    assert_eq!(offset(&caught_up.last_event_id), 0);
    let people: serde_json::Value =
        serde_json::from_str(&events.find("presence").await.data).unwrap();
    assert_eq!(people["count"], 1);
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_the_connection_stays() {
    let server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    for (sent, code) in [
        ("no JSON", RefusalCode::Invalid),
        (r#"{"type":"dance"}"#, RefusalCode::Invalid),
        (
            r#"{"type":"say","nonce":"","text":"a"}"#,
            RefusalCode::InvalidNonce,
        ),
        (
            r#"{"type":"say","nonce":"n","text":" "}"#,
            RefusalCode::InvalidText,
        ),
        (
            r#"{"type":"rename","name":"\u200b"}"#,
            RefusalCode::InvalidName,
        ),
    ] {
        tab.send(sent).await;
        assert_eq!(tab.refusal().await.code, code, "{sent}");
    }
    tab.say("n", "still here").await;
    assert_eq!(tab.message().await.text.as_str(), "still here");
}

#[tokio::test]
async fn a_ping_is_answered_after_what_was_said_before_it() {
    let server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    tab.say("nonce", "hello").await;
    tab.send(r#"{"type":"ping"}"#).await;
    let mut answers = Vec::new();
    while answers.last() != Some(&ServerMessage::Pong) {
        let answer = tab
            .find(|message| match message {
                ServerMessage::Said { .. } | ServerMessage::Pong => Some(message),
                _ => None,
            })
            .await;
        answers.push(answer);
    }
    assert!(matches!(
        answers.as_slice(),
        [ServerMessage::Said { .. }, ServerMessage::Pong]
    ));
}

#[tokio::test]
async fn what_cannot_be_answered_closes_with_its_code() {
    let server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    let binary = bytes::Bytes::from_static(b"binary");
    within("a send", tab.socket.send(binary)).await.unwrap();
    assert_eq!(tab.close_code().await, CloseCode::UNSUPPORTED_DATA);
    let mut tab = Tab::open(server.address, SOCKET).await;
    tab.send(&" ".repeat(64 * 1024 + 1)).await;
    let error = loop {
        match within("a close", tab.socket.recv()).await {
            Ok(Some(_)) => {}
            Ok(None) => break tab.socket.peer_close().expect("a code").code(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(error, CloseCode::MESSAGE_TOO_BIG);
}

#[tokio::test]
async fn three_tabs_are_one_person_and_a_new_name_is_seen_by_all() {
    let server = TestServer::start().await;
    let mut one = Tab::open(server.address, &format!("{SOCKET}?name=Ada")).await;
    let cookie = one.cookie.clone().unwrap();
    let fields = [("cookie", cookie.as_str())];
    let mut two = Tab::open_with(server.address, SOCKET, Versions::Http2, &fields)
        .await
        .unwrap();
    assert_eq!(two.cookie, None);
    assert_eq!(two.welcome.you, one.welcome.you);
    let mut other = Tab::open(server.address, SOCKET).await;
    assert_eq!(other.welcome.people.count, 2);
    two.send(r#"{"type":"rename","name":"Countess"}"#).await;
    for tab in [&mut one, &mut two, &mut other] {
        tab.find(|message| match message {
            ServerMessage::Presence(people) => {
                let names = people.listed.iter().map(|person| person.name.as_str());
                (people.count == 2 && names.into_iter().any(|name| name == "Countess"))
                    .then_some(())
            }
            _ => None,
        })
        .await;
    }
    one.send(r#"{"type":"typing"}"#).await;
    let typing = other.find(|message| match message {
        ServerMessage::Typing { people } => Some(people),
        _ => None,
    });
    assert_eq!(typing.await, [one.welcome.you.id]);
}

#[tokio::test]
async fn history_has_every_offset_both_ways() {
    let server = TestServer::start_with(|config| config.rooms.message_burst = 100).await;
    for number in 1..=25 {
        post(server.address, MESSAGES, &[], &number.to_string()).await;
    }
    let offsets = |page: &serde_json::Value| -> Vec<u64> {
        let messages = page["messages"].as_array().unwrap().iter();
        messages
            .map(|message| offset(message["position"].as_str().unwrap()))
            .collect()
    };
    let (_, page) = get(server.address, &format!("{MESSAGES}?limit=10")).await;
    assert_eq!(offsets(&page), (16..=25).collect::<Vec<_>>());
    assert_eq!(page["newer"], json!(null));
    let before = page["older"].as_str().unwrap();
    let (_, page) = get(
        server.address,
        &format!("{MESSAGES}?limit=20&before={before}"),
    )
    .await;
    assert_eq!(offsets(&page), (1..=15).collect::<Vec<_>>());
    assert_eq!(page["older"], json!(null));
    let from = page["newer"].as_str().unwrap();
    let (_, page) = get(server.address, &format!("{MESSAGES}?limit=5&from={from}")).await;
    assert_eq!(offsets(&page), (16..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_rooms_address_answers_every_client() {
    let server = TestServer::start().await;
    let address = server.address;
    let room = "/rooms/Lobby";
    let (head, _) = post(address, room, &[], "hello").await;
    assert_eq!(head.status(), 201);
    assert_eq!(head.headers()["vary"], "Accept");
    let (_, page) = get(address, room).await;
    assert_eq!(page["messages"][0]["text"], "hello");
    let mut events = EventReader::open(address, room, &[]).await;
    events.find("message").await;
    let lines = request("https", address, "GET", room, &[("accept", "*/*")], "").await;
    assert_eq!(lines.headers()["content-type"], "text/plain; charset=utf-8");
    let mut body = lines.into_body();
    let first = within("a line", body.frame()).await.unwrap().unwrap();
    let line = String::from_utf8(first.into_data().unwrap().to_vec()).unwrap();
    assert!(
        line.starts_with("Guest ") && line.ends_with(": hello\n"),
        "{line}"
    );
    let gone = request("https", address, "DELETE", room, &[], "").await;
    assert_eq!(gone.status(), 405);
    assert_eq!(gone.headers()["allow"], "GET, HEAD, POST, OPTIONS");
}

#[tokio::test]
async fn the_lobby_lists_the_busiest_first_and_live() {
    let server = TestServer::start().await;
    post(server.address, "/api/rooms/quiet/messages", &[], "x").await;
    let mut lobby = EventReader::open(server.address, "/api/rooms/events", &[]).await;
    let first = lobby.find("lobby").await.data;
    assert!(first.contains(r#""name":"quiet","people":0"#), "{first}");
    let _tab = Tab::open(server.address, "/api/rooms/busy/socket").await;
    loop {
        let event = lobby.find("lobby").await.data;
        if event.contains(r#""name":"busy","people":1"#) {
            break;
        }
    }
    let (_, rooms) = get(server.address, "/api/rooms").await;
    let names: Vec<_> = rooms["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|room| &room["name"])
        .collect();
    assert_eq!(names, ["busy", "quiet"]);
}

#[tokio::test]
async fn pages_of_other_sites_may_neither_read_nor_post_unless_allowed() {
    let allow = |config: &mut roomcast::config::Config| {
        config.rooms.allow_origins = vec!["https://friend.example".to_owned()];
    };
    let server = TestServer::start_with(allow).await;
    let status = async |origin: &str| {
        let fields = [("origin", origin)];
        let (head, _) = post(server.address, MESSAGES, &fields, "x").await;
        head.status().as_u16()
    };
    assert_eq!(status("https://evil.example").await, 403);
    assert_eq!(status("https://friend.example").await, 201);
    assert_eq!(status(&format!("https://{}", server.address)).await, 201);
    assert_eq!(status(&format!("http://{}", server.address)).await, 403);
    let fields = [("origin", "https://evil.example")];
    for versions in [Versions::Http1, Versions::Http2] {
        let refused = Tab::open_with(server.address, SOCKET, versions, &fields).await;
        assert!(refused.is_err());
    }
}

#[tokio::test]
async fn an_allowed_page_may_ask_beforehand_for_what_it_sends_and_read_the_answer() {
    let allow = |config: &mut roomcast::config::Config| {
        config.rooms.allow_origins = vec!["https://friend.example".to_owned()];
    };
    let server = TestServer::start_with(allow).await;
    let ask = async |path: &str, origin: &str| {
        let fields = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        request("https", server.address, "OPTIONS", path, &fields, "").await
    };
    for path in [MESSAGES, EVENTS, SOCKET, "/api/rooms", "/rooms/lobby"] {
        let answer = ask(path, "https://friend.example").await;
        assert_eq!(answer.status(), 204, "{path}");
        let field = |name: &str| answer.headers()[name].to_str().unwrap();
        assert_eq!(
            field("access-control-allow-origin"),
            "https://friend.example"
        );
        assert!(field("access-control-allow-methods").contains("POST"));
        assert!(field("access-control-allow-headers").contains("content-type"));
        assert!(
            answer
                .headers()
                .get_all("vary")
                .iter()
                .any(|vary| vary == "Origin")
        );
        assert_eq!(
            ask(path, "https://evil.example").await.status(),
            403,
            "{path}"
        );
    }
    let fields = [("origin", "https://friend.example")];
    let (head, _) = post(server.address, MESSAGES, &fields, "x").await;
    assert_eq!(head.status(), 201);
    let readable = head.headers()["access-control-expose-headers"]
        .to_str()
        .unwrap();
    assert!(readable.contains("location"), "{readable}");
    // Who they are is kept for that site's pages, where browsers would keep no other cookie.
    let cookie = head.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.ends_with("; SameSite=None; Secure; Partitioned"),
        "{cookie}"
    );
    let (head, _) = post(server.address, MESSAGES, &[], "x").await;
    let cookie = head.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused_in_words() {
    let server = TestServer::start().await;
    for (path, cause) in [
        (
            format!("{MESSAGES}?limit=abc"),
            "The query in the address is not understood: limit: invalid digit found in string.",
        ),
        (
            format!("{MESSAGES}?from=start&from=now"),
            "The parameter \"from\" is given twice: give it once.",
        ),
        (format!("{EVENTS}?name=%FF"), "Write the name in UTF-8."),
    ] {
        let (head, problem) = get(server.address, &path).await;
        assert_eq!(head.status(), 400, "{path}");
        assert_eq!(head.headers()["content-type"], "application/problem+json");
        assert_eq!(problem["detail"], cause, "{path}");
    }
}

#[tokio::test]
async fn who_asks_only_for_the_head_of_a_stream_does_not_enter() {
    let server = TestServer::start().await;
    for (path, accept) in [
        ("/rooms/lobby", "*/*"),
        ("/rooms/lobby", "text/event-stream"),
        (EVENTS, "*/*"),
    ] {
        let fields = [("accept", accept)];
        let head = request("https", server.address, "HEAD", path, &fields, "").await;
        assert_eq!(head.status(), 200);
        assert!(head.headers().contains_key("content-type"));
        assert!(!head.headers().contains_key("content-length"));
    }
    let (_, rooms) = get(server.address, "/api/rooms").await;
    assert_eq!(rooms["rooms"], json!([]));
}

#[tokio::test]
async fn a_stop_tells_readers_to_come_back() {
    let mut server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    let _events = EventReader::open(server.address, EVENTS, &[]).await;
    server.request_shutdown();
    assert_eq!(tab.close_code().await, CloseCode::SERVICE_RESTART);
    drop(tab);
    server.ended().await;
}
