//! The end of the server: everybody is told, nobody holds it up.

use std::time::Duration;

use roomcast_websocket::CloseCode;
use tokio::net::TcpStream;

use crate::support::client::{self, Client};
use crate::support::frame::{END_STREAM, Frame, GOAWAY, NO_ERROR};
use crate::support::peer::Peer;
use crate::support::process::ServerProcess;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::web_socket::{self, ROADS};
use crate::support::within;

/// The greatest stream number: 'ask for nothing more, I do not know yet what is on its way'.
const ALL_STREAMS: [u8; 4] = [0x7f, 0xff, 0xff, 0xff];

#[tokio::test]
async fn goaway_comes_in_two_steps_so_that_no_request_is_lost() {
    let mut server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.expect_alive().await;

    server.request_shutdown();
    let first = peer.expect(|frame| frame.kind == GOAWAY).await;
    assert_eq!(first.payload[..4], ALL_STREAMS);
    assert_eq!(first.error_code(), NO_ERROR);
    // A request that was on its way when the first GOAWAY came is answered.
    peer.send(Frame::get(3, "/healthz")).await;
    assert_eq!(peer.expect_response(3).await, 200);
    // h2 pings to learn what was on its way, then names the last stream.
    peer.send(Frame::new(
        0x6,
        0x1,
        0,
        [0x0b, 0x7b, 0xa2, 0xf0, 0x8b, 0x9b, 0xfe, 0x54],
    ))
    .await;
    let second = peer.expect(|frame| frame.kind == GOAWAY).await;
    assert_eq!(second.payload[..4], 3_u32.to_be_bytes());
    assert_eq!(second.error_code(), NO_ERROR);

    peer.send(Frame::data(1, END_STREAM, *b"the rest")).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.expect_close().await;
    server.ended().await;
}

#[tokio::test]
async fn web_sockets_are_closed_with_1001() {
    for road in ROADS {
        let mut server = TestServer::start().await;
        let mut socket = web_socket::open(server.address, road).await;
        socket.send("hello").await.unwrap();
        within("the echo", socket.recv()).await.unwrap();

        server.request_shutdown();

        let end = within("the close", socket.recv()).await.unwrap();
        assert!(end.is_none(), "{end:?}");
        let code = socket
            .peer_close()
            .map(roomcast_websocket::CloseFrame::code);
        assert_eq!(code, Some(CloseCode::GOING_AWAY), "{road:?}");
        drop(socket);
        server.ended().await;
    }
}

#[tokio::test]
async fn a_request_over_http1_is_finished_and_its_connection_closed() {
    let mut server = TestServer::start().await;
    let mut peer = TextPeer::connect(server.address).await;
    peer.send("POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfo")
        .await;
    let mut other = TextPeer::connect(server.address).await;
    other.get("/healthz").await;

    server.request_shutdown();
    peer.send("ur").await;

    let head = peer.head().await;
    assert_eq!(head.status, 200);
    peer.rest().await;
    other.rest().await;
    server.ended().await;
}

#[tokio::test]
async fn a_stream_of_primes_ends_by_itself() {
    let mut server = TestServer::start().await;
    let mut client = Client::connect(server.address).await;
    let (response, _) = client.begin(client::get("/prime?count=0", &[]), true).await;
    let mut stream = within("the head", response).await.unwrap().into_body();
    let first = within("the first prime", stream.data()).await;
    assert!(first.unwrap().unwrap().starts_with(b"id: 1\n"));

    server.request_shutdown();

    // Its end, not an error: the client knows that all that was said has arrived.
    while let Some(data) = within("the end of the stream", stream.data()).await {
        data.unwrap();
    }
    server.ended().await;
}

#[tokio::test]
async fn new_connections_are_refused() {
    let mut server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.expect_alive().await;
    server.request_shutdown();
    peer.expect(|frame| frame.kind == GOAWAY).await;
    assert!(TcpStream::connect(server.address).await.is_err());
    drop(peer);
    server.ended().await;
}

#[tokio::test]
async fn nobody_holds_it_up_for_longer_than_the_drain_time() {
    let mut server = TestServer::start_with(|config| {
        config.limits.drain_timeout = Duration::from_millis(100);
    })
    .await;
    // One in the middle of each way to be stuck.
    let handshake = TcpStream::connect(server.address).await.unwrap();
    let mut frames = Peer::connect(server.address).await;
    frames.send(Frame::post(1, "/api/echo")).await;
    frames.expect_alive().await;
    let mut text = TextPeer::connect(server.address).await;
    text.send("POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfo")
        .await;
    let mut sockets = vec![];
    for road in ROADS {
        // It answers no close, as nobody reads it.
        sockets.push(web_socket::open_raw(server.address, road).await);
    }

    server.request_shutdown();

    server.ended().await;
    drop((handshake, sockets));
}

#[tokio::test]
async fn sigterm_and_ctrl_c_end_the_program_with_success() {
    for signal in ["TERM", "INT"] {
        let mut server = ServerProcess::start(&["--drain-timeout", "100ms"]).await;
        let mut stuck = Peer::connect(server.address).await;
        stuck.send(Frame::post(1, "/api/echo")).await;
        stuck.expect_alive().await;
        server.signal(signal);
        stuck.expect_close().await;
        let status = server.exit().await;
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_the_program_at_once() {
    let mut server = ServerProcess::start(&["--drain-timeout", "1h"]).await;
    let mut stuck = Peer::connect(server.address).await;
    stuck.send(Frame::post(1, "/api/echo")).await;
    stuck.expect_alive().await;
    server.signal("TERM");
    stuck.expect(|frame| frame.kind == GOAWAY).await;
    server.signal("TERM");
    let status = server.exit().await;
    assert_eq!(status.code(), Some(130));
}
