//! A server under a path: what it says has the prefix, and what is asked has it or has it not.

use http::Method;
use roomcast_client::http::Versions;

use crate::support::client::{self, Client};
use crate::support::fixture::{self, NEEDS};
use crate::support::room::{Tab, get, post, request};
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

const HTML: (&str, &str) = ("accept", "text/html");

/// Serves the browser client of the fixture under a path.
async fn under(base_path: &str) -> TestServer {
    let page = tempfile::tempdir().unwrap();
    fixture::write(page.path());
    TestServer::start_with(|config| {
        config.assets = Some(page.path().to_owned());
        config.base_path = base_path.parse().unwrap();
    })
    .await
}

#[tokio::test]
async fn the_same_is_answered_with_and_without_the_prefix() {
    let server = under("/tools/chat").await;
    let mut client = Client::connect(server.address).await;
    for (method, path, fields, status) in [
        (Method::GET, "/", &[][..], 200),
        (Method::GET, "/index.html", &[], 200),
        (Method::GET, "/rooms", &[HTML], 200),
        (Method::GET, "/rooms/lobby", &[HTML], 200),
        (Method::GET, "/rooms/lobby?name=A", &[HTML], 200),
        (Method::GET, NEEDS[0], &[], 200),
        (Method::GET, "/prime?count=2&interval=0", &[], 200),
        (Method::GET, "/api/rooms", &[], 200),
        (Method::GET, "/healthz", &[], 200),
        (Method::GET, "/readyz", &[], 200),
        (Method::GET, "/missing", &[], 404),
        (Method::GET, "/missing", &[HTML], 404),
        (Method::GET, "/tools", &[], 404),
        (Method::GET, "/rooms/a/b", &[HTML], 404),
        (Method::OPTIONS, "/rooms/lobby", &[], 204),
        (Method::OPTIONS, "/missing", &[], 204),
        (Method::DELETE, "/rooms/lobby", &[], 405),
        (Method::POST, "/", &[], 405),
    ] {
        let mut answers = Vec::new();
        for prefix in ["", "/tools/chat"] {
            let mut request = client::get(&format!("{prefix}{path}"), fields);
            *request.method_mut() = method.clone();
            let (response, _) = client.begin(request, true).await;
            let mut answer = client::whole(response).await;
            assert_eq!(answer.status(), status, "{method} {prefix}{path}");
            // Each names somebody new, and another moment.
            for name in ["set-cookie", "date"] {
                answer.head.headers_mut().remove(name);
            }
            answers.push(answer);
        }
        assert_eq!(answers[0].body, answers[1].body, "{method} {path}");
        let fields = [0, 1].map(|index: usize| answers[index].head.headers());
        assert_eq!(fields[0], fields[1], "{method} {path}");
    }
}

