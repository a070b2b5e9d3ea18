//! Which certificate is shown: one kept for this machine, or given files, re-read when they
//! change.

use std::path::Path;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::support::process::ServerProcess;
use crate::support::server::TestServer;
use crate::support::{tls, within};

/// The certificate that the server shows to a new connection, in DER.
async fn shown(address: std::net::SocketAddr) -> Vec<u8> {
    let io = tls::connect(address, tls::H2).await;
    io.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// Writes a fresh chain and key; yields the certificate in DER.
fn write_pair(folder: &Path) -> Vec<u8> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("chain.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().to_vec()
}

#[tokio::test]
async fn the_certificate_for_this_machine_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = vec![];
    for _ in 0..2 {
        let mut server =
            TestServer::start_with(|config| config.data = folder.path().join("data")).await;
        seen.push(shown(server.address).await);
        server.request_shutdown();
        server.ended().await;
    }
    assert_eq!(seen[0], seen[1]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_key_that_the_program_makes() {
    use std::os::unix::fs::PermissionsExt;
    let server = ServerProcess::start(&[]).await;
    let mut keys = 0;
    for entry in std::fs::read_dir(server.folder.path().join("data/tls")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().contains("key") {
            keys += 1;
            assert_eq!(
                entry.metadata().unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }
    assert_eq!(keys, 1);
}

#[tokio::test]
async fn an_intermediate_that_is_added_to_the_chain_is_shown_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    write_pair(folder.path());
    let chain = folder.path().join("chain.pem");
    let server = TestServer::start_with(|config| {
        config.cert = Some(chain.clone());
        config.key = Some(folder.path().join("key.pem"));
    })
    .await;
    let length = async || {
        let io = tls::connect(server.address, tls::H2).await;
        io.get_ref().1.peer_certificates().unwrap().len()
    };
    assert_eq!(length().await, 1);

    let intermediate = generate_simple_self_signed(["authority".to_owned()]).unwrap();
    let leaf = std::fs::read_to_string(&chain).unwrap();
    std::fs::write(&chain, leaf + &intermediate.cert.pem()).unwrap();
    let longer = async {
        while length().await != 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within("the longer chain", longer).await;
}

#[tokio::test]
async fn the_certificate_for_this_machine_is_for_the_names_that_were_given() {
    let server = TestServer::start_with(|config| {
        config.names = vec!["chat.example.org".to_owned(), "192.0.2.7".to_owned()];
    })
    .await;
    let certificate = shown(server.address).await;
    for name in ["localhost", "chat.example.org"] {
        let is_there = certificate
            .windows(name.len())
            .any(|part| part == name.as_bytes());
        assert!(is_there, "{name}");
    }
    assert!(certificate.windows(4).any(|part| part == [192, 0, 2, 7]));
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_connections_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_pair(folder.path());
    let server = TestServer::start_with(|config| {
        config.cert = Some(folder.path().join("chain.pem"));
        config.key = Some(folder.path().join("key.pem"));
    })
    .await;
    assert_eq!(shown(server.address).await, first);

    let second = write_pair(folder.path());
    let renewed = async {
        while shown(server.address).await != second {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within("the renewed certificate", renewed).await;
}
