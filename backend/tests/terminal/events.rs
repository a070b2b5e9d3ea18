//! `roomcast events`.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::support::process::ServerProcess;
use crate::support::runner::{Client, foreign_server};
use crate::support::scripted::{Scripted, read_head, stream};

const NO_MORE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// Reads a stream to its end: what was printed, and the exit code.
async fn read(arguments: &[&str]) -> (Vec<String>, i32) {
    let mut client = Client::start(&[&["events"], arguments].concat());
    (client.rest().await, client.exit().await)
}

#[tokio::test]
async fn primes_come_over_each_protocol_as_the_book_prints_them() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("https://{}/prime?interval=0", server.address);
    for version in ["--http1", "--http2"] {
        let (lines, code) = read(&[&url, "--insecure", version, "-n", "3", "--json"]).await;
        assert_eq!(code, 0);
        let primes: Vec<_> = lines
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["data"].clone())
            .collect();
        assert_eq!(primes.len(), 3, "{lines:?}");
        let (lines, code) = read(&[&url, "--insecure", version, "-n", "3"]).await;
        assert_eq!((lines.len(), code), (3, 0));
        for (line, data) in lines.iter().zip(primes) {
            assert!(line.starts_with("Event(Id="), "{line}");
            assert!(line.ends_with(data.as_str().unwrap()), "{line}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_with_a_hint() {
    let server = ServerProcess::start(&[]).await;
    let mut client = Client::start(&["events", &format!("https://{}/prime", server.address)]);
    client.note("--insecure accepts any certificate").await;
    assert_eq!(client.exit().await, 1);
}

#[tokio::test]
async fn a_stream_that_is_cut_in_an_event_goes_on_after_the_last_whole_one() {
    let mut server = Scripted::text(&[
        stream!("retry: 1\nid: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: unfini"),
        stream!("id: 3\nevent: end\ndata: two\ndata: lines\n\n"),
        NO_MORE,
    ])
    .await;
    let mut client = Client::start(&["events", &server.url("/"), "-H", "X-Who: Ada"]);
    assert_eq!(
        client.rest().await,
        [
            "Event(Id=1, Event=message): a",
            "Event(Id=2, Event=message): b",
            "Event(Id=3, Event=end): two",
            "    lines",
        ]
    );
    assert_eq!(client.exit().await, 0);
    client.note("reads http://127.0.0.1").await;
    client
        .note("the server ended the stream; connects again in")
        .await;
    let first = server.head().await;
    assert!(!first.contains("last-event-id"), "{first}");
    assert!(first.contains("x-who: ada\r\n"), "{first}");
    assert!(server.head().await.contains("last-event-id: 2\r\n"));
    assert!(server.head().await.contains("last-event-id: 3\r\n"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_loss_and_no_end() {
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                   transfer-encoding: chunked\r\n\r\nb\r\ndata: a\n\ndat\r\n";
    let server = Scripted::text(&[chunked]).await;
    let mut client = Client::start(&["events", &server.url("/"), "--no-reconnect"]);
    assert_eq!(client.line().await, "Event(Id=, Event=message): a");
    assert_eq!(client.exit().await, 1);
    let server = Scripted::text(&[stream!("data: a\n\n")]).await;
    let (lines, code) = read(&[&server.url("/"), "--no-reconnect"]).await;
    assert_eq!((lines.len(), code), (1, 0));
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again() {
    let mut server = Scripted::text(&[
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
        stream!("data: a\n\n"),
    ])
    .await;
    let url = server.url("/");
    let mut client = Client::start(&["events", &url, "-n", "1", "--last-event-id", "41"]);
    client.note("the server answered 500").await;
    assert_eq!(client.line().await, "Event(Id=41, Event=message): a");
    assert_eq!(client.exit().await, 0);
    for _ in 0..2 {
        assert!(server.head().await.contains("last-event-id: 41\r\n"));
    }
}

#[tokio::test]
async fn what_would_be_the_same_again_ends_the_reading() {
    for (answer, words) in [
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "the server answered 404 Not Found instead of events",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n",
            "the server answered with \"text/html\" instead of an event stream",
        ),
    ] {
        let server = Scripted::text(&[answer]).await;
        let mut client = Client::start(&["events", &server.url("/")]);
        client.note(words).await;
        assert_eq!(client.exit().await, 1);
    }
    let mut client = Client::start(&["events", "ftp://host/"]);
    client.note("is no address of a server").await;
    assert_eq!(client.exit().await, 2);
}

#[tokio::test]
async fn redirects_are_followed_and_a_circle_is_named() {
    let mut server = Scripted::text(&[
        "HTTP/1.1 302 Found\r\nlocation: /b?c\r\ncontent-length: 0\r\n\r\n",
        stream!("data: a\n\n"),
    ])
    .await;
    let (lines, code) = read(&[&server.url("/a"), "-n", "1"]).await;
    assert_eq!((lines.len(), code), (1, 0));
    assert!(server.head().await.starts_with("get /a "));
    assert!(server.head().await.starts_with("get /b?c "));

    let circle = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /a\r\ncontent-length: 0\r\n\r\n";
    let server = Scripted::text(&[circle, circle]).await;
    let mut client = Client::start(&["events", &server.url("/a")]);
    client.note("(a circle)").await;
    assert_eq!(client.exit().await, 1);
}

#[tokio::test]
async fn a_password_is_not_told_to_the_server_of_a_redirect() {
    let mut other = Scripted::text(&[stream!("data: a\n\n")]).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        other.url("/")
    );
    let mut server = Scripted::text(&[&redirect]).await;
    let url = server.url("/");
    let secret = ["-H", "Authorization: Bearer abc", "-H", "X-Who: Ada"];
    let (_, code) = read(&[&[&*url, "-n", "1"], &secret[..]].concat()).await;
    assert_eq!(code, 0);
    assert!(server.head().await.contains("authorization: bearer abc"));
    let head = other.head().await;
    assert!(!head.contains("bearer") && head.contains("x-who"), "{head}");
}

#[tokio::test]
async fn a_password_in_an_address_goes_to_its_server_and_is_shown_to_nobody() {
    let mut other = Scripted::text(&[stream!("data: a\n\n")]).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        other.url("/").replace("//", "//eve:other@")
    );
    let mut server = Scripted::text(&[&redirect]).await;
    let url = server.url("/").replace("//", "//ada:secret@");
    let mut client = Client::start(&["events", &url, "-n", "1"]);
    let note = client.note("reads http://127.0.0.1").await;
    assert!(!note.contains('@'), "{note}");
    assert_eq!(client.exit().await, 0);
    let head = server.head().await;
    assert!(
        head.contains("authorization: basic ywrhonnly3jlda==\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)),
        "{head}"
    );
    assert!(!other.head().await.contains("authorization"));
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_replaced_and_an_endless_line_is_given_up() {
    let mut answer = stream!("data: a").as_bytes().to_vec();
    answer.extend(b"\xff\xe2\x82b\n\n");
    let server = Scripted::serve(vec![answer]).await;
    let (lines, code) = read(&[&server.url("/"), "--no-reconnect"]).await;
    assert_eq!(lines, ["Event(Id=, Event=message): a\u{fffd}\u{fffd}b"]);
    assert_eq!(code, 0);

    let mut answer = stream!("data: short\n\ndata: ").as_bytes().to_vec();
    answer.resize(3 * 1024 * 1024, b'x');
    let server = Scripted::serve(vec![answer]).await;
    let mut client = Client::start(&["events", &server.url("/")]);
    assert_eq!(client.line().await, "Event(Id=, Event=message): short");
    client.note("is longer than 1048576 bytes").await;
    assert_eq!(client.exit().await, 1);
}

#[tokio::test]
async fn a_slow_server_is_waited_for_and_a_silent_one_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut client = Client::start(&["events", &url, "--silence-timeout", "3s"]);
    let (mut io, _) = listener.accept().await.unwrap();
    read_head(&mut io).await;
    for byte in stream!("data: slow\n\n").bytes() {
        io.write_all(&[byte]).await.unwrap();
        io.flush().await.unwrap();
    }
    assert_eq!(client.line().await, "Event(Id=, Event=message): slow");
    client.note("the stream fell silent; connects again").await;
}

#[tokio::test]
async fn who_reads_no_more_and_who_interrupts_ends_it() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("https://{}/prime?interval=0", server.address);
    let mut client = Client::start(&["events", &url, "--insecure"]);
    client.line().await;
    client.close_output();
    assert_eq!(client.exit().await, 0);

    let url = format!("https://{}/prime", server.address);
    let mut client = Client::start(&["events", &url, "--insecure"]);
    client.line().await;
    client.signal("INT");
    assert_eq!(client.exit().await, 130);
}

#[tokio::test]
async fn nodes_server_is_read_over_http2() {
    let script = "
        const server = require('node:http2').createServer();
        server.on('stream', (stream, headers) => {
            const id = Number(headers['last-event-id'] ?? 0) + 1;
            stream.respond({ 'content-type': 'text/event-stream; charset=utf-8' });
            stream.end(`retry: 1\\nid: ${id}\\ndata: ${headers[':path']}\\n\\n`);
        });
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    let Some((_node, port)) = foreign_server("node", &["-e", script]).await else {
        return;
    };
    let url = format!("http://127.0.0.1:{port}/a");
    let (lines, code) = read(&[&url, "--http2", "-n", "3"]).await;
    assert_eq!(
        lines,
        [1, 2, 3].map(|id| format!("Event(Id={id}, Event=message): /a"))
    );
    assert_eq!(code, 0);
}

#[tokio::test]
async fn pythons_server_is_read_though_it_speaks_http_1_0() {
    let script = "
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/event-stream')
        self.end_headers()
        self.wfile.write(b'id: 1\\r\\ndata: snake\\r\\n\\r\\n')
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
";
    let Some((_python, port)) = foreign_server("python3", &["-c", script]).await else {
        return;
    };
    let url = format!("http://127.0.0.1:{port}/");
    let (lines, code) = read(&[&url, "--no-reconnect", "--json"]).await;
    assert_eq!(code, 0);
    assert_eq!(
        serde_json::from_str::<Value>(&lines[0]).unwrap(),
        json!({"id": "1", "event": "message", "data": "snake"})
    );
}
