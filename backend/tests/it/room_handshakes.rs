//! Handshakes that fail: what the server answers, tells on request, and logs.

use std::net::SocketAddr;

use roomcast_client::http::Versions;
use roomcast_client::websocket::OpenError;
use serde_json::Value;

use crate::support::room::{EventReader, Tab, get, json, post, request};
use crate::support::server::TestServer;

/// The room's own address, as the page opens it.
const ROOM: &str = "/rooms/lobby?attempt=one";
const REPORT: &str = "/api/rooms/lobby/socket?attempt=one";

async fn report(address: SocketAddr, origin: Option<&str>) -> (u16, Value) {
    let host = format!("https://{address}");
    let fields = [("origin", origin.unwrap_or(&host))];
    let (head, report) = post(address, REPORT, &fields, "").await;
    (head.status().as_u16(), report)
}

#[tokio::test]
async fn a_handshake_that_never_came_is_reported_as_unseen() {
    let server = TestServer::start().await;
    let (status, report) = report(server.address, None).await;
    assert_eq!((status, &report["handshake"]), (200, &"unseen".into()));
    let detail = report["detail"].as_str().unwrap();
    assert!(detail.starts_with("WebSockets are blocked on the way here."));
}

#[tokio::test]
async fn a_handshake_that_was_accepted_is_reported_as_such() {
    let server = TestServer::start().await;
    for versions in [Versions::Http1, Versions::Http2] {
        let tab = Tab::open_with(server.address, ROOM, versions, &[]).await;
        tab.unwrap();
        let (status, report) = report(server.address, None).await;
        assert_eq!((status, &report["handshake"]), (200, &"accepted".into()));
    }
}

#[tokio::test]
async fn a_handshake_without_its_upgrade_is_no_stream_and_says_what_to_set() {
    let server = TestServer::plain().await;
    let origin = format!("http://{}", server.address);
    // What a browser sends, but for Upgrade and Connection.
    let fields = [
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("origin", origin.as_str()),
    ];
    let ask = async |method: &str, path: &str, fields: &[(&'static str, &str)]| {
        json(request("http", server.address, method, path, fields, "").await).await
    };
    let (head, problem) = ask("GET", ROOM, &fields[..]).await;
    assert_eq!(head.status(), 426);
    assert!(problem["detail"].as_str().unwrap().contains("nginx:"));
    let (head, report) = ask("POST", REPORT, &fields[2..]).await;
    assert_eq!(head.status(), 200);
    assert_eq!(report["handshake"], "stripped");
    assert_eq!(report["detail"], problem["detail"]);
    // Nobody has entered.
    let (_, lobby) = ask("GET", "/api/rooms", &[]).await;
    assert_eq!(lobby["rooms"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_refused_origin_is_told_to_the_request_that_asks_why() {
    let server = TestServer::start().await;
    let origin = "https://chat.example:8081";
    let fields = [("origin", origin)];
    let refused = Tab::open_with(server.address, ROOM, Versions::Http1, &fields);
    let Err(OpenError::Refused { status, detail, .. }) = refused.await.map(|_| ()) else {
        panic!("the origin is foreign");
    };
    assert_eq!(status, 403);
    assert!(detail.unwrap().contains(origin));
    // Another origin than that of the handshake can do without a WebSocket.
    for (asked_by, answer) in [(Some(origin), 403), (None, 200)] {
        let (status, told) = report(server.address, asked_by).await;
        assert_eq!(status, answer);
        if answer == 200 {
            assert_eq!(told["handshake"], "refused");
        }
        let detail = told["detail"].as_str().unwrap();
        for part in [
            origin.to_owned(),
            format!("asked as {}", server.address),
            format!("--allow-origin {origin}"),
            "proxy_set_header Host $http_host;".to_owned(),
        ] {
            assert!(detail.contains(&part), "{part}: {detail}");
        }
    }
}

#[tokio::test]
async fn a_full_room_is_told_with_the_time_to_come_back() {
    let server = TestServer::start_with(|config| config.rooms.max_members_per_room = 1).await;
    let _tab = Tab::open(server.address, "/rooms/lobby").await;
    let second = Tab::open_with(server.address, ROOM, Versions::Http2, &[]).await;
    assert!(matches!(second, Err(OpenError::Refused { .. })));
    let host = format!("https://{}", server.address);
    let (head, problem) = post(server.address, REPORT, &[("origin", &host)], "").await;
    assert_eq!(head.status(), 429);
    assert_eq!(head.headers()["retry-after"], "10");
    assert!(problem["detail"].as_str().unwrap().contains("full"));
}

#[tokio::test]
async fn a_page_without_a_websocket_is_welcomed_over_its_event_stream() {
    let server = TestServer::start().await;
    let path = "/api/rooms/Lobby/events?from=now&welcome=true&heartbeat=1&name=Ada";
    let mut events = EventReader::open(server.address, path, &[]).await;
    let welcome: Value = serde_json::from_str(&events.find("welcome").await.data).unwrap();
    assert_eq!(welcome["type"], "welcome");
    assert_eq!(welcome["you"]["name"], "Ada");
    assert_eq!(welcome["room"], "lobby");
    assert_eq!(welcome["people"]["count"], 1);
    assert_eq!(events.find("pong").await.data, r#"{"type":"pong"}"#);
    for heartbeat in ["0", "16", "1.5", "no"] {
        let path = format!("/api/rooms/lobby/events?heartbeat={heartbeat}");
        let (head, _) = get(server.address, &path).await;
        assert_eq!(head.status(), 400, "{heartbeat}");
    }
}

#[tokio::test]
async fn a_reader_of_an_event_stream_is_seen_typing_until_they_publish() {
    let server = TestServer::start().await;
    let mut other = EventReader::open(server.address, "/api/rooms/lobby/events", &[]).await;
    let tab = Tab::open(server.address, "/rooms/lobby").await;
    let cookie = tab.cookie.clone().unwrap();
    let fields = [("cookie", cookie.as_str())];
    let typing = async |events: &mut EventReader| {
        let typing: Value = serde_json::from_str(&events.find("typing").await.data).unwrap();
        typing["people"].as_array().unwrap().len()
    };
    let path = "/api/rooms/lobby/typing";
    let ask = async |fields: &[(&'static str, &str)]| {
        request("https", server.address, "POST", path, fields, "").await
    };
    assert_eq!(ask(&fields).await.status(), 204);
    while typing(&mut other).await != 1 {}
    post(server.address, "/api/rooms/lobby/messages", &fields, "said").await;
    while typing(&mut other).await != 0 {}
    // Whoever is not in the room types nowhere.
    assert_eq!(ask(&[]).await.status(), 204);
}
