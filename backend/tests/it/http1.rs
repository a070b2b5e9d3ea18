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
    for (framing, status) in [
        ("Content-Length: 4\r\n\r\nfour", 200),
        ("Content-Length: 4\r\nContent-Length: 4\r\n\r\nfour", 200),
        ("Content-Length: 4\r\nContent-Length: 5\r\n\r\nfour", 400),
        ("Content-Length: 4, 4\r\n\r\nfour", 400),
        ("Content-Length: +4\r\n\r\nfour", 400),
        ("Content-Length: 99999999999999999999\r\n\r\n", 413),
        ("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200),
        ("Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", 200),
        ("Transfer-Encoding: gzip\r\n\r\n", 400),
        ("Transfer-Encoding: identity\r\n\r\n", 400),
        ("Transfer-Encoding: chunked, gzip\r\n\r\n", 400),
        ("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        ("Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", 400),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n", 501),
        (
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            501,
        ),
        ("Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ] {
        let request = format!("POST /api/echo HTTP/1.1\r\nHost: localhost\r\n{framing}");
        assert_eq!(status_of(&server, &request).await, status, "{framing}");
    }
    let in_http10 = "POST /api/echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(status_of(&server, in_http10).await, 400);
}

#[tokio::test]
async fn a_head_that_is_in_doubt_is_refused_in_words_and_the_connection_closed() {
    let server = TestServer::start().await;
    for head in [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX: folded\r\n value\r\n\r\n",
        "GET /healthz HTTP/1.1\nHost: a\n\n",
        "GET /healthz HTTP/1.1\r\nHost: a\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n",
        "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz\r\nHost: a\r\n\r\n",
        "GET healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let mut peer = TextPeer::connect(server.address).await;
        peer.send(head).await;
        let answer = peer.head().await;
        assert_eq!(answer.status, 400, "{head:?}");
        let kind = answer.field("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{head:?}");
    }
}

#[tokio::test]
async fn nothing_behind_a_refused_head_is_answered() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    let sound = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let doubtful = "GET /healthz HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n";
    peer.send(&[sound, doubtful, sound].concat()).await;
    let first = peer.head().await;
    assert_eq!(first.status, 200);
    peer.body(&first).await;
    let second = peer.head().await;
    assert_eq!(
        (second.status, second.field("connection")),
        (400, Some("close"))
    );
    peer.body(&second).await;
    assert_eq!(peer.rest().await, b"");
}

#[tokio::test]
async fn a_later_minor_version_is_answered_in_ours_and_another_version_not() {
    let server = TestServer::start().await;
    for (version, status) in [
        ("HTTP/1.2", 200),
        ("HTTP/1.9", 200),
        ("HTTP/2.0", 505),
        ("HTTP/3.0", 505),
        ("HTTP/0.9", 505),
        ("HTTP/2", 400),
        ("http/1.1", 400),
    ] {
        let mut peer = TextPeer::connect(server.address).await;
        peer.send(&format!("GET /healthz {version}\r\nHost: a\r\n\r\n"))
            .await;
        let head = peer.head().await;
        assert_eq!(head.status, status, "{version}");
        assert!(head.text.starts_with("HTTP/1.1 "), "{}", head.text);
    }
}

#[tokio::test]
async fn frames_that_come_with_the_upgrade_are_read_after_it() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    let upgrade = "GET /api/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut bytes = upgrade.as_bytes().to_vec();
    // An empty text message, masked with zeros.
    bytes.extend([0x81, 0x80, 0, 0, 0, 0]);
    peer.try_send(&bytes).await.unwrap();
    assert_eq!(peer.head().await.status, 101);
    assert_eq!(peer.take(2).await, [0x81, 0x00]);
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
