//! Requests and responses as HTTP/2 carries them (RFC 9113, section 8).

use std::net::SocketAddr;

use http::Method;

use crate::support::client::{self, Client};
use crate::support::frame::{
    END_HEADERS, END_STREAM, Frame, HEADERS, PROTOCOL_ERROR, RST_STREAM, header_block, request,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

type Field<'a> = (&'a str, &'a str);

/// An ordinary GET with one field more.
fn get_with(field: Field<'_>) -> Vec<Field<'_>> {
    let mut fields = request("GET", "/").to_vec();
    fields.push(field);
    fields
}

/// A malformed request: its stream is reset, or it is answered with a status of refusal
/// (RFC 9113, section 8.1.1), and the connection goes on.
async fn expect_refused(address: SocketAddr, fields: &[Field<'_>]) {
    let mut peer = Peer::connect(address).await;
    peer.send(Frame::headers(1, END_STREAM, fields)).await;
    let answer = peer
        .expect(|frame| frame.stream == 1 && [HEADERS, RST_STREAM].contains(&frame.kind))
        .await;
    if answer.kind == RST_STREAM {
        assert_eq!(answer.error_code(), PROTOCOL_ERROR, "{fields:?}");
    } else {
        let status = crate::support::frame::status(&answer.payload);
        assert_eq!(status, 400, "{fields:?}");
    }
    peer.expect_alive().await;
}

#[tokio::test]
async fn fields_of_http1_connections_make_a_request_malformed() {
    let server = TestServer::start().await;
    for field in [
        ("connection", "keep-alive"),
        ("proxy-connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("te", "trailers, deflate"),
    ] {
        expect_refused(server.address, &get_with(field)).await;
    }
}

#[tokio::test]
async fn te_may_be_trailers() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::headers(1, END_STREAM, &get_with(("te", "trailers"))))
        .await;
    assert_ne!(peer.expect_response(1).await, 400);
}

#[tokio::test]
async fn names_and_values_that_no_field_has_are_an_error() {
    let server = TestServer::start().await;
    for field in [
        ("X-Upper", "1"),
        ("", "empty name"),
        ("sp ace", "1"),
        ("x:y", "1"),
        ("x\n", "1"),
        ("x", "line\nfeed"),
        ("x", "carriage\rreturn"),
        ("x", "nul\0"),
    ] {
        let mut peer = Peer::connect(server.address).await;
        peer.send(Frame::headers(1, END_STREAM, &get_with(field)))
            .await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
    }
}

#[tokio::test]
async fn values_with_white_space_around_them_make_a_request_malformed() {
    let server = TestServer::start().await;
    for value in [" a", "a ", "\ta", "a\t"] {
        expect_refused(server.address, &get_with(("x", value))).await;
    }
}

#[tokio::test]
async fn each_pseudo_header_field_must_be_there_once() {
    let server = TestServer::start().await;
    let fields = request("GET", "/");
    // Without `:authority`, `host` is missing, too.
    for left_out in 0..fields.len() {
        let mut fields = fields.to_vec();
        fields.remove(left_out);
        expect_refused(server.address, &fields).await;
    }
    for twice in fields {
        let mut peer = Peer::connect(server.address).await;
        let fields = [&[twice], fields.as_slice()].concat();
        peer.send(Frame::headers(1, END_STREAM, &fields)).await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
    }
}

#[tokio::test]
async fn pseudo_header_fields_of_responses_or_of_nobody_are_an_error() {
    let server = TestServer::start().await;
    for field in [
        (":status", "200"),
        (":test", "1"),
        (":protocol", "websocket"),
    ] {
        let mut peer = Peer::connect(server.address).await;
        let fields = [&[field], request("GET", "/").as_slice()].concat();
        peer.send(Frame::headers(1, END_STREAM, &fields)).await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
    }
}

#[tokio::test]
async fn pseudo_header_fields_come_first() {
    let server = TestServer::start().await;
    let mut fields = vec![("x", "1")];
    fields.extend(request("GET", "/"));
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::headers(1, END_STREAM, &fields)).await;
    peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn paths_that_are_none_make_a_request_malformed() {
    let server = TestServer::start().await;
    for path in [
        "",
        "api/echo",
        "*",
        "https://localhost/",
        "/ space",
        "//[bad",
    ] {
        let fields = request("GET", path);
        if path == "//[bad" {
            // Two slashes begin a path like any other.
            let mut peer = Peer::connect(server.address).await;
            peer.send(Frame::headers(1, END_STREAM, &fields)).await;
            assert_eq!(peer.expect_response(1).await, 404);
        } else {
            expect_refused(server.address, &fields).await;
        }
    }
}

#[tokio::test]
async fn an_authority_with_a_user_name_makes_a_request_malformed() {
    let server = TestServer::start().await;
    let mut fields = request("GET", "/");
    fields[3].1 = "somebody@localhost";
    expect_refused(server.address, &fields).await;
}

#[tokio::test]
async fn host_may_stand_for_the_authority_but_not_contradict_it() {
    let server = TestServer::start().await;
    let [method, scheme, path, authority] = request("GET", "/healthz");
    let mut peer = Peer::connect(server.address).await;
    let host = ("host", "localhost");
    peer.send(Frame::headers(1, END_STREAM, &[method, scheme, path, host]))
        .await;
    assert_eq!(peer.expect_response(1).await, 200);
    let other = ("host", "example.org");
    let fields = [method, scheme, path, authority, other];
    expect_refused(server.address, &fields).await;
}

#[tokio::test]
async fn head_is_answered_without_a_body_and_with_its_length() {
    let server = TestServer::with_page().await;
    let mut client = Client::connect(server.address).await;
    let with_body = client.get("/", &[]).await;
    let mut head = client::get("/", &[]);
    *head.method_mut() = Method::HEAD;
    let (response, _) = client.begin(head, true).await;
    let without = client::whole(response).await;
    assert_eq!(without.status(), 200);
    assert_eq!(without.body, b"");
    assert_eq!(
        without.field("content-length"),
        with_body.field("content-length")
    );
}

#[tokio::test]
async fn a_304_has_neither_body_nor_length() {
    let server = TestServer::with_page().await;
    let mut client = Client::connect(server.address).await;
    let first = client.get("/", &[]).await;
    let tag = first.field("etag").unwrap();
    let second = client.get("/", &[("if-none-match", tag)]).await;
    assert_eq!(second.status(), 304);
    assert_eq!(second.body, b"");
    assert_eq!(second.field("content-length"), None);

    let mut peer = TextPeer::connect(server.address).await;
    peer.send(&format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: {tag}\r\n\r\n"
    ))
    .await;
    let head = peer.head().await;
    assert_eq!((head.status, head.field("content-length")), (304, None));
    assert_eq!(peer.get("/").await.status, 200);
}

#[tokio::test]
async fn every_response_has_a_date_and_no_field_of_a_connection() {
    let server = TestServer::with_page().await;
    let mut client = Client::connect(server.address).await;
    for path in ["/", "/missing", "/api/echo", "/healthz"] {
        let whole = client.get(path, &[]).await;
        let date = whole.field("date").unwrap();
        assert!(httpdate::parse_http_date(date).is_ok(), "{date}");
        for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
            assert_eq!(whole.field(name), None);
        }
    }
}

