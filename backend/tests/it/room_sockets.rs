//! A room's WebSocket at its edges: what closes it, and readers that do not read.

use std::time::Duration;

use http::Request;
use http_body_util::BodyExt as _;
use roomcast_client::http::{ByteStream, Connection, Options, Trust, Upgrade, Versions, full};
use roomcast_shared::limits::MAX_CLIENT_MESSAGE_BYTES;
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{RefusalCode, ServerMessage};
use roomcast_websocket::{CloseCode, Error, Message, Role, WebSocket, handshake};
use tokio::io::AsyncWriteExt as _;

use crate::support::room::{Tab, json, request};
use crate::support::server::TestServer;
use crate::support::within;

const SOCKET: &str = "/api/rooms/lobby/socket";
const EVENTS: &str = "/api/rooms/lobby/events";
const MESSAGES: &str = "/api/rooms/lobby/messages";

/// So many fragments may a message have.
const MAX_FRAGMENTS: usize = 1_024;

/// How long a reader may take nothing in these tests.
const PATIENCE: Duration = Duration::from_millis(100);

/// A frame as a client sends it, masked by zeros. Its payload is short.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    [&[first, 0x80 | len, 0, 0, 0, 0], payload].concat()
}

/// Enters a room, for a test that writes the bytes itself.
async fn open_raw(server: &TestServer, versions: Versions) -> ByteStream {
    let url = format!("https://{}", server.address).parse().unwrap();
    let options = Options {
        versions,
        ..Options::new(Trust::Anyone)
    };
    let mut connection = within("a connection", Connection::open(&url, &options))
        .await
        .unwrap();
    let request = Request::get(SOCKET)
        .header("sec-websocket-version", handshake::VERSION)
        .header("sec-websocket-key", handshake::generate_key().unwrap());
    let upgrade = connection.upgrade(request.body(()).unwrap(), "websocket");
    match within("an answer", upgrade).await.unwrap() {
        Upgrade::Accepted(_, stream) => stream,
        Upgrade::Refused(response) => panic!("{}", response.status()),
    }
}

/// Reads up to the Close frame; says its code.
async fn close_code(io: ByteStream) -> u16 {
    let mut socket = WebSocket::new(io, Role::Client, roomcast_websocket::Config::default());
    while within("a Close frame", socket.recv())
        .await
        .unwrap()
        .is_some()
    {}
    socket.peer_close().unwrap().code().get()
}

#[tokio::test]
async fn text_that_is_not_utf8_is_1007() {
    let server = TestServer::start().await;
    for versions in [Versions::Http1, Versions::Http2] {
        let mut io = open_raw(&server, versions).await;
        io.write_all(&frame(0x81, b"\"\xff\"")).await.unwrap();
        io.flush().await.unwrap();
        assert_eq!(close_code(io).await, 1007, "{versions:?}");
    }
}

#[tokio::test]
async fn frames_that_break_the_protocol_are_1002() {
    let server = TestServer::start().await;
    for versions in [Versions::Http1, Versions::Http2] {
        let mut io = open_raw(&server, versions).await;
        io.write_all(&[0x81, 0x01, b'a']).await.unwrap();
        io.flush().await.unwrap();
        assert_eq!(close_code(io).await, 1002, "{versions:?}");
    }
}

#[tokio::test]
async fn a_message_may_have_1024_fragments_and_one_more_is_1008() {
    let server = TestServer::start().await;
    for (fragments, expected) in [(MAX_FRAGMENTS, 1003), (MAX_FRAGMENTS + 1, 1008)] {
        let mut io = open_raw(&server, Versions::Http1).await;
        // Binary, so that taking the whole of it shows as well.
        let mut bytes = frame(0x02, b"a");
        for _ in 0..fragments - 2 {
            bytes.extend(frame(0x00, b"a"));
        }
        bytes.extend(frame(0x80, b"a"));
        io.write_all(&bytes).await.unwrap();
        io.flush().await.unwrap();
        assert_eq!(close_code(io).await, expected, "{fragments}");
    }
}

