//! Trailers of requests, over both versions of HTTP: one that breaks a rule publishes nothing (RFC 9113,
//! section 8.1; RFC 9112, section 7.1.2; RFC 9110, section 6.5.1).

use crate::support::frame::{
    CONTINUATION, END_HEADERS, END_STREAM, Frame, HEADERS, PADDED, PROTOCOL_ERROR, header_block,
    request,
};
use crate::support::peer::Peer;
use crate::support::room::get;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

const MESSAGES: &str = "/api/rooms/lobby/messages";

type Field<'a> = (&'a str, &'a str);

/// Nothing was published.
async fn expect_nothing_published(server: &TestServer, why: &str) {
    let (_, page) = get(server.address, MESSAGES).await;
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(0), "{why}");
}

/// Publishes over HTTP/2 a message that ends with these frames.
async fn publish_with(server: &TestServer, end: &[Frame]) -> Peer {
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, MESSAGES)).await;
    peer.send(Frame::data(1, 0, "hello")).await;
    for frame in end {
        peer.send(frame.clone()).await;
    }
    peer
}

fn trailers(fields: &[Field<'_>]) -> Frame {
    Frame::headers(1, END_STREAM, fields)
}

#[tokio::test]
async fn sound_trailers_of_http2_end_a_message_that_is_published() {
    let server = TestServer::start().await;
    let mut padded = vec![2];
    padded.extend(header_block(&[("x-a", "b"), ("x-c", "")]));
    padded.extend([0, 0]);
    let in_two = header_block(&[("x-checksum", "abc"), ("x-more", "def")]);
    for end in [
        vec![trailers(&[("x-checksum", "abc")])],
        vec![trailers(&[])],
        vec![Frame::new(
            HEADERS,
            PADDED | END_HEADERS | END_STREAM,
            1,
            padded,
        )],
        vec![
            Frame::new(HEADERS, END_STREAM, 1, &in_two[..9]),
            Frame::new(CONTINUATION, END_HEADERS, 1, &in_two[9..]),
        ],
    ] {
        let mut peer = publish_with(&server, &end).await;
        assert_eq!(peer.expect_response(1).await, 201, "{end:?}");
    }
}

#[tokio::test]
async fn malformed_trailers_of_http2_publish_nothing() {
    let server = TestServer::start().await;
    for field in [
        (":method", "POST"),
        (":path", "/"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":status", "200"),
        (":protocol", "websocket"),
        ("connection", "close"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "close"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("te", "trailers"),
        ("content-length", "5"),
        ("host", "localhost"),
        ("authorization", "Basic YTpi"),
        ("content-type", "application/json"),
        ("idempotency-key", "a"),
        ("x", " a"),
        ("x", "a\t"),
    ] {
        for fields in [vec![field], vec![("x-checksum", "abc"), field]] {
            let mut peer = publish_with(&server, &[trailers(&fields)]).await;
            peer.expect_stream_error(1, &[PROTOCOL_ERROR]).await;
            expect_nothing_published(&server, &format!("{fields:?}")).await;
        }
    }
}

#[tokio::test]
async fn trailers_of_http2_with_bad_characters_publish_nothing() {
    let server = TestServer::start().await;
    for field in [
        ("X-Upper", "1"),
        ("", "1"),
        ("a b", "1"),
        ("a:b", "1"),
        (":", "1"),
        (":unknown", "1"),
        ("x", "a\nb"),
        ("x", "a\rb"),
        ("x", "a\0b"),
    ] {
        let mut peer = publish_with(&server, &[trailers(&[field])]).await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
        expect_nothing_published(&server, &format!("{field:?}")).await;
    }
}

#[tokio::test]
async fn pseudo_header_fields_in_trailers_are_found_in_every_coding() {
    let server = TestServer::start().await;
    // `:method: GET` and `:path: /` from the static table (RFC 7541, appendix A), a name from it with another
    // value, and a name of its own in the Huffman code.
    let huffman = [0x00, 0x84, 0xb9, 0x58, 0xd3, 0x3f, 0x01, b'a'];
    for block in [&[0x82][..], &[0x84], b"\x04\x02/a", b"\x44\x02/b", &huffman] {
        let end = Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, block);
        let mut peer = publish_with(&server, &[end]).await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
        expect_nothing_published(&server, &format!("{block:?}")).await;
    }
}

#[tokio::test]
async fn a_pseudo_header_field_from_the_dynamic_table_is_found_in_trailers() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let [method, scheme, _, authority] = request("POST", MESSAGES);
    let mut head = header_block(&[method, scheme, authority]);
    // `:path`, remembered as the newest entry of the dynamic table.
    head.extend([0x44, u8::try_from(MESSAGES.len()).unwrap()]);
    head.extend(MESSAGES.as_bytes());
    peer.send(Frame::new(HEADERS, END_HEADERS, 1, head)).await;
    peer.send(Frame::data(1, 0, "hello")).await;
    peer.send(Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, [0xbe]))
        .await;
    peer.expect_stream_error(1, &[PROTOCOL_ERROR]).await;
    expect_nothing_published(&server, "dynamic table").await;
}

