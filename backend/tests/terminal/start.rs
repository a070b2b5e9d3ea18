//! What the server prints when it starts, and what the environment tells its clients.

use std::path::Path;

use crate::support::program::{command, run};
use crate::support::pseudo_terminal::{CTRL_C, PseudoTerminal};
use crate::support::runner::Client;
use crate::support::server::OurServer;
use crate::support::within;

/// The lines that the server prints until it stops on a signal.
async fn printed(folder: &Path, options: &[&str]) -> Vec<String> {
    let data = folder.join("data");
    let mut arguments = vec!["--data", data.to_str().unwrap()];
    arguments.extend(options);
    if !options.contains(&"--listen") {
        arguments.extend(["--listen", "127.0.0.1:0"]);
    }
    let mut server = Client::start(&arguments);
    let first = server.line().await;
    assert!(first.starts_with("Roomcast serves on http"), "{first}");
    server.signal("TERM");
    let mut lines = vec![first];
    lines.extend(server.rest().await);
    assert_eq!(server.exit().await, 0);
    lines
}

#[tokio::test]
async fn what_the_server_makes_is_told_when_it_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let created = async |options: &[&str]| {
        let lines = printed(folder.path(), options).await;
        let made = lines
            .iter()
            .filter_map(|line| line.strip_prefix("Created "));
        made.map(str::to_owned).collect::<Vec<_>>()
    };
    let first = created(&[]).await;
    let data = folder.path().join("data");
    assert_eq!(first[0], format!("the data folder {}", data.display()));
    let store = data.join("rooms.sqlite3");
    assert_eq!(first[1], format!("the store of rooms {}", store.display()));
    let certificate = format!(
        "a certificate in {} for localhost",
        data.join("tls").display()
    );
    assert!(first[2].starts_with(&certificate), "{first:?}");
    assert!(first[2].ends_with("(there was none)"), "{first:?}");
    assert_eq!(first.len(), 3);

    assert!(created(&[]).await.is_empty());

    let named = created(&["--name", "chat.example.org"]).await;
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(
        named[0].ends_with("(the one before it was not for chat.example.org)"),
        "{named:?}"
    );
}

#[tokio::test]
async fn a_server_that_keeps_nothing_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lines = printed(folder.path(), &["--plain", "--ephemeral"]).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_server_on_all_addresses_says_who_may_read_and_write() {
    let folder = tempfile::tempdir().unwrap();
    let lines = printed(folder.path(), &["--listen", ":0", "--plain", "--ephemeral"]).await;
    // A machine without a network has no address for others.
    if let Some(place) = lines.iter().position(|line| line == "Others can open:") {
        assert!(lines[place + 1].starts_with("  http://"), "{lines:?}");
        let last = lines.last().unwrap();
        assert!(
            last.starts_with("Everyone who can reach these addresses"),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_terminal_gets_a_code_for_phones_and_a_pipe_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--listen", ":0", "--plain", "--ephemeral"];
    let lines = printed(folder.path(), &options).await;
    assert!(!lines.iter().any(|line| line.contains('▀')), "{lines:?}");
    if !lines.iter().any(|line| line == "Others can open:") {
        return;
    }
    let Some(mut terminal) = PseudoTerminal::start(&options) else {
        return;
    };
    terminal.shows("in every room.").await;
    terminal.shows("▀").await;
    terminal.press(CTRL_C).await;
    assert_eq!(terminal.exit().await, 0);
}

#[tokio::test]
async fn clients_write_the_keys_of_their_connections_where_the_environment_says() {
    let server = OurServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let room = server.url("https", "/rooms/x");
    let socket = server.url("wss", "/api/echo");
    let page = server.url("https", "/");
    let primes = server.url("https", "/prime?count=1");
    for arguments in [
        vec!["probe", "-k", &page],
        vec!["load", "-k", &page],
        vec!["events", "-k", "--count", "1", &primes],
        vec!["ws", "-k", &socket],
        vec!["chat", "-k", &room],
    ] {
        let file = folder.path().join(arguments[0]);
        let mut command = command(&arguments);
        let ran = run(command.env("SSLKEYLOGFILE", &file)).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let keys = std::fs::read_to_string(&file).unwrap();
        assert!(
            keys.contains("CLIENT_TRAFFIC_SECRET_0 "),
            "{arguments:?}: {keys}"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    let mut command = command(&["probe", "-k", &page]);
    let ran = run(command.env("SSLKEYLOGFILE", folder.path())).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.stderr.contains("environment variable SSLKEYLOGFILE"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_server_that_writes_keys_warns_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let data = folder.path().join("data");
    let mut server = Client::start(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
        "--tls-key-log",
        file.to_str().unwrap(),
    ]);
    let warning = within("the warning", server.note("keys of TLS connections")).await;
    assert!(warning.contains("whoever has it can read all"), "{warning}");
}

#[tokio::test]
async fn the_addresses_that_are_printed_are_under_the_base_path() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--listen", ":0", "--plain", "--ephemeral"];
    let options = [&options[..], &["--base-path", "/chat/"]].concat();
    let lines = printed(folder.path(), &options).await;
    let addresses: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("http://"))
        .collect();
    assert!(!addresses.is_empty());
    for address in addresses {
        assert!(address.ends_with("/chat/"), "{lines:?}");
    }
}
