//! WebSockets from the client's side, over either protocol.

use std::future::poll_fn;
use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::Builder;
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use http::{Method, Request};
use roomcast_websocket::{Config, Role, WebSocket, handshake};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::client::Client;
use super::text_peer::TextPeer;
use super::{Io, within};

/// How a WebSocket came to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Road {
    /// An upgrade of HTTP/1.1 (RFC 6455).
    Http1,
    /// An extended CONNECT of HTTP/2 (RFC 8441).
    Http2,
}

/// Both.
pub(crate) const ROADS: [Road; 2] = [Road::Http1, Road::Http2];

/// A client's WebSocket.
pub(crate) type ClientSocket = WebSocket<Box<dyn Io>>;

/// Opens a WebSocket to the echo.
pub(crate) async fn open(address: SocketAddr, road: Road) -> ClientSocket {
    let config = Config::default();
    WebSocket::new(open_raw(address, road).await, Role::Client, config)
}

/// Opens a WebSocket to the echo, for a test that writes the bytes itself.
pub(crate) async fn open_raw(address: SocketAddr, road: Road) -> Box<dyn Io> {
    match road {
        Road::Http1 => upgrade(address).await,
        Road::Http2 => connect(address).await,
    }
}

async fn upgrade(address: SocketAddr) -> Box<dyn Io> {
    let mut peer = TextPeer::connect(address).await;
    let key = handshake::generate_key().unwrap();
    peer.send(&format!(
        "GET /api/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ))
    .await;
    let head = peer.head().await;
    assert_eq!(head.status, 101, "{}", head.text);
    let accept = handshake::accept_key(key.as_bytes());
    assert_eq!(head.field("sec-websocket-accept"), Some(accept.as_str()));
    peer.into_io()
}

async fn connect(address: SocketAddr) -> Box<dyn Io> {
    let mut client = Client::connect_with(address, Builder::new().enable_push(false)).await;
    let mut request = Request::new(());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = "https://localhost/api/echo".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-version", "13".parse().unwrap());
    request
        .extensions_mut()
        .insert(Protocol::from_static("websocket"));
    let (response, send) = client.begin(request, false).await;
    let response = within("the response", response).await.unwrap();
    assert_eq!(response.status(), 200);
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (reader, writer) = tokio::io::split(theirs);
    tokio::spawn(carry_in(response.into_body(), writer));
    tokio::spawn(carry_out(reader, send));
    Box::new(ours)
}

async fn carry_in(mut from: RecvStream, mut to: tokio::io::WriteHalf<DuplexStream>) {
    while let Some(Ok(data)) = from.data().await {
        if to.write_all(&data).await.is_err()
            || from.flow_control().release_capacity(data.len()).is_err()
        {
            return;
        }
    }
    // The other side may be gone already.
    let _ = to.shutdown().await;
}

async fn carry_out(mut from: tokio::io::ReadHalf<DuplexStream>, mut to: SendStream<Bytes>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mut data = Bytes::copy_from_slice(&buffer[..read]);
        while !data.is_empty() {
            to.reserve_capacity(data.len());
            let Some(Ok(capacity)) = poll_fn(|cx| to.poll_capacity(cx)).await else {
                return;
            };
            let part = data.split_to(capacity.min(data.len()));
            if to.send_data(part, false).is_err() {
                return;
            }
        }
    }
    let _ = to.send_data(Bytes::new(), true);
}
