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

/// The people in a room as the list of rooms counts them; `None` for a room that is not in the list.
async fn people_in(server: &TestServer, room: &str) -> Option<u64> {
    let listed = request("https", server.address, "GET", "/api/rooms", &[], "").await;
    let body = within("a body", listed.into_body().collect())
        .await
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    let rooms = json["rooms"].as_array().unwrap();
    let found = rooms.iter().find(|listed| listed["name"] == room)?;
    found["people"].as_u64()
}

#[tokio::test]
async fn a_program_that_previews_a_link_gets_a_page_and_enters_nothing() {
    let server = TestServer::start().await;
    let agent = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)";
    for accept in ["*/*", "text/html", "text/event-stream"] {
        for method in ["GET", "HEAD"] {
            let fields = [("accept", accept), ("user-agent", agent)];
            let answer = request("https", server.address, method, "/rooms/tea", &fields, "").await;
            assert_eq!(answer.status(), 200, "{method} {accept}");
            let head = answer.headers().clone();
            assert_eq!(head["content-type"], "text/html; charset=utf-8");
            assert!(!head.contains_key("set-cookie"));
            let body = within("the page", answer.into_body().collect())
                .await
                .unwrap();
            let page = String::from_utf8(body.to_bytes().to_vec()).unwrap();
            if method == "GET" {
                assert!(
                    page.contains("<meta property=\"og:title\" content=\"#tea\">"),
                    "{page}"
                );
                assert!(page.contains("/rooms/tea\">"), "{page}");
            }
        }
    }
    assert_eq!(people_in(&server, "tea").await, None);
}

#[tokio::test]
async fn a_preview_of_another_page_says_what_it_is() {
    let server = TestServer::start().await;
    for (path, title) in [("/", "Primes"), ("/rooms", "Rooms")] {
        let fields = [("user-agent", "Twitterbot/1.0")];
        let answer = request("https", server.address, "GET", path, &fields, "").await;
        assert_eq!(answer.status(), 200, "{path}");
        let body = within("the page", answer.into_body().collect()).await;
        let page = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
        let title = format!("<meta property=\"og:title\" content=\"{title} · Roomcast\">");
        assert!(page.contains(&title), "{page}");
        assert!(page.contains("/icon-512.png\">"), "{page}");
    }
}

#[tokio::test]
async fn crawlers_are_told_what_not_to_ask_for_and_where_the_icon_is() {
    let server = TestServer::start().await;
    let get = async |path| request("https", server.address, "GET", path, &[], "").await;
    let icon = get("/favicon.ico").await;
    assert_eq!(icon.status(), 308);
    assert_eq!(icon.headers()["location"], "/icon-192.png");
    let body = get("/robots.txt").await.into_body();
    let body = within("the rules", body.collect())
        .await
        .unwrap()
        .to_bytes();
    assert_eq!(
        &body[..],
        b"User-agent: *\nDisallow: /api/\nDisallow: /prime\n"
    );
}

#[tokio::test]
async fn a_reader_of_lines_without_name_and_cookie_is_nobody_in_the_list() {
    let server = TestServer::start().await;
    let fields = [("accept", "*/*")];
    let unnamed = request("https", server.address, "GET", "/rooms/tea", &fields, "").await;
    assert!(!unnamed.headers().contains_key("set-cookie"));
    let mut tab = Tab::open(server.address, "/api/rooms/tea/socket?name=Bob").await;
    assert_eq!(tab.welcome.people.count, 1);
    let path = "/rooms/tea?name=Ada";
    let named = request("https", server.address, "GET", path, &fields, "").await;
    assert!(named.headers().contains_key("set-cookie"));
    while marks(&mut tab).await.len() < 2 {}
    drop((unnamed, named));
}

#[tokio::test]
async fn a_page_that_is_fetched_ahead_makes_nobody_a_person() {
    let server = TestServer::start().await;
    for (purpose, is_person) in [("prefetch", false), ("navigate", true)] {
        let fields = [("accept", "text/html"), ("sec-purpose", purpose)];
        let page = request("https", server.address, "GET", "/rooms/tea", &fields, "").await;
        let cookies = page.headers().get_all("set-cookie").iter();
        let count = cookies
            .filter(|cookie| cookie.to_str().unwrap().starts_with("roomcast_person"))
            .count();
        assert_eq!(count > 0, is_person, "{purpose}");
    }
}
