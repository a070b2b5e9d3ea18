//! Frames that are not what they should be, or not where (RFC 9113, sections 4 and 6).

use crate::support::frame::{
    CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR,
    Frame, GOAWAY, HEADERS, NO_ERROR, PADDED, PRIORITY, PRIORITY_FLAG, PROTOCOL_ERROR,
    PUSH_PROMISE, RST_STREAM, STREAM_CLOSED, WINDOW_UPDATE, header_block, request,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;

/// Sends the frames on a fresh connection, which must end with one of the codes.
async fn expect_connection_error(frames: &[Frame], codes: &[u32]) {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    for frame in frames {
        peer.send(frame.clone()).await;
    }
    peer.expect_connection_error(codes).await;
}

fn unfinished_headers(stream: u32) -> Frame {
    Frame::new(HEADERS, 0, stream, header_block(&request("GET", "/")))
}

#[tokio::test]
async fn frames_of_unknown_types_are_ignored() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::new(0x16, 0xff, 0, [1; 8])).await;
    peer.send(Frame::new(0xfe, 0xff, 77, [1; 1000])).await;
    peer.send(Frame::get(1, "/")).await;
    peer.expect_response(1).await;
}

#[tokio::test]
async fn unknown_flags_and_the_reserved_bit_are_ignored() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::new(0x6, 0x16, 0, *b"11111111")).await;
    peer.send(Frame::new(0x6, 0, 0x8000_0000, *b"22222222"))
        .await;
    for payload in [b"11111111", b"22222222"] {
        peer.expect(|frame| frame.kind == 0x6 && frame.payload == payload)
            .await;
    }
    peer.send(Frame::get(0x8000_0001, "/")).await;
    peer.expect_response(1).await;
}

#[tokio::test]
async fn a_frame_of_the_greatest_size_is_taken_and_one_byte_more_is_not() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::data(1, END_STREAM, vec![0; 16_384])).await;
    assert_eq!(peer.expect_response(1).await, 200);

    peer.send(Frame::post(3, "/api/echo")).await;
    peer.send(Frame::data(3, END_STREAM, vec![0; 16_385])).await;
    peer.expect_any_error(3, &[FRAME_SIZE_ERROR]).await;
}

#[tokio::test]
async fn a_header_block_larger_than_a_frame_may_be_ends_the_connection() {
    let long = "x".repeat(16_384);
    let frame = Frame::headers(1, END_STREAM, &[(":method", &long)]);
    expect_connection_error(&[frame], &[FRAME_SIZE_ERROR]).await;
}

#[tokio::test]
async fn frames_that_need_a_stream_do_not_come_without() {
    for frame in [
        Frame::data(0, END_STREAM, *b"data"),
        Frame::get(0, "/"),
        Frame::new(PRIORITY, 0, 0, [0, 0, 0, 1, 15]),
        Frame::reset(0, CANCEL),
        Frame::new(CONTINUATION, END_HEADERS, 0, []),
    ] {
        expect_connection_error(&[frame], &[PROTOCOL_ERROR]).await;
    }
}

#[tokio::test]
async fn goaway_does_not_come_on_a_stream() {
    let frame = Frame::new(GOAWAY, 0, 1, [0; 8]);
    expect_connection_error(&[frame], &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn frames_of_a_fixed_size_have_that_size() {
    for frame in [
        Frame::new(RST_STREAM, 0, 1, [0; 3]),
        Frame::new(WINDOW_UPDATE, 0, 0, [0, 0, 1]),
        Frame::new(WINDOW_UPDATE, 0, 1, [0; 5]),
        Frame::new(GOAWAY, 0, 0, [0; 7]),
    ] {
        expect_connection_error(&[Frame::post(1, "/api/echo"), frame], &[FRAME_SIZE_ERROR]).await;
    }
}

#[tokio::test]
async fn a_priority_of_a_wrong_size_is_an_error() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::new(PRIORITY, 0, 1, [0, 0, 0, 0])).await;
    peer.expect_any_error(1, &[FRAME_SIZE_ERROR]).await;
}

