//! The fields by which browsers guard people, on every kind of response.

use h2::ext::Protocol;
use http::{HeaderMap, Method};

use crate::support::client::{self, Client};
use crate::support::fixture::NEEDS;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

/// Checks what every response has, and what a document has besides.
fn expect_guarded(what: &str, headers: &HeaderMap) {
    let field = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(field("x-content-type-options"), Some("nosniff"), "{what}");
    let policy = if field("access-control-allow-origin") == Some("*") {
        "cross-origin"
    } else {
        "same-origin"
    };
    assert_eq!(
        field("cross-origin-resource-policy"),
        Some(policy),
        "{what}"
    );
    assert_eq!(field("strict-transport-security"), None, "{what}");
    if field("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        let policy = field("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
        for name in ["permissions-policy", "referrer-policy"] {
            assert!(field(name).is_some(), "{what}: {name}");
        }
    }
}

#[tokio::test]
async fn they_are_on_every_kind_of_response_over_http2() {
    let server = TestServer::with_page().await;
    let mut client = Client::connect(server.address).await;
    let html = ("accept", "text/html");
    let page = client.get("/", &[]).await;
    let tag = page.field("etag").unwrap();
    for (method, path, fields, status) in [
        (Method::GET, "/", &[][..], 200),
        (Method::HEAD, "/", &[], 200),
        (Method::GET, "/", &[("if-none-match", tag)], 304),
        (Method::GET, "/rooms/lobby", &[html], 200),
        (Method::GET, NEEDS[1], &[], 200),
        (Method::GET, "/missing", &[], 404),
        (Method::GET, "/missing", &[html], 404),
        (Method::POST, "/", &[], 405),
        (Method::DELETE, "/rooms/lobby", &[], 405),
        (Method::GET, "/prime?interval=0&count=1", &[], 200),
        (Method::GET, "/prime?last-event-id=100", &[], 204),
        (Method::GET, "/prime?from=x", &[], 400),
        (Method::GET, "/prime?from=x", &[html], 400),
        (Method::GET, "/api/rooms", &[], 200),
        (Method::GET, "/api/rooms/%FF/messages", &[html], 400),
        (Method::GET, "/api/rooms/lobby/messages", &[], 200),
        (
            Method::GET,
            "/rooms/lobby",
            &[("origin", "https://evil.example")],
            403,
        ),
        (Method::GET, "/api/echo", &[], 200),
        (
            Method::POST,
            "/api/echo",
            &[("content-length", "9999999999")],
            413,
        ),
        (Method::GET, "/healthz", &[], 200),
    ] {
        let what = format!("{method} {path} {fields:?}");
        let mut request = client::get(path, fields);
        *request.method_mut() = method;
        let ends = request.method() != Method::POST || path == "/";
        let (response, _stream) = client.begin(request, ends).await;
        let whole = client::whole(response).await;
        assert_eq!(whole.status(), status, "{what}");
        expect_guarded(&what, whole.head.headers());
        if fields.contains(&html) && status >= 400 {
            let kind = whole.field("content-type");
            assert_eq!(kind, Some("text/html; charset=utf-8"), "{what}");
        }
    }
}

#[tokio::test]
async fn they_are_on_what_the_protocols_themselves_refuse() {
    let server = TestServer::start().await;
    for request in [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
        "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n",
    ] {
        let mut peer = TextPeer::connect(server.address).await;
        peer.send(request).await;
        let head = peer.head().await;
        assert!(head.status >= 400, "{}", head.text);
        assert_eq!(
            head.field("x-content-type-options"),
            Some("nosniff"),
            "{request}"
        );
    }
    let mut client = Client::connect(server.address).await;
    let mut request = client::get("/api/echo", &[]);
    *request.method_mut() = Method::CONNECT;
    let protocol = Protocol::from_static("connect-udp");
    request.extensions_mut().insert(protocol);
    let (response, _stream) = client.begin(request, false).await;
    let whole = client::whole(response).await;
    assert_eq!(whole.status(), 501);
    expect_guarded("connect-udp", whole.head.headers());
}
