//! Files of the store that are deleted or replaced under a running server: nothing is acknowledged
//! that would be gone after a restart.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::process::ServerProcess;
use crate::support::room::{json, request};

const MESSAGES: &str = "/api/rooms/lobby/messages";
const SENTENCE: &str = "A file of the server's store was deleted, moved, replaced or overwritten while the server runs, \
                        so nothing can be kept; tell its operator to follow what the server's log says.";

async fn start() -> ServerProcess {
    ServerProcess::start(&["--plain"]).await
}

/// Path of the store, with this at its end.
fn file(server: &ServerProcess, suffix: &str) -> PathBuf {
    let data = server.folder.path().join("data");
    data.join(format!("rooms.sqlite3{suffix}"))
}

async fn ask(server: &ServerProcess, method: &str, path: &str, body: &str) -> (u16, Value) {
    let response = request("http", server.address, method, path, &[], body).await;
    let (head, body) = response.into_parts();
    let body = crate::support::within("a body", body.bytes())
        .await
        .unwrap();
    let answer = serde_json::from_slice(&body).unwrap_or_default();
    (head.status.as_u16(), answer)
}

async fn publish(server: &ServerProcess, text: &str) -> (u16, Value) {
    ask(server, "POST", MESSAGES, text).await
}

async fn texts(server: &ServerProcess) -> Vec<String> {
    let response = request("http", server.address, "GET", MESSAGES, &[], "").await;
    let (_, page) = json(response).await;
    let messages = page["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Publishing and readiness are refused by the sentence, and reading goes on.
async fn expect_refusal(server: &ServerProcess) {
    let (status, problem) = ask(server, "GET", "/readyz", "").await;
    assert_eq!((status, problem["detail"].as_str()), (503, Some(SENTENCE)));
    for _ in 0..2 {
        let (status, problem) = publish(server, "refused").await;
        assert_eq!((status, problem["detail"].as_str()), (503, Some(SENTENCE)));
    }
    assert_eq!(ask(server, "GET", "/healthz", "").await.0, 200);
    assert_eq!(texts(server).await, ["one", "two"]);
}

#[tokio::test]
async fn when_a_companion_of_the_store_is_deleted_nothing_acknowledged_is_lost() {
    for suffixes in [&["-wal"][..], &["-shm"], &["-wal", "-shm"]] {
        let mut server = start().await;
        assert_eq!(ask(&server, "GET", "/readyz", "").await.0, 200);
        assert_eq!(publish(&server, "one").await.0, 201);
        assert_eq!(publish(&server, "two").await.0, 201);
        for suffix in suffixes {
            fs::remove_file(file(&server, suffix)).unwrap();
        }
        expect_refusal(&server).await;
        server.crash().await;
        assert_eq!(texts(&server).await, ["one", "two"], "{suffixes:?}");
        assert_eq!(publish(&server, "three").await.0, 201);
        assert_eq!(ask(&server, "GET", "/readyz", "").await.0, 200);
    }
}

#[tokio::test]
async fn when_the_store_is_deleted_or_moved_publishing_stops() {
    let delete: fn(&Path) = |store| fs::remove_file(store).unwrap();
    let move_away: fn(&Path) = |store| fs::rename(store, store.with_extension("old")).unwrap();
    let move_folder: fn(&Path) = |store| {
        let folder = store.parent().unwrap();
        fs::rename(folder, folder.with_extension("old")).unwrap();
    };
    for lose in [delete, move_away, move_folder] {
        let server = start().await;
        assert_eq!(publish(&server, "one").await.0, 201);
        assert_eq!(publish(&server, "two").await.0, 201);
        lose(&file(&server, ""));
        expect_refusal(&server).await;
    }
}

#[tokio::test]
async fn a_store_that_took_the_place_of_the_open_one_is_left_alone() {
    let mut server = start().await;
    assert_eq!(publish(&server, "one").await.0, 201);
    // A restored backup, with messages in its own `-wal`.
    let mut backup = start().await;
    assert_eq!(publish(&backup, "restored").await.0, 201);
    backup.signal("KILL");
    backup.exit().await;
    assert_eq!(publish(&server, "two").await.0, 201);
    for suffix in ["", "-wal", "-shm"] {
        fs::rename(file(&backup, suffix), file(&server, suffix)).unwrap();
    }
    expect_refusal(&server).await;
    server.signal("TERM");
    assert!(server.exit().await.success());
    server.restart().await;
    assert_eq!(texts(&server).await, ["restored"]);
    assert_eq!(publish(&server, "three").await.0, 201);
}

#[tokio::test]
async fn a_start_without_the_store_of_a_wal_file_is_refused() {
    let mut server = start().await;
    assert_eq!(publish(&server, "one").await.0, 201);
    let (store, moved) = (file(&server, ""), file(&server, ".old"));
    fs::rename(&store, &moved).unwrap();
    server.signal("TERM");
    assert!(server.exit().await.success());
    let sentence = server.refused_restart().await;
    assert!(sentence.contains("put that store back as"), "{sentence}");
    fs::rename(&moved, &store).unwrap();
    server.restart().await;
    assert_eq!(texts(&server).await, ["one"]);
}

#[tokio::test]
async fn a_clean_stop_leaves_every_message_in_the_store_itself() {
    let mut server = start().await;
    assert_eq!(publish(&server, "one").await.0, 201);
    assert!(file(&server, "-wal").exists());
    server.signal("TERM");
    assert!(server.exit().await.success());
    assert!(!file(&server, "-wal").exists());
    server.restart().await;
    assert_eq!(texts(&server).await, ["one"]);
}
