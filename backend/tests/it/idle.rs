//! HTTP/2 connections on which nothing is asked for, and those on which only nothing is said.

use std::time::Duration;

use crate::support::frame::{
    ACK, END_STREAM, Frame, GOAWAY, HEADERS, NO_ERROR, PING, PROTOCOL_ERROR,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn an_idle_connection_that_has_had_streams_is_told_goaway() {
    let server = TestServer::start_with(|config| {
        config.limits.idle_timeout = SHORT;
        config.limits.keep_alive_timeout = SHORT;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(1, "/healthz")).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.expect_connection_error(&[0]).await;
}

#[tokio::test]
async fn a_header_block_that_is_never_finished_is_idleness() {
    let server = TestServer::start_with(|config| {
        config.limits.idle_timeout = SHORT;
        config.limits.keep_alive_timeout = SHORT;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::new(HEADERS, 0, 1, [])).await;
    peer.expect_connection_error(&[0, PROTOCOL_ERROR]).await;
}

#[tokio::test]
async fn a_peer_with_an_open_request_that_answers_pings_may_be_quiet() {
    let server = TestServer::start_with(|config| {
        config.limits.keep_alive_interval = SHORT / 4;
        config.limits.keep_alive_timeout = SHORT * 20;
        config.limits.idle_timeout = SHORT;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    for _ in 0..8 {
        let ping = peer.expect(|frame| frame.kind == PING).await;
        peer.send(Frame::new(PING, ACK, 0, ping.payload)).await;
    }
    peer.send(Frame::data(1, END_STREAM, [])).await;
    assert_eq!(peer.expect_response(1).await, 200);
}

#[tokio::test]
async fn a_request_that_crosses_the_goaway_for_idleness_has_the_time_that_it_needs() {
    let server = TestServer::start_with(|config| {
        config.limits.idle_timeout = SHORT;
        config.limits.keep_alive_interval = SHORT / 4;
        config.limits.keep_alive_timeout = SHORT;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    let goaway = peer.expect(|frame| frame.kind == GOAWAY).await;
    assert_eq!(goaway.error_code(), NO_ERROR);
    peer.send(Frame::post(1, "/api/echo")).await;
    // Each comes after a silence of a quarter: in all it is twice the time for the goodbye.
    for _ in 0..8 {
        let ping = peer
            .expect(|frame| frame.kind == PING && !frame.has(ACK))
            .await;
        peer.send(Frame::new(PING, ACK, 0, ping.payload)).await;
    }
    peer.send(Frame::data(1, END_STREAM, [])).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.expect_end(1).await;
    peer.expect_close().await;
}
