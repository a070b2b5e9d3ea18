//! `roomcast ws`.

use std::path::Path;
use std::time::Instant;

use roomcast_websocket::config::CLOSE_TIMEOUT;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::opening::{accept_key, raw_head, switching_protocols};
use crate::support::process::ServerProcess;
use crate::support::runner::{Client, foreign_server};
use crate::support::scripted::Scripted;
use crate::support::{try_nothing, within};

#[tokio::test]
async fn lines_are_messages_and_messages_lines_over_each_protocol() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("wss://{}/api/echo", server.address);
    for (version, name) in [("--http1", "HTTP/1.1"), ("--http2", "HTTP/2")] {
        let mut client = Client::start(&["ws", &url, "-k", version, "--linger", "1m"]);
        client.note(&format!("over {name}")).await;
        for text in ["hello", "", "ünïcödé 語"] {
            client.say(text).await;
            assert_eq!(client.line().await, text);
        }
        client.signal("INT");
        assert_eq!(client.exit().await, 130);
    }
}

#[tokio::test]
async fn what_was_piped_in_is_answered_before_the_close() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("{}/api/echo", server.address);
    let mut client = Client::start(&["ws", &url, "--insecure", "--linger", "3s"]);
    let lines: Vec<_> = (0..500)
        .map(|n| format!("line {n} {}", "x".repeat(500)))
        .collect();
    // More than both ends hold: who writes without reading would stop here.
    assert_eq!(client.pipe(&lines.join("\n")).await, lines);
    client.note("closed with code 1000").await;
    assert_eq!(client.exit().await, 0);
}

#[tokio::test]
async fn a_line_that_is_no_utf8_is_not_sent_and_what_follows_is() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("wss://{}/api/echo", server.address);
    let mut client = Client::start(&["ws", &url, "--insecure"]);
    client.type_bytes(b"a\xffb\nlast\n").await;
    client.end_input();
    assert_eq!(client.rest().await, ["last"]);
    client
        .note("line 1 of the input is not UTF-8 at byte 2")
        .await;
    assert_eq!(client.exit().await, 2);
}

#[tokio::test]
async fn one_closes_as_one_likes_and_needs_no_answer() {
    let (url, server) = serve(None, Vec::new(), false).await;
    let arguments = [
        "--linger",
        "1ms",
        "--close-code",
        "4001",
        "--close-reason",
        "so",
    ];
    let mut client = Client::start(&[&["ws", &*url], &arguments[..]].concat());
    client.end_input();
    let mut io = within("the server", server).await.unwrap();
    let mut frame = [0; 10];
    within("a Close frame", io.read_exact(&mut frame))
        .await
        .unwrap();
    let [0x88, 0x84, mask @ .., _, _, _, _] = frame else {
        panic!("{frame:x?}");
    };
    let mut payload = [frame[6], frame[7], frame[8], frame[9]];
    for (byte, mask) in payload.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    assert_eq!(payload, *b"\x0f\xa1so");
    drop(io);
    assert_eq!(client.exit().await, 0);

    let server = ServerProcess::start(&[]).await;
    let url = format!("wss://{}/api/echo", server.address);
    let mut client = Client::start(&[&["ws", "-k", &*url], &arguments[..]].concat());
    client.end_input();
    client.note("closed with code 4001").await;
    assert_eq!(client.exit().await, 0);

    let mut client = Client::start(&["ws", "ws://localhost/", "--close-code", "1005"]);
    client.note("close code 1005 must not be sent").await;
    assert_eq!(client.exit().await, 2);
}

#[tokio::test]
async fn one_message_may_be_enough() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("wss://{}/api/echo", server.address);
    let mut client = Client::start(&["ws", &url, "--insecure", "--one", "--quiet"]);
    client.say("a\nb").await;
    assert_eq!(client.rest().await, ["a"]);
    assert_eq!(client.exit().await, 0);
}

#[tokio::test]
async fn a_picture_goes_through_as_it_is() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("wss://{}/api/echo", server.address);
    let mut client = Client::start(&[
        "ws",
        &url,
        "--insecure",
        "--binary",
        "--linger",
        "5s",
        "--one",
    ]);
    client.say("a\nb\tc").await;
    client.end_input();
    assert_eq!(client.rest().await, ["a", "b\tc"]);
    assert_eq!(client.exit().await, 0);
}

/// Answers one opening handshake, right but for the accept key if that is given, and then says
/// these bytes, and if they are the `last` ones that they are.
async fn serve(
    accept: Option<&'static str>,
    frames: Vec<u8>,
    last: bool,
) -> (String, tokio::task::JoinHandle<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut io, _) = listener.accept().await.unwrap();
        let head = raw_head(&mut io).await;
        let right = accept_key(&head);
        let response = switching_protocols(accept.unwrap_or(&right));
        io.write_all(response.as_bytes()).await.unwrap();
        io.write_all(&frames).await.unwrap();
        // It says no more, and goes on listening.
        if last {
            io.shutdown().await.unwrap();
        }
        io
    });
    (url, server)
}