#[tokio::test]
async fn connect_to_somewhere_else_is_not_implemented() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let fields = [(":method", "CONNECT"), (":authority", "example.org:443")];
    peer.send(Frame::headers(1, 0, &fields)).await;
    assert_eq!(peer.expect_response(1).await, 501);
    peer.expect_alive().await;
}

#[tokio::test]
async fn connect_by_another_protocol_than_websocket_is_not_implemented() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let mut fields = request("CONNECT", "/api/echo").to_vec();
    fields.push((":protocol", "connect-udp"));
    peer.send(Frame::headers(1, 0, &fields)).await;
    assert_eq!(peer.expect_response(1).await, 501);
    peer.expect_alive().await;
}

#[tokio::test]
async fn connect_with_a_path_and_without_a_protocol_is_malformed() {
    let server = TestServer::start().await;
    expect_refused(server.address, &request("CONNECT", "/api/echo")).await;
}

#[tokio::test]
async fn extended_connect_needs_scheme_and_path() {
    let server = TestServer::start().await;
    for left_out in [1, 2] {
        let mut fields = request("CONNECT", "/api/echo").to_vec();
        fields.push((":protocol", "websocket"));
        fields.remove(left_out);
        expect_refused(server.address, &fields).await;
    }
}

#[tokio::test]
async fn cookies_sent_in_crumbs_reach_the_handler_as_one_field() {
    let server = TestServer::start().await;
    let mut client = Client::connect(server.address).await;
    let crumbs = [("cookie", "a=1"), ("cookie", "b=2"), ("cookie", "c=3")];
    let whole = client.get("/api/echo", &crumbs).await;
    let text = String::from_utf8(whole.body).unwrap();
    assert!(text.contains("a=1; b=2; c=3"), "{text}");
}

#[tokio::test]
async fn many_requests_at_a_time_are_answered_each_with_its_own() {
    let server = TestServer::start().await;
    let mut client = Client::connect(server.address).await;
    let mut responses = Vec::new();
    for number in 0..100 {
        let request = client::get(&format!("/api/echo?{number}."), &[]);
        responses.push(client.begin(request, true).await.0);
    }
    for (number, response) in responses.into_iter().enumerate().rev() {
        let whole = client::whole(response).await;
        let text = String::from_utf8(whole.body).unwrap();
        assert!(text.contains(&format!("/api/echo?{number}.")), "{text}");
    }
}

#[tokio::test]
async fn a_header_block_in_pieces_of_one_byte_is_a_request() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let frame = Frame::new(
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        header_block(&request("GET", "/healthz")),
    );
    for byte in frame.bytes() {
        peer.send_bytes(&[byte]).await;
    }
    assert_eq!(peer.expect_response(1).await, 200);
}
