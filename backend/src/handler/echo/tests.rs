//! Over real sockets and HTTP/1.1.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::any;
use roomcast_websocket::{Message, Part, Role, WebSocket};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::protocol::{self, Agreement, Connection, Context, Socket};

/// What the echo reaches of the server.
#[derive(Clone)]
struct EchoState(Shutdown, HoldingRoom);

impl FromRef<EchoState> for HoldingRoom {
    fn from_ref(state: &EchoState) -> Self {
        state.1.clone()
    }
}

impl FromRef<EchoState> for Shutdown {
    fn from_ref(state: &EchoState) -> Self {
        state.0.clone()
    }
}

impl FromRef<EchoState> for Config {
    fn from_ref(_: &EchoState) -> Self {
        Self::default()
    }
}

/// A server of the echo alone on a port of its own.
async fn serve(shutdown: Shutdown) -> SocketAddr {
    serve_with_room(shutdown, crate::defaults::ECHO_HELD_BYTES).await
}

/// The same with room for so many bytes of messages that are still coming.
async fn serve_with_room(shutdown: Shutdown, bytes: usize) -> SocketAddr {
    let router = Router::new()
        .route("/api/echo", any(echo))
        .with_state(EchoState(shutdown, HoldingRoom::new(bytes)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((io, remote)) = listener.accept().await {
            let context = Context {
                router: router.clone(),
                remote,
                limits: Arc::default(),
                shutdown: Shutdown::new(),
            };
            let socket = Socket::Plain(io);
            tokio::spawn(async move {
                let opened = protocol::open(socket, Agreement::Http1, context).await;
                if let Some((http, end)) = opened.map(Connection::into_parts) {
                    http.await;
                    end.wait().await;
                }
            });
        }
    });
    address
}

