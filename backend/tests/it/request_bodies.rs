//! Request bodies as HTTP/2 carries them (RFC 9113, section 8.1; RFC 9110, section 10.1.1).

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use http::{HeaderMap, Method};

use crate::support::client::{self, Client};
use crate::support::frame::{
    END_STREAM, Frame, NO_ERROR, PING, PROTOCOL_ERROR, RST_STREAM, request,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::within;

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_body_is_as_long_as_it_says() {
    let server = TestServer::start().await;
    for (length, data) in [
        ("5", "four"),
        ("3", "four"),
        ("four", "four"),
        ("+4", "four"),
    ] {
        let mut peer = Peer::connect(server.address).await;
        let mut fields = request("POST", "/api/echo").to_vec();
        fields.push(("content-length", length));
        peer.send(Frame::headers(1, 0, &fields)).await;
        peer.send(Frame::data(1, END_STREAM, data)).await;
        peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
    }
    let mut peer = Peer::connect(server.address).await;
    let mut fields = request("POST", "/api/echo").to_vec();
    fields.extend([("content-length", "4"), ("content-length", "5")]);
    peer.send(Frame::headers(1, 0, &fields)).await;
    peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_body_that_is_announced_and_never_begins_is_malformed() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    let mut fields = request("POST", "/api/echo").to_vec();
    fields.push(("content-length", "4"));
    peer.send(Frame::headers(1, END_STREAM, &fields)).await;
    peer.expect_any_error(1, &[PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn trailers_of_a_request_reach_the_handler() {
    let server = TestServer::start().await;
    let mut client = Client::connect(server.address).await;
    let mut request = client::get("/api/echo", &[]);
    *request.method_mut() = Method::POST;
    let (response, mut stream) = client.begin(request, false).await;
    stream.send_data(Bytes::from("body"), false).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", "abc".parse().unwrap());
    stream.send_trailers(trailers).unwrap();
    let whole = client::whole(response).await;
    assert_eq!(whole.status(), 200);
    let text = String::from_utf8(whole.body).unwrap();
    assert!(text.contains("x-checksum"), "{text}");
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_told_to_go_on() {
    let server = TestServer::start().await;
    let mut client = Client::connect(server.address).await;
    let mut request = client::get("/api/echo", &[("expect", "100-continue")]);
    *request.method_mut() = Method::POST;
    let (mut response, mut stream) = client.begin(request, false).await;
    let interim = client::informational(&mut response).await.unwrap();
    assert_eq!(interim.status(), 100);
    stream.send_data(Bytes::from("body"), true).unwrap();
    assert_eq!(client::whole(response).await.status(), 200);
}

#[tokio::test]
async fn a_client_that_waits_for_100_in_vain_gets_the_refusal_at_once() {
    let server = TestServer::start_with(|config| config.limits.max_body_bytes = 10).await;
    let mut client = Client::connect(server.address).await;
    let fields = [("expect", "100-continue"), ("content-length", "11")];
    let mut request = client::get("/api/echo", &fields);
    *request.method_mut() = Method::POST;
    let (mut response, _stream) = client.begin(request, false).await;
    assert!(client::informational(&mut response).await.is_none());
    assert_eq!(client::whole(response).await.status(), 413);
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_asks_for_no_more_of_it_after_a_moment() {
    let server = TestServer::start_with(|config| config.limits.body_timeout = SHORT).await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/missing")).await;
    assert_eq!(peer.expect_response(1).await, 404);
    let reset = peer.expect(|frame| frame.kind == RST_STREAM).await;
    assert_eq!((reset.stream, reset.error_code()), (1, NO_ERROR));
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_client_that_is_soon_through_with_its_body_is_not_told_to_stop() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/missing")).await;
    assert_eq!(peer.expect_response(1).await, 404);
    peer.send(Frame::data(1, 0, "more")).await;
    peer.send(Frame::data(1, END_STREAM, "and the end")).await;
    peer.send(Frame::ping([1; 8])).await;
    let next = peer
        .expect(|frame| matches!(frame.kind, RST_STREAM | PING))
        .await;
    assert_eq!(next.kind, PING);
}

#[tokio::test]
async fn a_client_that_sends_on_and_on_after_the_answer_is_told_to_stop() {
    let server = TestServer::start().await;
    let mut client = Client::connect(server.address).await;
    let mut request = client::get("/missing", &[]);
    *request.method_mut() = Method::POST;
    let (response, mut stream) = client.begin(request, false).await;
    assert_eq!(client::whole(response).await.status(), 404);
    stream
        .send_data(Bytes::from(vec![0; 3 * 1024 * 1024]), false)
        .unwrap();
    let reset = within("a reset", poll_fn(|cx| stream.poll_reset(cx))).await;
    assert_eq!(reset.unwrap(), Reason::NO_ERROR);
}