#[tokio::test]
async fn padding_is_thrown_away() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let mut head = vec![5];
    head.extend(header_block(&request("POST", "/api/echo")));
    head.extend([0; 5]);
    peer.send(Frame::new(HEADERS, PADDED | END_HEADERS, 1, head))
        .await;
    let mut data = vec![255];
    data.extend(b"four");
    data.extend([0; 255]);
    peer.send(Frame::data(1, PADDED | END_STREAM, data)).await;
    assert_eq!(peer.expect_response(1).await, 200);
    let body = peer.expect(|frame| frame.kind == DATA).await;
    let body = String::from_utf8(body.payload).unwrap();
    assert!(body.replace(' ', "").contains("\"length\":4,"), "{body}");
}

#[tokio::test]
async fn padding_longer_than_its_frame_ends_the_connection() {
    for length in [5, 6, 255] {
        let data = Frame::data(1, PADDED | END_STREAM, [length, 1, 2, 3, 4]);
        let frames = [Frame::post(1, "/api/echo"), data];
        expect_connection_error(&frames, &[PROTOCOL_ERROR]).await;
    }
    let mut head = vec![255];
    head.extend(header_block(&request("GET", "/")));
    let frame = Frame::new(HEADERS, PADDED | END_HEADERS | END_STREAM, 1, head);
    expect_connection_error(&[frame], &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_padded_frame_without_a_pad_length_is_an_error() {
    let frames = [
        Frame::post(1, "/api/echo"),
        Frame::data(1, PADDED | END_STREAM, []),
    ];
    expect_connection_error(&frames, &[PROTOCOL_ERROR, FRAME_SIZE_ERROR]).await;
}

#[tokio::test]
async fn a_header_block_may_come_in_many_frames() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let block = header_block(&request("GET", "/"));
    let (first, rest) = block.split_at(3);
    peer.send(Frame::new(HEADERS, END_STREAM, 1, first)).await;
    for part in rest.chunks(20) {
        peer.send(Frame::new(CONTINUATION, 0, 1, part)).await;
    }
    peer.send(Frame::new(CONTINUATION, END_HEADERS, 1, []))
        .await;
    peer.expect_response(1).await;
}

#[tokio::test]
async fn nothing_comes_between_the_frames_of_a_header_block() {
    for between in [
        Frame::data(1, 0, *b"data"),
        Frame::get(1, "/"),
        Frame::get(3, "/"),
        Frame::ping([0; 8]),
        Frame::settings(&[]),
        Frame::reset(1, CANCEL),
        Frame::window_update(0, 1),
        Frame::new(PRIORITY, 0, 1, [0, 0, 0, 0, 15]),
        Frame::new(GOAWAY, 0, 0, [0; 8]),
        Frame::new(CONTINUATION, END_HEADERS, 3, []),
        Frame::new(0x16, 0, 1, []),
    ] {
        expect_connection_error(&[unfinished_headers(1), between], &[PROTOCOL_ERROR]).await;
    }
}

#[tokio::test]
async fn a_continuation_without_anything_to_continue_ends_the_connection() {
    let frames = [
        Frame::post(1, "/api/echo"),
        Frame::new(CONTINUATION, END_HEADERS, 1, []),
    ];
    expect_connection_error(&frames, &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_client_does_not_push() {
    let mut promise = 2_u32.to_be_bytes().to_vec();
    promise.extend(header_block(&request("GET", "/")));
    let frames = [
        Frame::post(1, "/api/echo"),
        Frame::new(PUSH_PROMISE, END_HEADERS, 1, promise),
    ];
    expect_connection_error(&frames, &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn priorities_are_read_and_change_nothing() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    // On streams idle, open and closed (RFC 9113, section 5.3.2: deprecated, still valid).
    peer.send(Frame::new(PRIORITY, 0, 1, [0, 0, 0, 7, 15]))
        .await;
    let mut head = vec![0x80, 0, 0, 9, 255];
    head.extend(header_block(&request("GET", "/")));
    let flags = PRIORITY_FLAG | END_HEADERS | END_STREAM;
    peer.send(Frame::new(HEADERS, flags, 1, head)).await;
    peer.expect_response(1).await;
    peer.send(Frame::new(PRIORITY, 0, 1, [0, 0, 0, 7, 15]))
        .await;
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_stream_does_not_depend_on_itself() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::new(PRIORITY, 0, 1, [0, 0, 0, 1, 15]))
        .await;
    peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_window_is_not_opened_by_nothing() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::window_update(1, 0)).await;
    peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
    expect_connection_error(&[Frame::window_update(0, 0)], &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_window_is_not_opened_beyond_the_greatest() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::window_update(1, 0x7fff_ffff)).await;
    peer.expect_stream_error(1, &[FLOW_CONTROL_ERROR]).await;
    let frame = Frame::window_update(0, 0x7fff_ffff);
    expect_connection_error(&[frame], &[FLOW_CONTROL_ERROR]).await;
}

#[tokio::test]
async fn more_data_than_the_window_takes_is_an_error() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    // A WebSocket whose answers are not taken reads nothing further.
    peer.send(Frame::settings(&[(0x4, 0)])).await;
    peer.send(Frame::headers(1, 0, &WEBSOCKET)).await;
    assert_eq!(peer.expect_response(1).await, 200);
    let mut message = vec![0x82, 0xff, 0, 0, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0];
    message.resize(16_384, 0);
    peer.send(Frame::data(1, 0, message)).await;
    // What was read gives window back, so the fault is to send without looking at all.
    for _ in 0..2_000 {
        let data = Frame::data(1, 0, vec![0; 16_384]).bytes();
        if peer.try_send_bytes(&data).await.is_err() {
            break;
        }
    }
    peer.expect_any_error(1, &[FLOW_CONTROL_ERROR]).await;
}

const WEBSOCKET: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":path", "/api/echo"),
    (":authority", "localhost"),
    ("sec-websocket-version", "13"),
];

