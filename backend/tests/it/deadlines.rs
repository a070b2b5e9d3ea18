//! What a peer has begun must be complete in time, whichever protocol it speaks: see the table of deadlines in
//! ARCHITECTURE.md.

use std::time::Duration;

use crate::support::frame::{
    CONTINUATION, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, Frame, HEADERS, PREFACE,
    header_block, request,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::within;

const SHORT: Duration = Duration::from_millis(100);

/// A server in which only what is begun has little time.
async fn server() -> TestServer {
    TestServer::start_with(|config| config.limits.header_timeout = SHORT).await
}

/// The head of a request without its last byte.
fn unfinished_head() -> Frame {
    let block = header_block(&request("GET", "/healthz"));
    Frame::new(HEADERS, END_STREAM, 1, &block[..block.len() - 1])
}

#[tokio::test]
async fn a_header_block_that_is_not_continued_ends_the_connection() {
    let server = server().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(unfinished_head()).await;
    peer.expect_connection_error(&[ENHANCE_YOUR_CALM]).await;
}

#[tokio::test]
async fn a_frame_of_headers_that_is_not_completed_ends_the_connection() {
    let server = server().await;
    let whole = Frame::get(1, "/healthz").bytes();
    for begun in [3, 9, whole.len() - 1] {
        let mut peer = Peer::connect(server.address).await;
        peer.send_bytes(&whole[..begun]).await;
        peer.expect_connection_error(&[ENHANCE_YOUR_CALM]).await;
    }
}

#[tokio::test]
async fn a_header_block_in_a_trickle_beside_an_open_stream_ends_the_connection() {
    let server = server().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(1, "/prime?interval=3600s")).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.send(Frame::new(HEADERS, END_STREAM, 3, [])).await;
    let trickle = async {
        let mut ticks = tokio::time::interval(SHORT / 4);
        let block = header_block(&[("x", &"y".repeat(10_000))]);
        for byte in Frame::new(CONTINUATION, END_HEADERS, 3, block).bytes() {
            ticks.tick().await;
            if peer.try_send_bytes(&[byte]).await.is_err() {
                break;
            }
        }
    };
    within("the server to cut off a trickle", trickle).await;
}

#[tokio::test]
async fn trailers_that_are_not_completed_end_the_connection() {
    let server = server().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::data(1, 0, "body")).await;
    peer.send(Frame::new(
        HEADERS,
        END_STREAM,
        1,
        header_block(&[("x", "y")]),
    ))
    .await;
    peer.expect_connection_error(&[ENHANCE_YOUR_CALM]).await;
}

#[tokio::test]
async fn a_preface_without_settings_ends_the_connection() {
    let server = server().await;
    let mut peer = Peer::open(server.address).await;
    peer.send_bytes(PREFACE).await;
    peer.expect_connection_error(&[ENHANCE_YOUR_CALM]).await;
}

#[tokio::test]
async fn a_slow_header_block_that_is_completed_in_time_is_answered() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let block = header_block(&request("GET", "/healthz"));
    peer.send(unfinished_head()).await;
    peer.send(Frame::new(
        CONTINUATION,
        END_HEADERS,
        1,
        &block[block.len() - 1..],
    ))
    .await;
    assert_eq!(peer.expect_response(1).await, 200);
}

#[tokio::test]
async fn empty_lines_and_half_a_preface_begin_a_head_that_must_be_completed() {
    let server = server().await;
    for begun in ["\r\n", "\r\n\r\n", "\r\nGET", "PRI * HTTP/2.0\r\n"] {
        let mut peer = TextPeer::connect(server.address).await;
        peer.send(begun).await;
        peer.rest().await;
    }
}

/// What the server answers to a body in chunks that begins so and does not go on.
async fn status_of_chunks(begun: &str) -> u16 {
    let server = server().await;
    let mut peer = TextPeer::connect(server.address).await;
    peer.send(&format!(
        "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{begun}"
    ))
    .await;
    let status = peer.head().await.status;
    peer.rest().await;
    status
}

#[tokio::test]
async fn the_first_line_of_a_chunk_that_is_not_completed_is_answered_with_408() {
    assert_eq!(status_of_chunks("5").await, 408);
    assert_eq!(status_of_chunks("1\r\na\r\n5;x").await, 408);
}

#[tokio::test]
async fn trailers_over_http1_that_are_not_completed_are_answered_with_408() {
    assert_eq!(status_of_chunks("1\r\na\r\n0\r\n").await, 408);
    assert_eq!(status_of_chunks("1\r\na\r\n0\r\nX: y\r\n").await, 408);
}
