//! Servers that we did not write, where they are installed.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::{try_nothing, within};

/// A running server. Dropping it kills it.
pub(crate) struct Foreign {
    pub(crate) port: u16,
    _child: Child,
}

/// Starts a program; `None`, and a sentence, if it is not installed.
fn spawn(command: &mut Command) -> Option<Child> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    match child {
        Ok(child) => Some(child),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            try_nothing(&command.as_std().get_program().to_string_lossy());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// What a program prints first; the rest is read and forgotten.
async fn first_line(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = within("the first line", lines.next_line()).await;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    line.unwrap().unwrap()
}

/// The first number behind `port` in what a program prints first.
async fn announced(mut child: Child) -> Foreign {
    let line = first_line(&mut child).await;
    let (_, behind) = line.split_once("port ").unwrap();
    let port = behind.split(' ').next().unwrap().parse().unwrap();
    Foreign {
        port,
        _child: child,
    }
}

/// Python's `http.server`, which serves a folder over HTTP/1.0.
pub(crate) async fn python(folder: &Path) -> Option<Foreign> {
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "-d"]);
    Some(announced(spawn(command.arg(folder))?).await)
}

/// Node running a script that makes a `server`; it listens and says where.
pub(crate) async fn node(script: &str) -> Option<Foreign> {
    let script = format!(
        "{script}; server.listen(0, '127.0.0.1', () => console.log('port', server.address().port))"
    );
    Some(announced(spawn(Command::new("node").args(["-e", &script]))?).await)
}

/// nghttpd, which serves a folder over HTTP/2 and pushes as `push` says.
pub(crate) async fn nghttpd(
    folder: &Path,
    push: &str,
    key: &Path,
    certificate: &Path,
) -> Option<Foreign> {
    let port = free_port().await;
    let mut command = Command::new("nghttpd");
    command.args(["-v", "-a", "127.0.0.1", "-p", push, "-d"]);
    command.arg(folder).arg(port.to_string());
    listening(command.arg(key).arg(certificate), port).await
}

/// nghttpd over HTTP/2 without TLS and nothing else.
pub(crate) async fn nghttpd_without_tls(folder: &Path) -> Option<Foreign> {
    let port = free_port().await;
    let mut command = Command::new("nghttpd");
    command.args(["-v", "-a", "127.0.0.1", "--no-tls", "-d"]);
    listening(command.arg(folder).arg(port.to_string()), port).await
}

/// nghttpd takes no port of its own choice, so it has one that was free a moment ago.
async fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    free.local_addr().unwrap().port()
}

async fn listening(command: &mut Command, port: u16) -> Option<Foreign> {
    let mut child = spawn(command)?;
    let line = first_line(&mut child).await;
    assert!(line.contains("listen"), "{line}");
    Some(Foreign {
        port,
        _child: child,
    })
}
