//! SETTINGS and PING (RFC 9113, sections 6.5 and 6.7; RFC 8441, section 3).

use crate::support::frame::{
    ACK, ENABLE_CONNECT_PROTOCOL, ENABLE_PUSH, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, Frame,
    INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE, PING,
    PREFACE, PROTOCOL_ERROR, SETTINGS,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;

#[tokio::test]
async fn the_server_says_what_it_takes() {
    let server = TestServer::start_with(|config| {
        config.limits.max_concurrent_streams = 77;
        config.limits.max_header_list_bytes = 12_345;
    })
    .await;
    let mut peer = Peer::open(server.address).await;
    peer.send_bytes(PREFACE).await;
    peer.send(Frame::settings(&[])).await;

    let settings = peer.next().await.unwrap();

    assert_eq!(
        (settings.kind, settings.flags, settings.stream),
        (SETTINGS, 0, 0)
    );
    let values = settings.settings_values();
    for expected in [
        (MAX_CONCURRENT_STREAMS, 77),
        (MAX_HEADER_LIST_SIZE, 12_345),
        (ENABLE_CONNECT_PROTOCOL, 1),
    ] {
        assert!(values.contains(&expected), "{values:?}");
    }
    // A server must not set it to 1, and need not set it at all.
    assert!(!values.contains(&(ENABLE_PUSH, 1)));
}

#[tokio::test]
async fn settings_are_acknowledged_each_time() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    for _ in 0..3 {
        peer.send(Frame::settings(&[(INITIAL_WINDOW_SIZE, 70_000)]))
            .await;
        peer.expect(|frame| frame.kind == SETTINGS && frame.has(ACK))
            .await;
    }
}

#[tokio::test]
async fn unknown_settings_are_ignored_and_acknowledged() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::settings(&[(0xf000, 1), (0x0, 5)])).await;
    peer.expect(|frame| frame.kind == SETTINGS && frame.has(ACK))
        .await;
    peer.expect_alive().await;
}

#[tokio::test]
async fn invalid_settings_end_the_connection() {
    let server = TestServer::start().await;
    for (setting, codes) in [
        ((ENABLE_PUSH, 2), [PROTOCOL_ERROR].as_slice()),
        // h2 says PROTOCOL_ERROR, 'for use when a more specific error code is not available'.
        (
            (INITIAL_WINDOW_SIZE, 0x8000_0000),
            &[FLOW_CONTROL_ERROR, PROTOCOL_ERROR],
        ),
        ((MAX_FRAME_SIZE, 16_383), &[PROTOCOL_ERROR]),
        ((MAX_FRAME_SIZE, 16_777_216), &[PROTOCOL_ERROR]),
    ] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(Frame::settings(&[setting])).await;
        peer.expect_connection_error(codes).await;
    }
}

#[tokio::test]
async fn the_extreme_valid_settings_are_taken() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::settings(&[
        (ENABLE_PUSH, 0),
        (INITIAL_WINDOW_SIZE, 0x7fff_ffff),
        (MAX_FRAME_SIZE, 16_777_215),
        (MAX_CONCURRENT_STREAMS, 0),
        (MAX_HEADER_LIST_SIZE, u32::MAX),
    ]))
    .await;
    peer.expect(|frame| frame.kind == SETTINGS && frame.has(ACK))
        .await;
    peer.send(Frame::get(1, "/")).await;
    peer.expect_response(1).await;
}

#[tokio::test]
async fn settings_of_a_wrong_form_end_the_connection() {
    let server = TestServer::start().await;
    for (frame, code) in [
        (Frame::new(SETTINGS, ACK, 0, [0; 6]), FRAME_SIZE_ERROR),
        (Frame::new(SETTINGS, 0, 0, [0; 5]), FRAME_SIZE_ERROR),
        (Frame::new(SETTINGS, 0, 1, []), PROTOCOL_ERROR),
    ] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(frame).await;
        peer.expect_connection_error(&[code]).await;
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_its_own_content() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::ping(*b"12345678")).await;
    let pong = peer.expect(|frame| frame.kind == PING).await;
    assert_eq!(pong, Frame::new(PING, ACK, 0, *b"12345678"));
}

#[tokio::test]
async fn an_answer_to_a_ping_that_was_never_sent_is_not_answered() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::new(PING, ACK, 0, *b"12345678")).await;
    peer.send(Frame::ping(*b"87654321")).await;
    let pong = peer.expect(|frame| frame.kind == PING).await;
    assert_eq!(pong.payload, b"87654321");
}

#[tokio::test]
async fn pings_of_a_wrong_form_end_the_connection() {
    let server = TestServer::start().await;
    for (frame, code) in [
        (Frame::new(PING, 0, 0, [0; 6]), FRAME_SIZE_ERROR),
        (Frame::new(PING, 0, 0, [0; 9]), FRAME_SIZE_ERROR),
        (Frame::new(PING, 0, 1, [0; 8]), PROTOCOL_ERROR),
    ] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(frame).await;
        peer.expect_connection_error(&[code]).await;
    }
}

#[tokio::test]
async fn a_smaller_initial_window_counts_for_streams_that_are_open() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect_with(server.address, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    peer.send(Frame::get(1, "/")).await;
    peer.expect_response(1).await;
    peer.expect_alive().await;
    peer.send(Frame::settings(&[(INITIAL_WINDOW_SIZE, 1)]))
        .await;
    let data = peer.expect(|frame| frame.kind == 0).await;
    assert_eq!((data.stream, data.payload.len()), (1, 1));
}

#[tokio::test]
async fn windows_that_a_change_of_settings_makes_too_large_end_the_connection() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect_with(server.address, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    peer.send(Frame::get(1, "/")).await;
    peer.expect_response(1).await;
    peer.send(Frame::window_update(1, 0x7fff_ffff - 1)).await;
    peer.send(Frame::settings(&[(INITIAL_WINDOW_SIZE, 2)]))
        .await;
    peer.expect_connection_error(&[FLOW_CONTROL_ERROR]).await;
}