#[tokio::test]
async fn trailers_of_http2_that_do_not_end_the_stream_publish_nothing() {
    let server = TestServer::start().await;
    let mut peer = publish_with(&server, &[Frame::headers(1, 0, &[("x", "y")])]).await;
    peer.expect_stream_error(1, &[PROTOCOL_ERROR]).await;
    expect_nothing_published(&server, "no END_STREAM").await;
}

#[tokio::test]
async fn a_body_of_http2_shorter_than_announced_publishes_nothing() {
    let server = TestServer::start().await;
    for length in ["4", "6"] {
        let mut peer = Peer::connect(server.address).await;
        let mut fields = request("POST", MESSAGES).to_vec();
        fields.push(("content-length", length));
        peer.send(Frame::headers(1, 0, &fields)).await;
        peer.send(Frame::data(1, 0, "hello")).await;
        peer.send(trailers(&[("x", "y")])).await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
        expect_nothing_published(&server, length).await;
    }
}

#[tokio::test]
async fn trailers_of_http2_beyond_the_limit_of_a_header_list_publish_nothing() {
    let server = TestServer::start_with(|config| {
        config.limits.max_header_list_bytes = 4_000;
    })
    .await;
    let long = "x".repeat(5_000);
    let mut peer = publish_with(&server, &[trailers(&[("x", &long)])]).await;
    peer.expect_stream_error(1, &[PROTOCOL_ERROR]).await;
    expect_nothing_published(&server, "too long").await;
}

#[tokio::test]
async fn trailers_have_no_place_in_a_web_socket() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let mut fields = request("CONNECT", "/api/echo").to_vec();
    fields.extend([(":protocol", "websocket"), ("sec-websocket-version", "13")]);
    peer.send(Frame::headers(1, 0, &fields)).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.send(trailers(&[("x", "y")])).await;
    peer.expect_stream_error(1, &[PROTOCOL_ERROR]).await;
}

/// The status of a publish over HTTP/1.1 in chunks, with what comes behind the last one.
async fn publish_in_chunks(server: &TestServer, end: &str) -> u16 {
    let mut peer = TextPeer::connect(server.address).await;
    peer.send(&format!(
        "POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\nhello\r\n0\r\n{end}"
    ))
    .await;
    peer.head().await.status
}

#[tokio::test]
async fn sound_trailers_of_http1_end_a_message_that_is_published() {
    let server = TestServer::start().await;
    for end in ["\r\n", "X-Checksum: abc\r\n\r\n"] {
        assert_eq!(publish_in_chunks(&server, end).await, 201, "{end:?}");
    }
}

#[tokio::test]
async fn trailers_of_http1_that_break_a_rule_publish_nothing() {
    let server = TestServer::start().await;
    let long = format!("X: {}\r\n\r\n", "x".repeat(20_000));
    for end in [
        "Transfer-Encoding: chunked\r\n\r\n",
        "Content-Length: 5\r\n\r\n",
        "HOST: localhost\r\n\r\n",
        "X: y\r\nAuthorization: Basic YTpi\r\n\r\n",
        "Content-Type: application/json\r\n\r\n",
        "Idempotency-Key: a\r\n\r\n",
        "Connection: close\r\n\r\n",
        "no colon\r\n\r\n",
        "X : y\r\n\r\n",
        "X: y\r\n folded\r\n\r\n",
        "X: a\0b\r\n\r\n",
        "X: y\n\n",
        "X: a\rb\r\n\r\n",
        &long,
    ] {
        assert_eq!(publish_in_chunks(&server, end).await, 400, "{end:.40?}");
        expect_nothing_published(&server, end).await;
    }
}