/// How the client ends against a server: with these words, and this exit code.
async fn ends(accept: Option<&'static str>, frames: &[u8], words: &str, code: i32) {
    let (url, server) = serve(accept, frames.to_vec(), true).await;
    let mut client = Client::start(&["ws", &url, "--max-message-bytes", "100"]);
    client.note(words).await;
    let _io = within("the server", server).await.unwrap();
    assert_eq!(client.exit().await, code, "{words}");
}

#[tokio::test]
async fn a_server_that_breaks_the_protocol_is_named_and_left() {
    ends(
        Some("d3Jvbmc="),
        b"",
        "Sec-WebSocket-Accept does not fit",
        1,
    )
    .await;
    ends(
        None,
        b"\x81\x81abcd\0",
        "a frame from a server is masked",
        1,
    )
    .await;
    ends(None, b"\x81\x02\xff\xff", "text is not UTF-8", 1).await;
    ends(
        None,
        &[b"\x82\x65", &[0; 101][..]].concat(),
        "longer than 100 bytes",
        1,
    )
    .await;
    ends(None, b"", "ended without a closing handshake", 1).await;
}

#[tokio::test]
async fn what_a_server_broke_is_told_before_it_ignores_the_close_for_long() {
    let (url, server) = serve(None, b"\x81\x81abcd\0".to_vec(), false).await;
    let mut client = Client::start(&["ws", &url]);
    client.note("connected to").await;
    let connected_at = Instant::now();
    client.note("a frame from a server is masked").await;
    // The server would have had all of this to answer.
    assert!(connected_at.elapsed() < CLOSE_TIMEOUT);
    assert_eq!(client.exit().await, 1);
    drop(server);
}

#[tokio::test]
async fn a_close_is_told_and_its_code_decides() {
    ends(None, b"\x88\x02\x03\xe8", "closed with code 1000", 0).await;
    ends(None, b"\x88\x00", "closed without a code", 0).await;
    ends(
        None,
        b"\x88\x05\x03\xf0why",
        "closed with code 1008: why",
        1,
    )
    .await;
}

#[tokio::test]
async fn a_refusal_tells_its_status_and_the_request_says_what_was_asked() {
    let mut server = Scripted::text(&["HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"]).await;
    let arguments = [
        "--origin",
        "https://site",
        "--subprotocol",
        "a",
        "--subprotocol",
        "b",
    ];
    let url = server.url("/");
    let mut client = Client::start(&[&["ws", &*url], &arguments[..]].concat());
    client.note("it answered 403 Forbidden").await;
    assert_eq!(client.exit().await, 1);
    let head = server.head().await;
    assert!(head.contains("origin: https://site\r\n"), "{head}");
    assert!(head.contains("sec-websocket-protocol: a, b\r\n"), "{head}");
}

#[tokio::test]
async fn redirects_of_the_opening_handshake_are_followed_and_a_circle_is_named() {
    let server = ServerProcess::start(&[]).await;
    let there = format!("https://{}/api/echo", server.address);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n"
    );
    let mut here = Scripted::text(&[&redirect]).await;
    let url = here.url("/a").replace("http:", "ws:");
    let arguments = ["ws", &url, "-k", "-H", "Authorization: Bearer abc"];
    let mut client = Client::start(&arguments);
    let connected = format!("connected to wss://{}/api/echo over HTTP/2", server.address);
    client.note(&connected).await;
    client.say("hello").await;
    assert_eq!(client.line().await, "hello");
    assert!(here.head().await.contains("authorization: bearer abc\r\n"));

    let circle = "HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n";
    let server = Scripted::text(&[circle, circle]).await;
    let mut client = Client::start(&["ws", &server.url("/a")]);
    client.note("/b (a circle)").await;
    assert_eq!(client.exit().await, 1);
}

#[tokio::test]
async fn a_silent_server_is_pinged() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let _client = Client::start(&["ws", &url, "--ping-interval", "50ms"]);
    let (mut io, _) = within("a connection", listener.accept()).await.unwrap();
    let head = raw_head(&mut io).await;
    let response = switching_protocols(&accept_key(&head));
    io.write_all(response.as_bytes()).await.unwrap();
    let frame = within("a ping", io.read_u8()).await.unwrap();
    assert_eq!(frame, 0x89);
}

#[tokio::test]
async fn the_package_ws_talks_with_it() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e/node_modules/ws");
    if !package.exists() {
        try_nothing("the package ws of e2e/");
        return;
    }
    let script = format!(
        "const {{ WebSocketServer }} = require({package:?});
        const server = new WebSocketServer({{ port: 0, host: '127.0.0.1' }});
        server.on('connection', (socket) => {{
            socket.ping();
            socket.on('message', (data, binary) => {{
                socket.send(binary ? data : `you said ${{data}}`);
                if (String(data) === 'bye') socket.close(4000, 'as you wish');
            }});
        }});
        server.on('listening', () => console.log(server.address().port));"
    );
    let Some((_node, port)) = foreign_server("node", &["-e", &script]).await else {
        return;
    };
    let mut client = Client::start(&["ws", &format!("ws://127.0.0.1:{port}/")]);
    for text in ["hello", "bye"] {
        client.say(text).await;
        assert_eq!(client.line().await, format!("you said {text}"));
    }
    client.note("closed with code 4000: as you wish").await;
    assert_eq!(client.exit().await, 1);
}
