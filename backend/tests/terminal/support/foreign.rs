//! Servers that we did not write, where they are installed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::within;

/// How often to look whether a program listens that does not say so.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

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
            println!("a program is not installed: this test has tried nothing");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The first number behind `port` in what a program prints first.
async fn announced(mut child: Child) -> Foreign {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = within("the port", lines.next_line())
        .await
        .unwrap()
        .unwrap();
    let (_, behind) = line.split_once("port ").unwrap();
    let port = behind.split(' ').next().unwrap().parse().unwrap();
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
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
    // It takes no port of its own choice, so it has one that was free a moment ago.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut command = Command::new("nghttpd");
    command.args(["-a", "127.0.0.1", "-p", push, "-d"]);
    command.arg(folder).arg(port.to_string());
    let child = spawn(command.arg(key).arg(certificate))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listening = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    };
    within("nghttpd", listening).await;
    Some(Foreign {
        port,
        _child: child,
    })
}
