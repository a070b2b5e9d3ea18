//! How many connections there may be, and what one more is told.

use tokio::net::TcpStream;

use crate::support::frame::{Frame, GOAWAY, NO_ERROR};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::{tls, within};

/// The options for as many connections in all and of one address, and what one more is answered.
const CONNECTION_LIMITS: [(usize, usize, u16, &str); 2] = [
    (
        2,
        100,
        503,
        "This server has as many connections as it takes: try again in a while. For the operator: raise --max-connections.",
    ),
    (
        100,
        2,
        429,
        "Your address has as many connections to this server as it may have (2): close one and try again. \
         For the operator: raise --max-connections-per-address.",
    ),
];

#[tokio::test]
async fn one_connection_more_than_allowed_is_told_so_and_closed() {
    for (all, of_one_address, status, sentence) in CONNECTION_LIMITS {
        let server = TestServer::start_with(|config| {
            config.limits.max_connections = all;
            config.limits.max_connections_per_address = of_one_address;
        })
        .await;
        let mut first = TextPeer::connect(server.address).await;
        let mut second = Peer::connect(server.address).await;

        let mut third = TextPeer::connect(server.address).await;
        let head = third.get("/prime").await;
        assert_eq!(head.status, status);
        assert_eq!(head.field("retry-after"), Some("5"));
        assert_eq!(head.field("connection"), Some("close"));
        let problem: serde_json::Value = serde_json::from_slice(&third.body(&head).await).unwrap();
        assert_eq!(problem["detail"], sentence);
        assert_eq!(third.rest().await, b"");

        let mut fourth = Peer::connect(server.address).await;
        fourth.send(Frame::get(1, "/")).await;
        assert_eq!(fourth.expect_response(1).await, status);
        fourth
            .expect(|frame| frame.kind == GOAWAY && frame.error_code() == NO_ERROR)
            .await;
        fourth.expect_close().await;

        assert_eq!(first.get("/healthz").await.status, 200);
        second.expect_alive().await;
    }
}

#[tokio::test]
async fn a_web_socket_and_a_person_that_are_one_connection_too_many_are_told_so() {
    let server = TestServer::start_with(|config| config.limits.max_connections = 0).await;
    let mut socket = TextPeer::connect(server.address).await;
    socket
        .send(
            "GET /api/rooms/tea/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
            Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n",
        )
        .await;
    assert_eq!(socket.head().await.status, 503);

    let mut person = TextPeer::connect(server.address).await;
    person
        .send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n")
        .await;
    let head = person.head().await;
    assert_eq!(head.status, 503);
    let page = String::from_utf8(person.body(&head).await).unwrap();
    assert!(page.contains("try again in a while"), "{page}");
}

#[tokio::test]
async fn one_address_that_has_too_many_connections_is_not_told_so_for_ever() {
    let server = TestServer::start_with(|config| config.limits.max_connections = 0).await;
    let mut told = vec![];
    for _ in 0..4 {
        told.push(TextPeer::connect(server.address).await);
    }
    let tcp = TcpStream::connect(server.address).await.unwrap();
    let fifth = within("an answer", tls::handshake(tcp, tls::HTTP11)).await;
    assert!(fifth.is_err());
}
