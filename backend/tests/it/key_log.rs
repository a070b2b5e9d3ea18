//! `--tls-key-log`: the keys of connections, for tools that show their traffic.

use crate::support::process::ServerProcess;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

#[tokio::test]
async fn the_keys_of_a_connection_are_written_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let server = TestServer::start_with(|config| config.tls_key_log = Some(file.clone())).await;
    TextPeer::connect(server.address)
        .await
        .get("/healthz")
        .await;
    let lines = std::fs::read_to_string(&file).unwrap();
    for label in [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
    ] {
        let line = lines
            .lines()
            .find(|line| line.starts_with(&format!("{label} ")));
        let fields: Vec<_> = line
            .unwrap_or_else(|| panic!("{label}: {lines}"))
            .split(' ')
            .collect();
        let is_hex = |text: &str| {
            text.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        assert!(fields[1].len() == 64 && is_hex(fields[1]), "{fields:?}");
        assert!(fields[2].len() >= 64 && is_hex(fields[2]), "{fields:?}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn the_environment_alone_does_not_make_a_server_write_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let server = ServerProcess::start_with_keys_in(&file).await;
    TextPeer::connect(server.address)
        .await
        .get("/healthz")
        .await;
    assert!(!file.exists());
}
