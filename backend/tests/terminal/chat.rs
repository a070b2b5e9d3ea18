//! `roomcast chat`.

use std::net::SocketAddr;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::support::opening::{accept_key, raw_head, switching_protocols};
use crate::support::process::ServerProcess;
use crate::support::relay::Relay;
use crate::support::runner::Client;
use crate::support::{try_nothing, within};

/// Somebody with a state folder of their own.
struct Somebody {
    folder: TempDir,
}

impl Somebody {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn chat(&self, server: &ServerProcess, arguments: &[&str]) -> Client {
        self.chat_at(server.address, arguments)
    }

    fn chat_at(&self, address: SocketAddr, arguments: &[&str]) -> Client {
        self.chat_with(&format!("https://{address}/rooms/ops"), arguments)
    }

    fn chat_with(&self, url: &str, arguments: &[&str]) -> Client {
        let all = [&["chat", url, "--insecure"], arguments].concat();
        Client::start_at(Some(self.folder.path()), &all)
    }
}

#[tokio::test]
async fn a_room_under_a_base_path_is_known_by_its_address() {
    let server = ServerProcess::start(&["--base-path", "/tools/chat"]).await;
    let ada = Somebody::new();
    let url = format!("https://{}/tools/chat/rooms/ops", server.address);
    for version in ["--http1", "--http2"] {
        let mut writer = ada.chat_with(&url, &["--name", "Ada", version]);
        writer.type_bytes(b"hello\n").await;
        writer.end_input();
        assert_eq!(writer.rest().await, ["Ada: hello"]);
        assert_eq!(writer.exit().await, 0);
    }
}

#[tokio::test]
async fn what_is_piped_in_comes_out_elsewhere() {
    let server = ServerProcess::start(&[]).await;
    let (ada, bob) = (Somebody::new(), Somebody::new());
    let mut reader = bob.chat(&server, &["--follow", "--name", "Bob"]);
    reader.note("connected to https://").await;
    for version in ["--http1", "--http2"] {
        let mut writer = ada.chat(&server, &["--name", "Ada", version]);
        let lines = "\u{feff}héllo\r\n\n  two words\n";
        writer.type_bytes(lines.as_bytes()).await;
        writer.end_input();
        assert_eq!(writer.rest().await, ["Ada: héllo", "Ada:   two words"]);
        assert_eq!(writer.exit().await, 0);
        assert_eq!(reader.line().await, "Ada: héllo");
        assert_eq!(reader.line().await, "Ada:   two words");
    }
    reader.signal("INT");
    assert_eq!(reader.exit().await, 130);
}

#[tokio::test]
async fn a_line_that_is_no_utf8_is_named_and_the_others_go() {
    let server = ServerProcess::start(&[]).await;
    let ada = Somebody::new();
    let mut writer = ada.chat(&server, &["--name", "Ada"]);
    writer.type_bytes(b"a\nh\xffllo\nb\n").await;
    writer.end_input();
    assert_eq!(writer.rest().await, ["Ada: a", "Ada: b"]);
    writer
        .note("line 2 of the input is not UTF-8 at byte 2")
        .await;
    assert_eq!(writer.exit().await, 1);
}

#[tokio::test]
async fn input_in_utf16_is_refused_before_anything_is_said() {
    let server = ServerProcess::start(&[]).await;
    let ada = Somebody::new();
    let mut writer = ada.chat(&server, &["--name", "Ada"]);
    writer.type_bytes(b"\xff\xfeh\0i\0\n\0").await;
    writer.end_input();
    writer.note("the input is UTF-16, not UTF-8").await;
    assert_eq!(writer.exit().await, 2);
}

#[tokio::test]
async fn more_than_the_server_takes_at_once_arrives_in_order_all_the_same() {
    let server =
        ServerProcess::start(&["--message-burst", "5", "--messages-per-second", "50"]).await;
    let ada = Somebody::new();
    let mut writer = ada.chat(&server, &["--name", "Ada"]);
    let lines: Vec<_> = (0..30).map(|n| n.to_string()).collect();
    writer.say(&lines.join("\n")).await;
    writer.end_input();
    let expected: Vec<_> = lines.iter().map(|line| format!("Ada: {line}")).collect();
    assert_eq!(writer.rest().await, expected);
    assert_eq!(writer.exit().await, 0);
    // Nothing was given up, and that it is slower is said once.
    let notes = writer.rest_of_notes().await.join("\n");
    assert!(!notes.contains("Not sent"), "{notes}");
    assert_eq!(notes.matches("slows you down").count(), 1, "{notes}");
}

