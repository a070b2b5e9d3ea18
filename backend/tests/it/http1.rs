//! HTTP/1.1 requests that two readers could read in two ways are refused (RFC 9112).

use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

/// The status of the answer to these bytes.
async fn status_of(server: &TestServer, request: &str) -> u16 {
    let mut peer = TextPeer::connect(server.address).await;
    peer.send(request).await;
    peer.head().await.status
}

#[tokio::test]
async fn a_body_whose_length_is_in_doubt_is_refused() {
    let server = TestServer::start().await;
    for framing in [
        "Content-Length: 4\r\nContent-Length: 5\r\n\r\nfour",
        "Content-Length: +4\r\n\r\nfour",
        "Transfer-Encoding: gzip\r\n\r\n",
        "Transfer-Encoding: chunked, gzip\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let request = format!("POST /api/echo HTTP/1.1\r\nHost: localhost\r\n{framing}");
        assert_eq!(status_of(&server, &request).await, 400, "{framing}");
    }
}

#[tokio::test]
async fn a_head_that_is_in_doubt_is_refused() {
    let server = TestServer::start().await;
    for fields in [
        "",
        "Host: a\r\nHost: b\r\n",
        "Host : a\r\n",
        "Host: a\r\nX: folded\r\n value\r\n",
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\n{fields}\r\n");
        assert_eq!(status_of(&server, &request).await, 400, "{fields}");
    }
}

#[tokio::test]
async fn a_client_of_http10_and_one_that_names_the_whole_url_are_served() {
    let server = TestServer::start().await;
    assert_eq!(
        status_of(&server, "GET /healthz HTTP/1.0\r\n\r\n").await,
        200
    );
    let absolute = "GET https://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(status_of(&server, absolute).await, 200);
}

#[tokio::test]
async fn a_host_that_is_none_is_refused() {
    let server = TestServer::start().await;
    for host in ["a b", "a/b", "a@b", "[::1", "x:99999999"] {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(status_of(&server, &request).await, 400, "{host}");
    }
}

#[tokio::test]
async fn options_of_the_whole_server_say_that_it_is_there() {
    let server = TestServer::start().await;
    let request = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(status_of(&server, request).await, 204);
}

#[tokio::test]
async fn connect_is_not_implemented() {
    let server = TestServer::start().await;
    let connect = "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n";
    assert_eq!(status_of(&server, connect).await, 501);
}

#[tokio::test]
async fn the_echo_shows_the_target_as_it_was_sent() {
    let server = TestServer::start().await;
    for target in ["/api/echo?a=%20b", "https://localhost/api/echo?a"] {
        let mut peer = TextPeer::connect(server.address).await;
        let head = peer.get(target).await;
        let report = String::from_utf8(peer.body(&head).await).unwrap();
        let expected = format!("\"target\":\"{target}\"");
        assert!(report.contains(&expected), "{report}");
    }
}
