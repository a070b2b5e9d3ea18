//! Every way in which a connection ends over TLS says so: `close_notify` (RFC 8446, section
//! 6.1) tells the peer that nothing was cut off. The peers here fail when it is missing.

use std::time::Duration;

use crate::support::frame::{Frame, GOAWAY, NO_ERROR};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::web_socket::{self, Road};

const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn when_the_client_ends_its_side_of_http2() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(1, "/")).await;
    peer.expect_response(1).await;
    peer.finish().await;
    peer.expect_close().await;
}

#[tokio::test]
async fn when_the_client_says_goaway() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::new(GOAWAY, 0, 0, [0; 8])).await;
    peer.expect_close().await;
}

#[tokio::test]
async fn when_nothing_is_asked_for_over_http2() {
    let server = TestServer::start_with(|config| {
        config.limits.idle_timeout = SHORT;
        config.limits.keep_alive_timeout = SHORT;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.expect(|frame| frame.kind == GOAWAY && frame.error_code() == NO_ERROR)
        .await;
    peer.expect_close().await;
}

#[tokio::test]
async fn when_an_http2_peer_with_an_open_request_answers_no_ping() {
    let server = TestServer::start_with(|config| {
        config.limits.keep_alive_interval = SHORT;
        config.limits.keep_alive_timeout = SHORT;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.expect_close().await;
}

#[tokio::test]
async fn when_the_client_ends_its_side_of_http1() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    let head = peer.get("/").await;
    peer.body(&head).await;
    peer.finish().await;
    assert_eq!(peer.rest().await, b"");
}

#[tokio::test]
async fn when_the_client_asks_for_connection_close() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    let head = peer.head().await;
    assert_eq!(head.field("connection"), Some("close"));
    peer.rest().await;
}

#[tokio::test]
async fn when_nothing_is_asked_for_over_http1() {
    let server = TestServer::start_with(|config| config.limits.idle_timeout = SHORT).await;
    let mut peer = TextPeer::connect(server.address).await;
    let head = peer.get("/").await;
    peer.body(&head).await;
    assert_eq!(peer.rest().await, b"");
}

#[tokio::test]
async fn when_a_head_is_too_long_over_http1() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    // More than the server reads before it answers.
    let long = "x".repeat(200_000);
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n");
    peer.send(&request).await;
    assert_eq!(peer.head().await.status, 431);
    peer.rest().await;
}

#[tokio::test]
async fn when_a_head_is_no_head() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    peer.send("\u{1}\u{2}\u{3}\r\n\r\n").await;
    assert_eq!(peer.head().await.status, 400);
    peer.rest().await;
}

#[tokio::test]
async fn when_the_server_stops() {
    let mut server = TestServer::start_with(|config| config.limits.drain_timeout = SHORT).await;
    let mut silent = Peer::open(server.address).await;
    let mut frames = Peer::connect(server.address).await;
    let mut text = TextPeer::connect(server.address).await;
    let head = text.get("/").await;
    text.body(&head).await;

    server.request_shutdown();

    silent.expect_close().await;
    frames.expect_close().await;
    assert_eq!(text.rest().await, b"");
    server.ended().await;
}

#[tokio::test]
async fn when_the_server_stops_and_a_web_socket_never_answers_its_close() {
    let mut server = TestServer::start_with(|config| config.limits.drain_timeout = SHORT).await;
    let io = web_socket::open_raw(server.address, Road::Http1).await;
    let mut deaf = TextPeer::over(io);

    server.request_shutdown();

    // The Close frame with 1001, nothing after it, and a proper end.
    let said = deaf.rest().await;
    assert_eq!(said[..4], [0x88, said[1], 0x03, 0xe9], "{said:?}");
    assert_eq!(said.len(), 2 + usize::from(said[1]), "{said:?}");
    server.ended().await;
}