#[tokio::test]
async fn frames_on_streams_that_nobody_opened_end_the_connection() {
    for frame in [
        Frame::data(1, END_STREAM, *b"data"),
        Frame::reset(1, CANCEL),
        Frame::window_update(1, 100),
        Frame::new(CONTINUATION, END_HEADERS, 1, []),
        // Numbers of the server's own streams.
        Frame::get(2, "/"),
        Frame::data(2, 0, []),
    ] {
        expect_connection_error(&[frame], &[PROTOCOL_ERROR]).await;
    }
}

#[tokio::test]
async fn stream_numbers_only_grow() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(5, "/")).await;
    peer.expect_response(5).await;
    peer.send(Frame::get(3, "/")).await;
    peer.expect_connection_error(&[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn nothing_follows_the_end_of_a_stream() {
    let server = TestServer::start().await;
    for frame in [Frame::data(1, END_STREAM, *b"more"), Frame::get(1, "/")] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(Frame::get(1, "/")).await;
        peer.expect_end(1).await;
        peer.send(frame).await;
        peer.expect_any_error(1, &[STREAM_CLOSED, PROTOCOL_ERROR])
            .await;
    }
}

#[tokio::test]
async fn nothing_follows_the_end_of_a_request_that_is_being_answered() {
    let server = TestServer::start().await;
    for frame in [Frame::data(1, 0, *b"more"), Frame::get(1, "/")] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(Frame::get(1, "/prime")).await;
        peer.expect_response(1).await;
        peer.send(frame).await;
        // The code for it is STREAM_CLOSED; h2 says PROTOCOL_ERROR to a second request.
        peer.expect_any_error(1, &[STREAM_CLOSED, PROTOCOL_ERROR])
            .await;
    }
}

#[tokio::test]
async fn nothing_but_priority_follows_a_reset() {
    let server = TestServer::start().await;
    for frame in [Frame::data(1, 0, *b"more"), Frame::get(1, "/")] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(Frame::post(1, "/api/echo")).await;
        peer.send(Frame::reset(1, CANCEL)).await;
        peer.expect_alive().await;
        peer.send(frame).await;
        peer.expect_any_error(1, &[STREAM_CLOSED, PROTOCOL_ERROR])
            .await;
    }
}

#[tokio::test]
async fn window_updates_and_resets_may_still_be_on_their_way_after_the_end() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(1, "/")).await;
    peer.expect_end(1).await;
    peer.send(Frame::window_update(1, 100)).await;
    peer.send(Frame::reset(1, NO_ERROR)).await;
    peer.expect_alive().await;
}