/// Sends a request as it is and reads head and body of the response.
async fn send(address: SocketAddr, request: &[u8]) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    let response = String::from_utf8(response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

async fn open(address: SocketAddr) -> WebSocket<BufStream<TcpStream>> {
    WebSocket::new(open_stream(address).await, Role::Client, Config::default())
}

/// A byte stream that has become a WebSocket.
async fn open_stream(address: SocketAddr) -> BufStream<TcpStream> {
    let mut stream = BufStream::new(TcpStream::connect(address).await.unwrap());
    stream
        .write_all(
            b"GET /api/echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
              sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await
        .unwrap();
    stream.flush().await.unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert_eq!(line, "HTTP/1.1 101 Switching Protocols\r\n");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
    }
    stream
}

#[tokio::test]
async fn messages_up_to_16_mebibytes_come_back_as_they_were() {
    let mut socket = open(serve(Shutdown::new()).await).await;
    for message in [
        Message::Text("grüß dich 🦀".into()),
        Message::Binary(bytes::Bytes::from_static(&[0, 255])),
        Message::Text(String::new()),
        Message::Binary(vec![7; 16 * 1024 * 1024].into()),
    ] {
        socket.send(message.clone()).await.unwrap();
        assert!(socket.recv().await.unwrap() == Some(message));
    }
}

/// The first bytes of the next frame of a message: its flags and type, and how long it is.
async fn read_frame(stream: &mut BufStream<TcpStream>) -> (u8, usize) {
    let (first, length) = (
        stream.read_u8().await.unwrap(),
        stream.read_u8().await.unwrap(),
    );
    let length = match length {
        126 => usize::from(stream.read_u16().await.unwrap()),
        127 => usize::try_from(stream.read_u64().await.unwrap()).unwrap(),
        length => length.into(),
    };
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    (first, length)
}

#[tokio::test]
async fn a_message_that_there_is_no_room_to_hold_comes_back_as_it_comes() {
    const BYTES: usize = 1024 * 1024;
    let address = serve_with_room(Shutdown::new(), BYTES / 4).await;
    let mut stream = open_stream(address).await;
    let mut head = vec![0x82, 0xff];
    head.extend((BYTES as u64).to_be_bytes());
    head.extend([0; 4]);
    stream.write_all(&head).await.unwrap();
    stream.write_all(&vec![7; BYTES / 2]).await.unwrap();
    stream.flush().await.unwrap();

    // Were it held until its end, nothing would come.
    let (first, mut returned) = read_frame(&mut stream).await;
    assert_eq!(first, 0x02, "binary, and more to come");
    stream.write_all(&vec![7; BYTES / 2]).await.unwrap();
    stream.flush().await.unwrap();
    while returned < BYTES {
        let (first, length) = read_frame(&mut stream).await;
        returned += length;
        assert_eq!(first, if returned < BYTES { 0x00 } else { 0x80 });
    }
}

#[tokio::test]
async fn the_room_of_a_message_is_free_when_it_was_returned_and_when_its_sender_goes() {
    const BYTES: usize = 256 * 1024;
    let room = HoldingRoom::new(BYTES);
    let part = || Part {
        content: Message::Binary(vec![7; BYTES].into()),
        is_first: true,
        is_last: false,
    };
    let held = room.hold(part()).unwrap();
    assert_eq!(room.hold(part()).unwrap_err(), part());
    drop(held);
    assert!(room.hold(part()).is_ok());
}

#[tokio::test]
async fn a_close_comes_back_with_its_code() {
    let mut socket = open(serve(Shutdown::new()).await).await;
    let code = CloseCode::try_from(4321).unwrap();
    socket.close(code, "done").await.unwrap();
    assert_eq!(socket.peer_close().unwrap().code(), code);
}

#[tokio::test]
async fn a_stopping_server_closes_with_1001() {
    let shutdown = Shutdown::new();
    let mut socket = open(serve(shutdown.clone()).await).await;
    socket.send("before").await.unwrap();
    assert!(socket.recv().await.unwrap().is_some());
    shutdown.request();
    assert_eq!(socket.recv().await.unwrap(), None);
    assert_eq!(socket.peer_close().unwrap().code(), CloseCode::GOING_AWAY);
}

#[tokio::test]
async fn any_other_request_is_reported() {
    let address = serve(Shutdown::new()).await;
    let (head, body) = send(
        address,
        b"BREW /api/echo?a=%20b HTTP/1.1\r\nHost: x\r\nX-B: 1\r\nX-A: \xff\r\nX-B: \xc3\xbc\r\n\
          Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n\
          2\r\nab\r\n1\r\nc\r\n0\r\nX-T: t\r\n\r\n",
    )
    .await;
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert!(head.contains("cache-control: no-store"), "{head}");
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({
            "method": "BREW",
            "target": "/api/echo?a=%20b",
            "authority": null,
            "version": "HTTP/1.1",
            "header_fields": [
                {"name": "host", "value": "x"},
                {"name": "x-b", "value": "1"},
                {"name": "x-b", "value": "ü"},
                {"name": "x-a", "base64": "/w=="},
                {"name": "connection", "value": "close"},
                {"name": "transfer-encoding", "value": "chunked"},
                {"name": "trailer", "value": "X-T"},
            ],
            "body": {
                "length": 3,
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            },
            "trailers": [{"name": "x-t", "value": "t"}],
        })
    );
}

#[tokio::test]
async fn head_gets_the_length_of_the_report_and_no_body() {
    let address = serve(Shutdown::new()).await;
    let (head, body) = send(
        address,
        b"HEAD /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert!(
        head.contains("content-length: ") && !head.contains("content-length: 0"),
        "{head}"
    );
    assert_eq!(body, "");
}

#[tokio::test]
async fn a_wrong_handshake_is_refused() {
    let address = serve(Shutdown::new()).await;
    let (head, body) = send(
        address,
        b"GET /api/echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\
          Sec-WebSocket-Version: 8\r\n\r\n",
    )
    .await;
    assert!(head.starts_with("http/1.1 426 "), "{head}");
    assert!(head.contains("application/problem+json"), "{head}");
    assert!(body.contains("Sec-WebSocket-Version: 13"), "{body}");
}
