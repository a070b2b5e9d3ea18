//! What was agreed on is spoken, and nothing else (RFC 9113, sections 3.2 to 3.4).

use std::time::Duration;

use crate::support::frame::{Frame, GOAWAY, PREFACE, PROTOCOL_ERROR, SETTINGS};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::tls;

/// The server says SETTINGS and GOAWAY in HTTP/2 and closes properly.
async fn expect_refusal(peer: &mut Peer) {
    let settings = peer.next().await.unwrap();
    assert_eq!((settings.kind, settings.stream), (SETTINGS, 0));
    let goaway = peer.next().await.unwrap();
    assert_eq!((goaway.kind, goaway.error_code()), (GOAWAY, PROTOCOL_ERROR));
    assert_eq!(peer.next().await, None);
}

#[tokio::test]
async fn a_request_in_http1_after_alpn_h2_is_refused_in_http2() {
    let server = TestServer::start().await;
    let mut peer = Peer::open(server.address).await;
    peer.send_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    expect_refusal(&mut peer).await;
}

#[tokio::test]
async fn garbage_after_alpn_h2_is_refused_in_http2() {
    let server = TestServer::start().await;
    for garbage in [
        b"\0".as_slice(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r!",
        &[0x16; 4000],
    ] {
        let mut peer = Peer::open(server.address).await;
        peer.send_bytes(garbage).await;
        expect_refusal(&mut peer).await;
    }
}

#[tokio::test]
async fn half_a_preface_and_then_silence_is_refused_in_http2_when_the_time_is_over() {
    let server = TestServer::start_with(|config| {
        config.limits.header_timeout = Duration::from_millis(50);
    })
    .await;
    let mut peer = Peer::open(server.address).await;
    peer.send_bytes(&PREFACE[..10]).await;
    expect_refusal(&mut peer).await;
}

#[tokio::test]
async fn half_a_preface_and_then_the_end_is_refused_in_http2() {
    let server = TestServer::start().await;
    let mut peer = Peer::open(server.address).await;
    peer.send_bytes(&PREFACE[..10]).await;
    peer.finish().await;
    expect_refusal(&mut peer).await;
}

#[tokio::test]
async fn a_preface_without_settings_after_it_is_a_connection_error() {
    let server = TestServer::start().await;
    let mut peer = Peer::open(server.address).await;
    peer.send_bytes(PREFACE).await;
    peer.send(Frame::ping([0; 8])).await;
    peer.expect_connection_error(&[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_preface_that_comes_byte_by_byte_is_one() {
    let server = TestServer::start().await;
    let mut peer = Peer::open(server.address).await;
    for byte in PREFACE {
        peer.send_bytes(&[*byte]).await;
    }
    peer.send(Frame::settings(&[])).await;
    peer.expect_alive().await;
}

#[tokio::test]
async fn alpn_http1_gets_http1() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    let head = peer.get("/").await;
    assert!(head.text.starts_with("HTTP/1.1 "), "{}", head.text);
}

#[tokio::test]
async fn a_client_without_alpn_gets_http1() {
    let server = TestServer::start().await;
    let io = tls::connect(server.address, &[]).await;
    assert_eq!(io.get_ref().1.alpn_protocol(), None);
    let mut peer = TextPeer::over(io);
    let head = peer.get("/").await;
    assert!(head.text.starts_with("HTTP/1.1 "), "{}", head.text);
}

#[tokio::test]
async fn the_preface_of_http2_after_alpn_http1_gets_no_http2() {
    let server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    peer.expect_no_http2().await;
}

#[tokio::test]
async fn both_protocols_are_offered_and_h2_is_preferred() {
    let server = TestServer::start().await;
    let io = tls::connect(server.address, &[b"http/1.1", b"h2"]).await;
    assert_eq!(io.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
}

#[tokio::test]
async fn a_client_that_offers_neither_protocol_is_turned_away_in_the_handshake() {
    let server = TestServer::start().await;
    let tcp = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let error = tls::handshake(tcp, &[b"spdy/3"]).await.unwrap_err();
    assert!(
        error.to_string().contains("NoApplicationProtocol"),
        "{error}"
    );
}

#[tokio::test]
async fn without_tls_the_first_bytes_choose_the_protocol() {
    let server = TestServer::plain().await;

    let mut text = TextPeer::connect_plain(server.address).await;
    assert!(text.get("/").await.text.starts_with("HTTP/1.1 "));

    let mut frames = Peer::connect_plain(server.address, &[]).await;
    frames.send(Frame::get(1, "/")).await;
    frames.expect_response(1).await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go_when_the_time_is_over() {
    let server = TestServer::start_with(|config| {
        config.limits.header_timeout = Duration::from_millis(50);
    })
    .await;
    let mut frames = Peer::open(server.address).await;
    assert_eq!(frames.next().await, None);
    let mut text = TextPeer::connect(server.address).await;
    assert_eq!(text.rest().await, b"");
}
