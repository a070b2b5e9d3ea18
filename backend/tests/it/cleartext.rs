//! Clients that forget the TLS of a port: they are told where it is, and cost no more than others.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::frame::{Frame, GOAWAY, PREFACE};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::{Head, TextPeer};
use crate::support::within;

const SHORT: Duration = Duration::from_millis(50);

/// The answer to a request without TLS, and what comes to the end of the connection.
async fn answer(server: &TestServer, request: &str) -> (Head, String) {
    let mut peer = TextPeer::connect_plain(server.address).await;
    peer.send(request).await;
    let head = peer.head().await;
    let rest = String::from_utf8(peer.rest().await).unwrap();
    (head, rest)
}

#[tokio::test]
async fn a_request_without_tls_is_redirected_and_keeps_its_method() {
    let server = TestServer::start().await;
    for request in [
        "GET /rooms/x?a=b HTTP/1.1\r\nHost: localhost:8443\r\n\r\n",
        "POST /rooms/x?a=b HTTP/1.1\r\nHost: localhost:8443\r\nContent-Length: 5\r\n\r\nhello",
        "GET /rooms/x?a=b HTTP/1.0\r\nHost: localhost:8443\r\n\r\n",
        "GET http://localhost:8443/rooms/x?a=b HTTP/1.1\r\nHost: localhost:8443\r\n\r\n",
    ] {
        let (head, text) = answer(&server, request).await;
        let location = "https://localhost:8443/rooms/x?a=b";
        assert_eq!(head.status, 308, "{request}");
        assert_eq!(head.field("location"), Some(location), "{request}");
        assert_eq!(head.field("cache-control"), Some("no-store"));
        assert_eq!(
            text,
            format!("This port speaks TLS: ask {location} instead.\n")
        );
    }
}

#[tokio::test]
async fn a_host_without_a_port_is_redirected_to_the_port_that_was_asked() {
    let server = TestServer::start().await;
    let (head, _) = answer(&server, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
    let location = format!("https://{}/", server.address);
    assert_eq!(head.field("location"), Some(location.as_str()));
}

#[tokio::test]
async fn a_head_without_tls_has_no_body_and_closes_the_connection() {
    let server = TestServer::start().await;
    let (head, text) = answer(&server, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!((head.status, text.as_str()), (308, ""));
    assert_eq!(head.field("connection"), Some("close"));
}

#[tokio::test]
async fn an_empty_line_before_a_request_without_tls_is_passed_over() {
    let server = TestServer::start().await;
    let (head, _) = answer(&server, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(head.status, 308);
}

#[tokio::test]
async fn a_host_that_is_none_is_redirected_nowhere() {
    let server = TestServer::start().await;
    for fields in [
        "",
        "Host: a b\r\n",
        "Host: user@evil.example\r\n",
        "Host: evil.example/\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a\"b\r\n",
        "Host: [::g]\r\n",
    ] {
        let mut peer = TextPeer::connect_plain(server.address).await;
        peer.send(&format!("GET / HTTP/1.1\r\n{fields}\r\n")).await;
        let head = peer.head().await;
        assert_eq!(head.status, 400, "{fields}");
        assert_eq!(head.field("location"), None, "{fields}");
        // Whoever asks so is sent no second answer on the connection.
        peer.rest().await;
    }
    let (head, text) = answer(&server, "GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(head.status, 400);
    assert!(text.starts_with("This port speaks TLS"), "{text}");
}

#[tokio::test]
async fn http2_without_tls_ends_with_a_reason() {
    let server = TestServer::start().await;
    let mut peer = Peer::open_plain(server.address).await;
    peer.send_bytes(PREFACE).await;
    let goaway: Frame = peer.expect(|frame| frame.kind == GOAWAY).await;
    assert_eq!(goaway.error_code(), 12, "INADEQUATE_SECURITY");
    assert!(goaway.payload.ends_with(b"use https://"), "{goaway:?}");
    peer.expect_close().await;
}

#[tokio::test]
async fn a_head_without_tls_has_the_limits_of_any_other() {
    let server = TestServer::start_with(|config| {
        config.limits.max_header_list_bytes = 8192;
        config.limits.header_timeout = SHORT;
    })
    .await;
    let long = "x".repeat(16 * 1024);
    let (head, _) = answer(
        &server,
        &format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"),
    )
    .await;
    assert_eq!(head.status, 431);
    // A head that is never finished is cut off.
    let mut peer = TextPeer::connect_plain(server.address).await;
    peer.send("GET / HTTP/1.1\r\nHost").await;
    peer.rest().await;
}

#[tokio::test]
async fn silence_and_bytes_of_no_protocol_end_in_time() {
    let server = TestServer::start_with(|config| {
        config.limits.handshake_timeout = SHORT;
        config.limits.header_timeout = SHORT;
    })
    .await;
    for bytes in [
        &b""[..],
        b"\x16",
        b"\x16\x03\x01",
        b"\0\0\0\0",
        b"G",
        b"\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"SSH-2.0-x\r\n",
        b"\xff\xfe",
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        // A reset is an end, too.
        let end = within("the end of the connection", stream.read_to_end(&mut rest)).await;
        let is_redirect = rest.starts_with(b"HTTP/1.1 308");
        assert!(!is_redirect, "{bytes:?}: {end:?}");
    }
}

#[tokio::test]
async fn a_connection_too_many_without_tls_is_told_so() {
    let server = TestServer::start_with(|config| config.limits.max_connections = 1).await;
    let _first = TextPeer::connect(server.address).await;
    let (head, _) = answer(&server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(head.status, 503);
}