#[tokio::test]
async fn a_message_of_64_kib_is_read_and_one_byte_more_is_1009() {
    let server = TestServer::start().await;
    let mut tab = Tab::open(server.address, SOCKET).await;
    tab.send(&" ".repeat(MAX_CLIENT_MESSAGE_BYTES)).await;
    let refusal = tab.find(|message| match message {
        ServerMessage::Error(refusal) => Some(refusal.code),
        _ => None,
    });
    assert_eq!(refusal.await, RefusalCode::Invalid);
    tab.send(&" ".repeat(MAX_CLIENT_MESSAGE_BYTES + 1)).await;
    assert_eq!(tab.close_code().await, CloseCode::MESSAGE_TOO_BIG);
}

/// A server that soon gives up on readers, and takes messages as fast as they come.
async fn impatient_server() -> TestServer {
    TestServer::start_with(|config| {
        config.limits.write_timeout = PATIENCE;
        config.rooms.message_burst = 1_000_000;
        config.rooms.room_tail_bytes = 64 * 1024;
    })
    .await
}

/// Publishes long messages over one connection.
struct Publisher(Connection);

impl Publisher {
    async fn connect(server: &TestServer) -> Self {
        let url = format!("https://{}", server.address).parse().unwrap();
        let options = Options::new(Trust::Anyone);
        let connection = Connection::open(&url, &options);
        Self(within("a connection", connection).await.unwrap())
    }

    /// Says how many read the room.
    async fn publish(&mut self) -> u64 {
        let request = Request::post(MESSAGES).body(full("語".repeat(4_000)));
        let response = self.0.send(request.unwrap());
        let response = within("an answer", response).await.unwrap();
        assert_eq!(response.status(), 201);
        json(response).await.1["readers"].as_u64().unwrap()
    }

    /// Publishes until nobody reads the room any more. Says how many messages that took.
    async fn publish_until_nobody_reads(&mut self) -> u64 {
        let mut published = 1;
        while self.publish().await > 0 {
            published += 1;
        }
        published
    }
}

/// What a socket still has for its reader, up to the end: the offset of the last message, and
/// the code of the Close frame if there was one.
async fn read_to_end(tab: &mut Tab) -> (Position, Option<u16>) {
    let mut last = tab.welcome.position;
    loop {
        match within("the end", tab.socket.recv()).await {
            Ok(Some(Message::Text(text))) => {
                if let Ok(ServerMessage::Message(event)) = serde_json::from_str(&text) {
                    assert_eq!(event.position.offset, last.offset + 1);
                    last = event.position;
                }
            }
            Ok(Some(other)) => panic!("{other:?}"),
            Ok(None) => {
                let code = tab.socket.peer_close().map(|close| close.code().get());
                return (last, code);
            }
            Err(Error::Lost | Error::Io(_)) => return (last, None),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_let_go_and_resumes_without_a_hole() {
    for versions in [Versions::Http1, Versions::Http2] {
        let server = impatient_server().await;
        let mut tab = Tab::open_with(server.address, SOCKET, versions, &[])
            .await
            .unwrap();
        let mut publisher = Publisher::connect(&server).await;
        let newest = publisher.publish_until_nobody_reads().await;
        let (last, code) = read_to_end(&mut tab).await;
        assert!(last.offset < newest, "{versions:?}: it was too far behind");
        // The reason arrives if the connection still takes it.
        assert!(matches!(code, None | Some(1013)), "{versions:?}: {code:?}");
        let mut tab = Tab::open(server.address, &format!("{SOCKET}?from={last}")).await;
        for offset in last.offset + 1..=newest {
            assert_eq!(tab.message().await.position.offset, offset);
        }
    }
}

#[tokio::test]
async fn an_event_stream_whose_reader_takes_nothing_ends() {
    let server = impatient_server().await;
    let fields = [("accept", "text/event-stream")];
    let response = request("https", server.address, "GET", EVENTS, &fields, "").await;
    let mut publisher = Publisher::connect(&server).await;
    publisher.publish_until_nobody_reads().await;
    let mut body = response.into_body();
    while let Some(Ok(_)) = within("the end", body.frame()).await {}
}

/// Others do not notice a reader that does not read.
#[tokio::test]
async fn a_reader_that_takes_nothing_holds_up_nobody() {
    let server = TestServer::start_with(|config| config.rooms.message_burst = 1_000_000).await;
    let _asleep = Tab::open(server.address, SOCKET).await;
    let mut awake = Tab::open(server.address, SOCKET).await;
    let mut publisher = Publisher::connect(&server).await;
    for offset in 1..=500 {
        publisher.publish().await;
        assert_eq!(awake.message().await.position.offset, offset);
    }
}