#[tokio::test]
async fn a_path_that_only_begins_with_the_same_letters_is_not_under_it() {
    let server = under("/chat").await;
    let mut client = Client::connect(server.address).await;
    for path in ["/chatter", "/chatter/rooms", "/Chat/", "/chat/chat/"] {
        assert_eq!(client.get(path, &[]).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_prefix_alone_is_redirected_to_its_page() {
    let server = under("/chat").await;
    let mut client = Client::connect(server.address).await;
    for (path, location) in [("/chat", "/chat/"), ("/chat?a=b", "/chat/?a=b")] {
        let answer = client.get(path, &[HTML]).await;
        assert_eq!(answer.status(), 308);
        assert_eq!(answer.field("location"), Some(location));
        assert_eq!(answer.field("x-content-type-options"), Some("nosniff"));
    }
    let mut peer = TextPeer::connect(server.address).await;
    peer.send("GET /chat HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let head = peer.head().await;
    assert_eq!((head.status, head.field("location")), (308, Some("/chat/")));
}

#[tokio::test]
async fn what_goes_ahead_of_the_page_has_the_prefix() {
    let server = under("/chat").await;
    let mut expected = NEEDS.map(|path| format!("/chat{path}"));
    for path in ["/", "/chat/", "/chat/rooms/lobby"] {
        let (page, pushed) = client::get_with_pushes(server.address, path, &[HTML]).await;
        assert_eq!(page.status(), 200);
        let mut paths: Vec<_> = pushed.iter().map(|(path, _)| path.clone()).collect();
        paths.sort_unstable();
        assert_eq!(paths, expected, "{path}");
        for (path, file) in pushed {
            assert_eq!(file.status(), 200, "{path}");
        }
    }
    let (page, links) = client::get_with_hints(server.address, "/chat/").await;
    for (link, path) in links.iter().zip(&mut expected) {
        assert!(link.starts_with(&format!("<{path}>; rel=")), "{link}");
        assert!(String::from_utf8_lossy(&page.body).contains(&format!("href=\"{path}\"")));
    }
    assert_eq!(links.len(), NEEDS.len());
}

/// A browser that keeps nothing asks for a hinted file twice, by the path that it was told.
#[tokio::test]
async fn a_client_that_asks_twice_for_what_was_hinted_is_hinted_no_more() {
    let server = under("/chat").await;
    let mut client = Client::connect(server.address).await;
    let (mut response, _) = client.begin(client::get("/chat/", &[]), true).await;
    assert!(client::informational(&mut response).await.is_some());
    client::whole(response).await;
    for _ in 0..2 {
        client.get(&format!("/chat{}", NEEDS[1]), &[]).await;
    }
    let (mut response, _) = client.begin(client::get("/chat/", &[]), true).await;
    assert!(client::informational(&mut response).await.is_none());
    client::whole(response).await;
}

#[tokio::test]
async fn cookies_and_locations_have_the_prefix() {
    let server = under("/chat").await;
    let address = server.address;
    let mut client = Client::connect(address).await;
    let page = client.get("/chat/rooms/lobby", &[HTML]).await;
    let cookie = page.field("set-cookie").unwrap();
    assert!(cookie.contains("; Path=/chat; "), "{cookie}");
    let again = client
        .get("/chat/", &[("if-none-match", "\"older\"")])
        .await;
    let cookie = again.field("set-cookie").unwrap();
    assert!(cookie.starts_with("__Secure-bundle-"), "{cookie}");
    assert!(cookie.contains("; Path=/chat; "), "{cookie}");

    for prefix in ["", "/chat"] {
        let messages = format!("{prefix}/api/rooms/lobby/messages");
        let (head, published) = post(address, &messages, &[], "hello").await;
        let location = head.headers()["location"].to_str().unwrap();
        assert!(location.starts_with("/chat/api/rooms/lobby/messages?"));
        let (_, page) = get(address, location).await;
        assert_eq!(page["messages"][0]["position"], published["position"]);
    }
}

#[tokio::test]
async fn links_of_error_pages_and_previews_have_the_prefix() {
    let server = under("/chat").await;
    let mut client = Client::connect(server.address).await;
    for path in ["/missing", "/chat/missing", "/chat/rooms/a.b"] {
        let answer = client.get(path, &[HTML]).await;
        let html = String::from_utf8(answer.body).unwrap();
        assert!(html.contains("href=\"/chat/rooms\""), "{html}");
        for link in html.split("href=\"").skip(1) {
            assert!(link.starts_with("/chat/"), "{html}");
        }
    }
    let agent = ("user-agent", "Slackbot-LinkExpanding 1.0");
    for path in ["/rooms/lobby", "/chat/rooms/lobby"] {
        let preview = client.get(path, &[HTML, agent]).await;
        let html = String::from_utf8(preview.body).unwrap();
        for place in ["/rooms/lobby\"", "/icon-512.png\""] {
            let url = format!("content=\"https://localhost/chat{place}");
            assert!(html.contains(&url), "{html}");
        }
    }
}

#[tokio::test]
async fn a_request_without_tls_is_redirected_under_the_prefix() {
    let server = under("/chat").await;
    for path in ["/rooms/x?a=b", "/chat/rooms/x?a=b"] {
        let mut peer = TextPeer::connect_plain(server.address).await;
        peer.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost:1\r\n\r\n"))
            .await;
        let head = peer.head().await;
        let location = "https://localhost:1/chat/rooms/x?a=b";
        assert_eq!((head.status, head.field("location")), (308, Some(location)));
    }
}

#[tokio::test]
async fn a_web_socket_opens_with_and_without_the_prefix_over_both_protocols() {
    let server = under("/chat").await;
    for versions in [Versions::Http1, Versions::Http2] {
        for path in ["/rooms/lobby", "/chat/rooms/lobby"] {
            let nonce = format!("{versions:?}-{}", path.len());
            let path = format!("{path}?from=now");
            let mut tab = Tab::open_with(server.address, &path, versions, &[])
                .await
                .unwrap();
            tab.say(&nonce, "hello").await;
            assert_eq!(tab.message().await.text.as_str(), "hello");
        }
    }
}

#[tokio::test]
async fn the_echo_reports_the_address_as_it_came() {
    let server = under("/chat").await;
    for path in ["/api/echo?x", "/chat/api/echo?x"] {
        let (_, report) = get(server.address, path).await;
        assert_eq!(report["target"], path);
    }
}

#[tokio::test]
async fn at_the_root_a_prefix_is_a_path_like_any_other() {
    let server = TestServer::with_page().await;
    for path in ["/chat", "/chat/", "/chat/healthz"] {
        let answer = request("https", server.address, "GET", path, &[], "").await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}
