//! Header compression that does not add up (RFC 7541; RFC 9113, section 4.3).

use crate::support::frame::{
    COMPRESSION_ERROR, END_HEADERS, END_STREAM, Frame, HEADERS, PROTOCOL_ERROR, header_block,
    request,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;

/// A request with `block` behind its pseudo-header fields.
fn get_with(stream: u32, block: &[u8]) -> Frame {
    let mut whole = header_block(&request("GET", "/"));
    whole.extend_from_slice(block);
    Frame::new(HEADERS, END_HEADERS | END_STREAM, stream, whole)
}

/// `COMPRESSION_ERROR` is the code for it. h2, which decodes, says `PROTOCOL_ERROR`: 'for use when
/// a more specific error code is not available' (RFC 9113, section 7).
async fn expect_compression_error(frame: Frame) {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(frame).await;
    peer.expect_connection_error(&[COMPRESSION_ERROR, PROTOCOL_ERROR])
        .await;
}

#[tokio::test]
async fn an_index_of_zero() {
    expect_compression_error(get_with(1, &[0x80])).await;
}

#[tokio::test]
async fn an_index_beyond_the_table() {
    // 70, where only the static table's 61 entries are there.
    expect_compression_error(get_with(1, &[0xc6])).await;
    expect_compression_error(get_with(1, &[0x7f, 0x07, 0x01, b'x'])).await;
}

#[tokio::test]
async fn a_huffman_code_padded_by_zeros() {
    // `1` is 00001: three ones of padding would be right.
    expect_compression_error(get_with(1, &[0x00, 0x81, 0x08, 0x01, b'x'])).await;
}

#[tokio::test]
async fn a_huffman_code_padded_by_more_than_seven_bits() {
    expect_compression_error(get_with(1, &[0x00, 0x01, b'x', 0x82, 0x0f, 0xff])).await;
}

#[tokio::test]
async fn a_huffman_code_that_contains_its_end() {
    let block = [0x00, 0x01, b'x', 0x84, 0xff, 0xff, 0xff, 0xff];
    expect_compression_error(get_with(1, &block)).await;
}

#[tokio::test]
async fn a_table_larger_than_the_server_allows() {
    // 4097, where 4096 is the greatest.
    let mut block = vec![0x3f, 0xe2, 0x1f];
    block.extend(header_block(&request("GET", "/")));
    let frame = Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, block);
    expect_compression_error(frame).await;
}

#[tokio::test]
async fn a_change_of_the_table_behind_a_field() {
    expect_compression_error(get_with(1, &[0x20])).await;
}

#[tokio::test]
async fn a_change_of_the_table_in_front_is_right() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let mut block = vec![0x20, 0x3f, 0xe1, 0x1f];
    block.extend(header_block(&request("GET", "/")));
    peer.send(Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, block))
        .await;
    peer.expect_response(1).await;
}

#[tokio::test]
async fn a_block_that_breaks_off() {
    expect_compression_error(get_with(1, &[0x00, 0x05, b'x'])).await;
    expect_compression_error(get_with(1, &[0x7f])).await;
}

#[tokio::test]
async fn an_integer_without_end() {
    let mut block = vec![0x7f];
    block.extend([0xff; 20]);
    block.push(0x00);
    expect_compression_error(get_with(1, &block)).await;
}

#[tokio::test]
async fn a_field_that_was_indexed_is_known_to_later_requests() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(get_with(1, &[0x40, 0x01, b'x', 0x01, b'y']))
        .await;
    peer.expect_response(1).await;
    peer.send(get_with(3, &[0xbe])).await;
    peer.expect_response(3).await;
}

#[tokio::test]
async fn the_table_is_kept_up_also_by_requests_that_are_refused() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    // A field of HTTP/1.1 makes the request malformed; what it indexed counts all the same.
    let mut block = header_block(&[("connection", "close")]);
    block.extend([0x40, 0x01, b'x', 0x01, b'y']);
    peer.send(get_with(1, &block)).await;
    peer.expect(|frame| frame.kind == 0x3 && frame.stream == 1)
        .await;
    peer.send(get_with(3, &[0xbe])).await;
    peer.expect_response(3).await;
}
