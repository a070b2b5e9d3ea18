//! WebSockets over both protocols, by the echo (RFC 6455, RFC 8441).

use std::time::Duration;

use bytes::Bytes;
use roomcast_websocket::{CloseCode, Config, Message, Role, WebSocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::frame::{DATA, END_STREAM, Frame, HEADERS, request};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::web_socket::{self, ClientSocket, ROADS};
use crate::support::{Io, within};

const MIB: usize = 1024 * 1024;

async fn next(socket: &mut ClientSocket) -> Option<Message> {
    within("a message", socket.recv()).await.unwrap()
}

/// A frame as a client sends it, masked by zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length @ 0..=125) => bytes.push(0x80 | u8::try_from(length).unwrap()),
        Ok(length) => {
            bytes.push(0xfe);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}

/// Reads to the Close frame that must come next; says its code.
async fn read_close(io: &mut Box<dyn Io>) -> u16 {
    let mut head = [0; 4];
    within("a Close frame", io.read_exact(&mut head))
        .await
        .unwrap();
    assert_eq!(head[0], 0x88, "{head:?}");
    u16::from_be_bytes([head[2], head[3]])
}

#[tokio::test]
async fn text_and_binary_messages_come_back() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut socket = web_socket::open(server.address, road).await;
        socket.send("Grüße").await.unwrap();
        assert!(matches!(next(&mut socket).await, Some(Message::Text(text)) if text == "Grüße"));
        socket.send(Bytes::from_static(&[0, 255, 7])).await.unwrap();
        assert!(
            matches!(next(&mut socket).await, Some(Message::Binary(data)) if data[..] == [0, 255, 7])
        );
    }
}

#[tokio::test]
async fn a_close_is_answered_with_its_own_code() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut socket = web_socket::open(server.address, road).await;
        let code = CloseCode::try_from(4_321).unwrap();
        within("the closing handshake", socket.close(code, "enough"))
            .await
            .unwrap();
        let close = socket.peer_close().unwrap();
        assert_eq!(close.code().get(), 4_321);
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_its_own_content() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut io = web_socket::open_raw(server.address, road).await;
        io.write_all(&frame(0x89, b"ping!")).await.unwrap();
        let mut pong = [0; 7];
        within("a pong", io.read_exact(&mut pong)).await.unwrap();
        assert_eq!(&pong, b"\x8a\x05ping!");
    }
}

#[tokio::test]
async fn after_a_web_socket_the_connection_ends_properly() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut io = web_socket::open_raw(server.address, road).await;
        io.write_all(&frame(0x88, &1000_u16.to_be_bytes()))
            .await
            .unwrap();
        assert_eq!(read_close(&mut io).await, 1000);
        // An end without close_notify would be an error.
        let rest = within("the end", io.read(&mut [0; 10])).await;
        assert_eq!(rest.unwrap(), 0, "{road:?}");
    }
}

#[tokio::test]
async fn a_message_of_16_mib_comes_back_and_one_byte_more_is_1009() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut socket = web_socket::open(server.address, road).await;
        let message = Bytes::from(vec![7; 16 * MIB]);
        socket.feed(message.clone()).await.unwrap();
        assert!(matches!(next(&mut socket).await, Some(Message::Binary(data)) if data == message));

        let mut io = web_socket::open_raw(server.address, road).await;
        // Its length alone is enough.
        let mut head = vec![0x82, 0xff];
        head.extend((16 * MIB as u64 + 1).to_be_bytes());
        head.extend([0; 4]);
        io.write_all(&head).await.unwrap();
        assert_eq!(read_close(&mut io).await, 1009);
    }
}

#[tokio::test]
async fn a_message_in_100_000_fragments_comes_back_whole() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut io = web_socket::open_raw(server.address, road).await;
        let mut bytes = frame(0x01, b"a");
        for _ in 0..99_998 {
            bytes.extend(frame(0x00, b"b"));
        }
        bytes.extend(frame(0x80, b"c"));
        within("the server to read", io.write_all(&bytes))
            .await
            .unwrap();
        let mut socket = WebSocket::new(io, Role::Client, Config::default());
        let expected = format!("a{}c", "b".repeat(99_998));
        assert_eq!(next(&mut socket).await, Some(Message::Text(expected)));
    }
}

/// Each fragment in a DATA frame of its own: many tiny frames are no flood when they are read.
#[tokio::test]
async fn fragments_that_come_in_frames_of_their_own_are_no_flood() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(connect()).await;
    assert_eq!(peer.expect_response(1).await, 200);
    let mut bytes = Frame::data(1, 0, frame(0x02, b"a")).bytes();
    for _ in 0..20_000 {
        bytes.extend(Frame::data(1, 0, frame(0x00, b"b")).bytes());
    }
    bytes.extend(Frame::data(1, 0, frame(0x80, b"c")).bytes());
    peer.send_bytes(&bytes).await;
    let echo = peer.expect(|frame| frame.kind == 0).await;
    assert_eq!(echo.payload[0], 0x02);
}

#[tokio::test]
async fn text_that_is_not_utf8_is_1007_as_soon_as_it_is_known() {
    let server = TestServer::start().await;
    for road in ROADS {
        let mut io = web_socket::open_raw(server.address, road).await;
        // The frame says that more is to come, and the message, too.
        io.write_all(&[0x01, 0xe4, 0, 0, 0, 0, b'a', 0xff])
            .await
            .unwrap();
        assert_eq!(read_close(&mut io).await, 1007);
    }
}

