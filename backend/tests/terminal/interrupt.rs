//! Ctrl-C ends every client at any time, and whoever waits on a terminal is told for what.

use tokio::net::{TcpListener, TcpStream};

use crate::support::process::ServerProcess;
use crate::support::pseudo_terminal::{CTRL_C, PseudoTerminal};
use crate::support::runner::Client;
use crate::support::scripted::read_head;
use crate::support::within;

/// Exit code after Ctrl-C, as a shell has it.
const INTERRUPTED: i32 = 130;

/// The clients, and a path that they may ask for.
const CLIENTS: [(&str, &str); 5] = [
    ("probe", "/"),
    ("load", "/"),
    ("events", "/"),
    ("ws", "/"),
    ("chat", "/rooms/lobby"),
];

/// A server that takes connections and never says anything.
struct Silent(TcpListener);

impl Silent {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.0.local_addr().unwrap())
    }

    async fn accept(&self) -> TcpStream {
        within("a connection", self.0.accept()).await.unwrap().0
    }
}

#[tokio::test]
async fn ctrl_c_ends_a_client_that_waits_for_an_answer() {
    let server = Silent::start().await;
    for (subcommand, path) in CLIENTS {
        let mut client = Client::start(&[subcommand, &server.url("http", path)]);
        let mut connection = server.accept().await;
        within("a request", read_head(&mut connection)).await;
        client.signal("INT");
        assert_eq!(client.exit().await, INTERRUPTED, "{subcommand}");
    }
}

#[tokio::test]
async fn ctrl_c_ends_a_client_that_waits_for_tls() {
    let server = Silent::start().await;
    for (subcommand, path) in CLIENTS {
        let url = server.url("https", path);
        let mut client = Client::start(&[subcommand, "-k", &url]);
        let _connection = server.accept().await;
        client.signal("INT");
        assert_eq!(client.exit().await, INTERRUPTED, "{subcommand}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn ctrl_c_ends_a_client_whose_output_nobody_reads() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("https://{}/prime?interval=0&count=0", server.address);
    let mut client = Client::start(&["events", "-k", &url]);
    client.cannot_print("0x1").await;
    client.signal("INT");
    assert_eq!(client.exit().await, INTERRUPTED);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn ctrl_c_ends_a_client_whose_frames_nobody_reads() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("https://{}/prime?interval=0&count=0", server.address);
    let mut client = Client::start(&["events", "-k", "--debug", "http2debug=2", &url]);
    client.forget_output();
    client.cannot_print("0x2").await;
    client.signal("INT");
    assert_eq!(client.exit().await, INTERRUPTED);
}

#[tokio::test]
async fn whoever_waits_longer_than_a_second_is_told_for_what() {
    let server = Silent::start().await;
    for (subcommand, path) in CLIENTS {
        let url = server.url("http", path);
        let Some(mut terminal) = PseudoTerminal::start(&[subcommand, &url]) else {
            return;
        };
        let words = match subcommand {
            "probe" => format!("roomcast: waiting for {url}"),
            "load" => "0 of 1 files, 0 B, 1 s".to_owned(),
            "chat" => "connecting …".to_owned(),
            _ => format!("roomcast: connects to {url}"),
        };
        terminal.shows(&words).await;
        terminal.press(CTRL_C).await;
        assert_eq!(terminal.exit().await, INTERRUPTED, "{subcommand}");
    }
}