#[tokio::test]
async fn one_is_the_same_person_the_next_time() {
    let server = ServerProcess::start(&[]).await;
    let ada = Somebody::new();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut writer = ada.chat(&server, &["--name", "Ada"]);
        writer.say("hello").await;
        writer.end_input();
        assert_eq!(writer.exit().await, 0);
        let url = format!(
            "https://{}/api/rooms/ops/events?from=last:1",
            server.address
        );
        let mut reader = Client::start(&["events", &url, "-k", "--json", "-n", "1"]);
        let event: serde_json::Value = serde_json::from_str(&reader.line().await).unwrap();
        let message: serde_json::Value =
            serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
        ids.push(message["person"]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn history_is_shown_when_it_is_asked_for() {
    let server = ServerProcess::start(&[]).await;
    let ada = Somebody::new();
    let mut writer = ada.chat(&server, &["--name", "Ada"]);
    writer.say("a\nb\nc").await;
    writer.end_input();
    assert_eq!(writer.exit().await, 0);
    let mut reader = ada.chat(&server, &["--history", "2", "--follow"]);
    assert_eq!(reader.line().await, "Ada: b");
    assert_eq!(reader.line().await, "Ada: c");
}

#[tokio::test]
async fn what_was_said_while_the_server_was_away_arrives_once() {
    let mut server = ServerProcess::start(&[]).await;
    let relay = Relay::to(server.address).await;
    let ada = Somebody::new();
    let mut writer = ada.chat_at(relay.address, &["--name", "Ada"]);
    writer.say("before").await;
    assert_eq!(writer.line().await, "Ada: before");
    relay.cut();
    server.crash().await;
    writer.note("connects again in").await;
    writer.say("meanwhile").await;
    relay.lead_to(server.address);
    assert_eq!(writer.line().await, "Ada: meanwhile");
    writer.say("after").await;
    writer.end_input();
    assert_eq!(writer.rest().await, ["Ada: after"]);
    assert_eq!(writer.exit().await, 0);
    let mut reader = ada.chat(&server, &["--history", "10", "--follow"]);
    for text in ["before", "meanwhile", "after"] {
        assert_eq!(reader.line().await, format!("Ada: {text}"));
    }
}

#[tokio::test]
async fn whoever_is_interrupted_says_what_was_not_sent() {
    let server = ServerProcess::start(&[]).await;
    let relay = Relay::to(server.address).await;
    let ada = Somebody::new();
    for signal in ["INT", "TERM"] {
        relay.lead_to(server.address);
        let mut writer = ada.chat_at(relay.address, &["--name", "Ada"]);
        writer.say("before").await;
        assert_eq!(writer.line().await, "Ada: before");
        relay.cut();
        writer.note("connects again in").await;
        writer.say("one\ntwo").await;
        writer.end_input();
        // Lines are read as long as there is room for them: both are known when this one is refused.
        writer.signal(signal);
        writer.note("messages were not sent").await;
        assert_eq!(writer.exit().await, 130);
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_is_named_and_the_others_go() {
    let server = ServerProcess::start(&[]).await;
    let ada = Somebody::new();
    let mut writer = ada.chat(&server, &["--name", "Ada"]);
    writer.say(&format!("a\n{}\nb", "x".repeat(4_001))).await;
    writer.end_input();
    assert_eq!(writer.rest().await, ["Ada: a", "Ada: b"]);
    writer.note("a message has at most 4000 characters").await;
    assert_eq!(writer.exit().await, 1);
}

#[tokio::test]
async fn a_server_that_opens_any_websocket_and_says_nothing_is_no_room() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/rooms/a", listener.local_addr().unwrap());
    let mut client = Client::start(&["chat", &url]);
    client.say("hi").await;
    client.end_input();
    let (mut io, _) = within("a connection", listener.accept()).await.unwrap();
    let head = within("a request", raw_head(&mut io)).await;
    let response = switching_protocols(&accept_key(&head));
    io.write_all(response.as_bytes()).await.unwrap();
    client.note("connected to").await;
    client.note("waits for the welcome of").await;
    client.note("this is no room of Roomcast").await;
    assert_eq!(client.exit().await, 1);
}

#[tokio::test]
async fn an_address_that_is_no_room_is_refused_at_once() {
    let mut client = Client::start(&["chat", "https://host/"]);
    client.note("write https://host/rooms/name").await;
    assert_eq!(client.exit().await, 2);
}

/// A person at a real terminal: types, looks, and leaves by Ctrl-C.
const AT_A_TERMINAL: &str = r#"
import fcntl, os, pty, re, struct, sys, termios

program, url, state = sys.argv[1:4]
pid, master = pty.fork()
if pid == 0:
    os.environ.update(XDG_STATE_HOME=state, TERM="xterm-256color")
    os.execv(program, [program, "chat", url, "--insecure", "--name", "Ada"])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 40, 0, 0))
screen = b""

def expect(words):
    """Waits until the words were drawn. Spaces are not looked at: those that were there are skipped."""
    global screen
    words = words.replace(b" ", b"")
    while True:
        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]| ", b"", screen)
        if words in text:
            screen = text[text.index(words) + len(words):]
            return
        try:
            screen += os.read(master, 65536)
        except OSError:
            sys.exit(f"never drew {words!r}, but {screen!r}")

expect(b"connected")
os.write(master, b"hello from a terminal\r")
expect(b"Ada")
expect(b"hello from a terminal")
os.write(master, b"\x1b[200~two\nlines\x1b[201~")
expect(b"lines")
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
expect(b"Ada (you)")
os.write(master, b"\x03")
rest = b""
while True:
    try:
        data = os.read(master, 65536)
    except OSError:
        break
    if not data:
        break
    rest += data
_, status = os.waitpid(pid, 0)
assert os.waitstatus_to_exitcode(status) == 130, status
assert b"\x1b[?1049l" in rest, rest
print("as it should be")
"#;

#[tokio::test]
async fn a_person_at_a_terminal_sees_says_and_leaves_it_as_it_was() {
    let server = ServerProcess::start(&[]).await;
    let somebody = Somebody::new();
    let url = format!("https://{}/rooms/ops", server.address);
    let output = Command::new("python3")
        .args(["-c", AT_A_TERMINAL, env!("CARGO_BIN_EXE_roomcast"), &url])
        .arg(somebody.folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match within("the end of the visit", output).await {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            try_nothing("python3");
            return;
        }
        Err(error) => panic!("python3: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim_end(), "as it should be", "{output:?}");
}