#[tokio::test]
async fn frames_that_break_the_protocol_are_1002() {
    let server = TestServer::start().await;
    for road in ROADS {
        for bytes in [
            // Not masked.
            vec![0x81, 0x01, b'a'],
            // A reserved bit.
            frame(0xc1, b"a"),
            // An unknown opcode.
            frame(0x83, b"a"),
            // Nothing to continue.
            frame(0x80, b"a"),
            // A fragmented ping.
            frame(0x09, b"a"),
            // A ping that is too long.
            frame(0x89, &[0; 126]),
        ] {
            let mut io = web_socket::open_raw(server.address, road).await;
            io.write_all(&bytes).await.unwrap();
            assert_eq!(read_close(&mut io).await, 1002, "{road:?} {bytes:?}");
        }
    }
}

#[tokio::test]
async fn a_client_that_closes_its_stream_of_http2_is_let_go() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(connect()).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.send(Frame::data(1, END_STREAM, [])).await;
    peer.expect(|frame| frame.stream == 1 && (frame.has(END_STREAM) || frame.kind == 0x3))
        .await;
    peer.expect_alive().await;
}

#[tokio::test]
async fn the_head_of_a_web_socket_over_http2_has_no_length_and_no_end() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(connect()).await;
    let head = peer.expect(|frame| frame.kind == HEADERS).await;
    assert!(!head.has(END_STREAM));
}

#[tokio::test]
async fn an_http2_connection_whose_web_socket_is_silent_is_kept_while_it_answers_pings() {
    let server = TestServer::start_with(|config| {
        config.limits.keep_alive_interval = Duration::from_millis(20);
        config.limits.idle_timeout = Duration::from_millis(20);
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(connect()).await;
    for _ in 0..4 {
        let ping = peer.expect(|frame| frame.kind == 0x6).await;
        peer.send(Frame::new(0x6, 0x1, 0, ping.payload)).await;
    }
    peer.send(Frame::data(1, 0, frame(0x81, b"still here")))
        .await;
    let echo = peer.expect(|frame| frame.kind == 0).await;
    assert_eq!(echo.payload, b"\x81\x0astill here");
}

fn connect() -> Frame {
    let mut fields = request("CONNECT", "/api/echo").to_vec();
    fields.extend([(":protocol", "websocket"), ("sec-websocket-version", "13")]);
    Frame::headers(1, 0, &fields)
}

#[tokio::test]
async fn a_peer_that_never_answers_a_ping_is_cut_off() {
    let server = TestServer::start_with(|config| {
        config.limits.keep_alive_interval = Duration::from_millis(50);
        config.limits.keep_alive_timeout = Duration::from_millis(50);
    })
    .await;
    for road in ROADS {
        let mut io = web_socket::open_raw(server.address, road).await;
        let mut ping = [0; 2];
        within("a Ping frame", io.read_exact(&mut ping))
            .await
            .unwrap();
        assert_eq!(ping[0], 0x89, "{road:?}");
        // Whatever the ping carries comes first; then the server has had enough of the silence.
        let mut content = vec![0; usize::from(ping[1])];
        io.read_exact(&mut content).await.unwrap();
        assert_eq!(read_close(&mut io).await, 1011, "{road:?}");
    }
}

/// Its frames are no heads of requests, which would have to be complete in time.
#[tokio::test]
async fn a_web_socket_that_says_something_and_then_is_silent_is_kept() {
    let server = TestServer::start_with(|config| {
        config.limits.header_timeout = Duration::from_secs(1);
        config.limits.keep_alive_interval = Duration::from_millis(300);
    })
    .await;
    for road in ROADS {
        let mut io = web_socket::open_raw(server.address, road).await;
        for _ in 0..5 {
            let mut ping = [0; 2];
            within("a ping", io.read_exact(&mut ping)).await.unwrap();
            assert_eq!(ping, [0x89, 0], "{road:?}");
            io.write_all(&frame(0x8a, b"")).await.unwrap();
            io.flush().await.unwrap();
        }
        io.write_all(&frame(0x81, b"still here")).await.unwrap();
        io.flush().await.unwrap();
        let mut echo = [0; 12];
        within("the echo", io.read_exact(&mut echo)).await.unwrap();
        assert_eq!(&echo, b"\x81\x0astill here", "{road:?}");
    }
}

/// As many libraries do, which open both windows again for every few bytes that they read.
#[tokio::test]
async fn over_http2_whoever_opens_its_windows_for_each_message_is_no_flood() {
    let server = TestServer::plain().await;
    let mut peer = Peer::connect_plain(server.address, &[]).await;
    let mut fields = request("CONNECT", "/api/echo").to_vec();
    fields.extend([(":protocol", "websocket"), ("sec-websocket-version", "13")]);
    peer.send(Frame::headers(1, 0, &fields)).await;
    assert_eq!(peer.expect_response(1).await, 200);
    // Twice as many updates as are free, and more than time pays for.
    let mut answer = Vec::new();
    for stream in [0, 1, 0, 1] {
        answer.extend(Frame::window_update(stream, 1).bytes());
    }
    answer.extend(Frame::data(1, 0, frame(0x82, b"x")).bytes());
    for _ in 0..6_000 {
        peer.send_bytes(&answer).await;
        peer.expect(|frame| frame.kind == DATA).await;
    }
    peer.expect_alive().await;
}
