//! What a stranger may use up, on both sides of each limit.

use std::net::SocketAddr;
use std::time::Duration;

use http::Method;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::client::{self, Client};
use crate::support::frame::{
    END_STREAM, Frame, INITIAL_WINDOW_SIZE, REFUSED_STREAM, RST_STREAM, request,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::{tls, within};

const SHORT: Duration = Duration::from_millis(100);

/// The rest of the server goes on answering.
async fn expect_service(server: &TestServer) {
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/healthz", &[]).await.status(), 200);
}

/// One field whose entry in the header list has this size (RFC 9113, section 6.5.2), beside
/// those of an ordinary request.
fn filling(list_bytes: usize) -> String {
    let request: usize = request("GET", "/healthz")
        .iter()
        .map(|(name, value)| name.len() + value.len() + 32)
        .sum();
    "x".repeat(list_bytes - request - "x".len() - 32)
}

#[tokio::test]
async fn a_header_list_beyond_its_limit_is_answered_with_431_over_http2() {
    let server = TestServer::start_with(|config| {
        config.limits.max_header_list_bytes = 4_000;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    // h2 takes less than the limit, not as much.
    for (stream, list_bytes, status) in [(1, 3_999, 200), (3, 4_001, 431), (5, 3_999, 200)] {
        let value = filling(list_bytes);
        let mut fields = request("GET", "/healthz").to_vec();
        fields.push(("x", &value));
        peer.send(Frame::headers(stream, END_STREAM, &fields)).await;
        assert_eq!(peer.expect_response(stream).await, status);
    }
}

#[tokio::test]
async fn a_head_beyond_its_limit_is_answered_with_431_over_http1() {
    let server = TestServer::start_with(|config| {
        config.limits.max_header_list_bytes = 10_000;
    })
    .await;
    for (bytes, status) in [(9_000, 200), (20_000, 431)] {
        let mut peer = TextPeer::connect(server.address).await;
        let value = "x".repeat(bytes);
        peer.send(&format!(
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: {value}\r\n\r\n"
        ))
        .await;
        assert_eq!(peer.head().await.status, status);
    }
}

#[tokio::test]
async fn one_stream_more_than_allowed_is_refused_and_the_others_go_on() {
    let server = TestServer::start_with(|config| {
        config.limits.max_concurrent_streams = 2;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::post(1, "/api/echo")).await;
    peer.send(Frame::post(3, "/api/echo")).await;
    peer.send(Frame::post(5, "/api/echo")).await;
    peer.expect_any_error(5, &[REFUSED_STREAM]).await;
    peer.send(Frame::data(1, END_STREAM, [])).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.expect_end(1).await;
    peer.send(Frame::get(7, "/healthz")).await;
    assert_eq!(peer.expect_response(7).await, 200);
    peer.send(Frame::data(3, END_STREAM, [])).await;
    assert_eq!(peer.expect_response(3).await, 200);
}

#[tokio::test]
async fn a_body_beyond_its_limit_is_answered_with_413_whether_its_length_was_said_or_not() {
    let server = TestServer::start_with(|config| config.limits.max_body_bytes = 1_000).await;
    for (bytes, status) in [(1_000, 200), (1_001, 413)] {
        let body = "x".repeat(bytes);
        let mut client = Client::connect(server.address).await;
        assert_eq!(
            client.post("/api/echo", body.as_bytes()).await.status(),
            status
        );

        let length = bytes.to_string();
        let mut request = client::get("/api/echo", &[("content-length", &length)]);
        *request.method_mut() = Method::POST;
        let (response, mut stream) = client.begin(request, false).await;
        // It may be refused before the body is there.
        let _ = stream.send_data(body.clone().into(), true);
        assert_eq!(client::whole(response).await.status(), status);

        for framing in [
            format!("Content-Length: {bytes}\r\n\r\n{body}"),
            format!("Transfer-Encoding: chunked\r\n\r\n{bytes:x}\r\n{body}\r\n0\r\n\r\n"),
        ] {
            let mut peer = TextPeer::connect(server.address).await;
            peer.send(&format!(
                "POST /api/echo HTTP/1.1\r\nHost: localhost\r\n{framing}"
            ))
            .await;
            assert_eq!(peer.head().await.status, status, "{framing:.30}");
        }
    }
}

#[tokio::test]
async fn a_body_that_stands_still_is_answered_with_408() {
    let server = TestServer::start_with(|config| config.limits.body_timeout = SHORT).await;
    let mut frames = Peer::connect(server.address).await;
    frames.send(Frame::post(1, "/api/echo")).await;
    assert_eq!(frames.expect_response(1).await, 408);
    let mut text = TextPeer::connect(server.address).await;
    text.send("POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfo")
        .await;
    assert_eq!(text.head().await.status, 408);
    expect_service(&server).await;
}

#[tokio::test]
async fn a_tls_handshake_that_takes_too_long_is_cut_off() {
    let server = TestServer::start_with(|config| config.limits.handshake_timeout = SHORT).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let read = within("the end", silent.read(&mut [0; 100])).await;
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    expect_service(&server).await;
}

#[tokio::test]
async fn a_tls_handshake_has_a_time_of_its_own() {
    let server = TestServer::start_with(|config| config.limits.header_timeout = SHORT).await;
    let tcp = TcpStream::connect(server.address).await.unwrap();
    // The time of a head passes on another connection.
    let mut other = TextPeer::connect(server.address).await;
    assert_eq!(other.rest().await, b"");
    let tls = within("the TLS handshake", tls::handshake(tcp, tls::HTTP11)).await;
    let mut late = TextPeer::over(tls.unwrap());
    assert_eq!(late.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_head_over_http1_that_comes_too_slowly_is_cut_off() {
    let server = TestServer::start_with(|config| config.limits.header_timeout = SHORT).await;
    let mut slow = TextPeer::connect(server.address).await;
    slow.send("GET / HTTP/1.1\r\nHost: localhost\r\n").await;
    let drip = async {
        let mut ticks = tokio::time::interval(SHORT / 4);
        loop {
            ticks.tick().await;
            if slow.try_send(b"X: y\r\n").await.is_err() {
                break;
            }
        }
    };
    within("the server to cut off a dripping head", drip).await;
    expect_service(&server).await;
}

#[tokio::test]
async fn a_head_over_http1_that_begins_with_the_request_before_it_is_cut_off_as_well() {
    let server = TestServer::start_with(|config| config.limits.header_timeout = SHORT).await;
    let mut slow = TextPeer::connect(server.address).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    slow.send(&format!("{request}\r\n{request}")).await;
    let head = slow.head().await;
    assert_eq!(head.status, 200);
    slow.body(&head).await;
    // The time of an idle connection would be more than a test waits.
    slow.rest().await;
    expect_service(&server).await;
}

#[tokio::test]
async fn a_connection_over_http1_may_rest_for_longer_than_a_head_may_take() {
    let server = TestServer::start_with(|config| {
        config.limits.header_timeout = SHORT;
        config.limits.idle_timeout = SHORT * 10;
    })
    .await;
    let mut peer = TextPeer::connect(server.address).await;
    let head = peer.get("/healthz").await;
    peer.body(&head).await;
    // The time of a head passes on another connection.
    let mut other = TextPeer::connect(server.address).await;
    assert_eq!(other.rest().await, b"");
    assert_eq!(peer.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_window_that_is_never_opened_ends_its_stream() {
    let server = TestServer::start_with(|config| config.limits.write_timeout = SHORT).await;
    let mut peer = Peer::connect_with(server.address, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    peer.send(Frame::get(1, "/prime?interval=0&count=0")).await;
    assert_eq!(peer.expect_response(1).await, 200);
    let reset = peer.expect(|frame| frame.kind == RST_STREAM).await;
    assert_eq!(reset.stream, 1);
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_window_that_is_opened_by_one_byte_and_never_again_ends_its_stream() {
    let server = TestServer::start_with(|config| config.limits.write_timeout = SHORT).await;
    let mut peer = Peer::connect_with(server.address, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    peer.send(Frame::get(1, "/prime?interval=0&count=0")).await;
    peer.send(Frame::window_update(1, 1)).await;
    let data = peer.expect(|frame| frame.kind == 0).await;
    assert_eq!(data.payload.len(), 1);
    let reset = peer.expect(|frame| frame.kind == RST_STREAM).await;
    assert_eq!(reset.stream, 1);
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_connection_window_that_is_never_opened_ends_the_stream_that_waits_for_it() {
    let server = TestServer::start_with(|config| config.limits.write_timeout = SHORT).await;
    let window = (INITIAL_WINDOW_SIZE, 1_000_000);
    let mut peer = Peer::connect_with(server.address, &[window]).await;
    peer.send(Frame::get(1, "/prime?interval=0&count=0")).await;
    let reset = peer.expect(|frame| frame.kind == RST_STREAM).await;
    assert_eq!(reset.stream, 1);
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_socket_that_is_never_read_is_closed() {
    let server = TestServer::start_with(|config| {
        config.limits.write_timeout = SHORT;
        // Only the last of the ways out is left to the server.
        config.limits.max_connections = 1;
    })
    .await;
    let mut unread = TextPeer::connect(server.address).await;
    unread
        .send("GET /prime?interval=0&count=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    within("the only place", only_place_is_free(server.address)).await;
}

#[tokio::test]
async fn a_socket_of_http2_that_is_never_read_is_closed() {
    let server = TestServer::start_with(|config| {
        config.limits.write_timeout = SHORT;
        config.limits.max_connections = 1;
    })
    .await;
    let window = (INITIAL_WINDOW_SIZE, 0x7fff_ffff);
    let mut unread = Peer::connect_with(server.address, &[window]).await;
    unread.send(Frame::window_update(0, 0x7fff_0000)).await;
    unread
        .send(Frame::get(1, "/prime?interval=0&count=0"))
        .await;
    within("the only place", only_place_is_free(server.address)).await;
}

/// Comes back once the server has given up the connection that has its only place.
async fn only_place_is_free(address: SocketAddr) {
    loop {
        let tcp = TcpStream::connect(address).await.unwrap();
        // Beyond those that are told why they are refused, connections are just closed.
        if let Ok(io) = tls::handshake(tcp, tls::HTTP11).await {
            match TextPeer::over(io).get("/healthz").await.status {
                200 => return,
                status => assert_eq!(status, 503),
            }
        }
        tokio::task::yield_now().await;
    }
}
