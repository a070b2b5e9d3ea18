//! Whoever reads no more of what a command prints ends it quietly, or lets a server go on.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::process::ServerProcess;
use crate::support::program::{command, roomcast};
use crate::support::within;

/// Something to write to that nobody reads.
fn nobody() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    writer.into()
}

/// Waits for the end; the exit code and what was said on standard error.
async fn end(child: Child) -> (i32, String) {
    let output = within("the end", child.wait_with_output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), said)
}

fn start(command: &mut Command) -> Child {
    let command = command.stdout(nobody()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[tokio::test]
async fn completions_and_manual_end_quietly() {
    for arguments in [&["completions", "bash"], &["man", "events"]] {
        let ended = end(start(&mut command(arguments))).await;
        assert_eq!(ended, (0, String::new()), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_web_socket_and_a_room_end_quietly() {
    let server = ServerProcess::start(&[]).await;
    for (client, path) in [("ws", "/api/echo"), ("chat", "/rooms/ops")] {
        let url = format!("https://{}{path}", server.address);
        let mut command = command(&[client, "-k", "--quiet", &url]);
        command.env("XDG_STATE_HOME", server.folder.path());
        let mut child = start(command.stdin(Stdio::piped()));
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"hello\n").await.unwrap();
        assert_eq!(end(child).await, (0, String::new()), "{client}");
    }
}

#[tokio::test]
async fn a_server_serves_on_though_nobody_reads_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    // Nobody reads which port it chose, so it has one that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut server = command(&["serve", "--listen", &address, "--data", data]);
    server.stdout(nobody()).stderr(nobody());
    let _server = server.spawn().unwrap();
    // It asks again until there is a server.
    let url = format!("https://{address}/prime");
    let reader = roomcast(&["events", "-k", "-n", "1", "--quiet", &url]).await;
    assert_eq!(reader.code, 0, "{reader:?}");
}

#[tokio::test]
async fn a_server_serves_on_though_nobody_reads_its_errors() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let listen = ["serve", "--log", "debug", "--listen", "127.0.0.1:0"];
    let mut server = command(&[&listen[..], &["--data", data]].concat());
    server.stdout(Stdio::piped()).stderr(nobody());
    let mut server = server.spawn().unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = within("a line", said.next_line()).await.unwrap().unwrap();
    let url = line.rsplit(' ').next().unwrap();
    for _ in 0..2 {
        let probe = roomcast(&["probe", "-k", url]).await;
        assert_eq!(probe.code, 0, "{probe:?}");
    }
}
