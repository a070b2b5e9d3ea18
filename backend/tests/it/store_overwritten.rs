//! Files of the store that other programs change in place while the server runs: with SQLite, which
//! is allowed, and without, which must stop publishing before anything acknowledged is lost.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use roomcast::event_log::sqlite::{Durability, SqliteLog, SqliteOptions};
use roomcast::event_log::{EventLog, LogError, NewEntry, ReadLimit};
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

use crate::store_sharing::python_has_sqlite;

const WAL: &str = "rooms.sqlite3-wal";
const STORE: &str = "rooms.sqlite3";

fn open(directory: &Path) -> SqliteLog {
    let options = SqliteOptions {
        durability: Durability::Relaxed,
        ..SqliteOptions::default()
    };
    SqliteLog::open(directory, &options, Epoch::from_random([1; 8])).unwrap()
}

fn room() -> RoomName {
    RoomName::parse("lobby").unwrap()
}

async fn append(log: &SqliteLog, text: &str) -> Result<u64, LogError> {
    let entry = NewEntry {
        time: 1,
        payload: Bytes::from(text.to_owned()),
        key: None,
    };
    let appended = log.append(&room(), vec![entry]).await?;
    Ok(appended[0].offset)
}

async fn append_all(log: &SqliteLog, texts: &[&str]) {
    for text in texts {
        append(log, text).await.unwrap();
    }
}

async fn texts(log: &SqliteLog) -> Vec<String> {
    let limit = ReadLimit::entries(1_000);
    let entries = log.read_after(&room(), 0, limit).await.unwrap();
    entries
        .iter()
        .map(|entry| String::from_utf8(entry.payload.to_vec()).unwrap())
        .collect()
}

/// Runs a command of the shell in the folder, as this process must not open the store's files.
fn shell(directory: &Path, command: &str) {
    let mut shell = Command::new("sh");
    let status = shell.args(["-ec", command]).current_dir(directory).status();
    assert!(status.unwrap().success(), "{command}");
}

/// Runs statements on the store in another program. Statements are parted by `;`.
fn other_program(directory: &Path, statements: &str) {
    const EXECUTE: &str = "
import sqlite3, sys
store = sqlite3.connect('rooms.sqlite3', isolation_level=None, timeout=10)
for statement in sys.argv[1].split(';'):
    store.execute(statement).fetchall()
store.close()
";
    let mut python = Command::new("python3");
    python.args(["-c", EXECUTE, statements]);
    assert!(python.current_dir(directory).status().unwrap().success());
}

/// A log with three messages, and beside it `other`, a store of another server.
async fn with_another_store(directory: &Path) -> SqliteLog {
    let folder = tempfile::tempdir().unwrap();
    let another = open(folder.path());
    for number in 0..200 {
        append(&another, &format!("another {number} {}", "x".repeat(500)))
            .await
            .unwrap();
    }
    another.close().await;
    std::fs::copy(folder.path().join(STORE), directory.join("other")).unwrap();
    let log = open(directory);
    append_all(&log, &["one", "two", "three"]).await;
    log
}

/// Nothing is acknowledged any longer, and the log says so before anything is written.
async fn expect_stop(log: &SqliteLog, what: &str) {
    assert_eq!(log.health().await, Err(LogError::Replaced), "{what}");
    for _ in 0..2 {
        let refused = append(log, "refused").await;
        assert_eq!(refused, Err(LogError::Replaced), "{what}");
    }
    assert_eq!(log.health().await, Err(LogError::Replaced), "{what}");
}

#[tokio::test]
async fn a_file_that_is_overwritten_in_place_stops_publishing() {
    for command in [
        "truncate -s 0 rooms.sqlite3-wal",
        "truncate -s 5000 rooms.sqlite3-wal",
        "cp other rooms.sqlite3-wal",
        "dd if=other of=rooms.sqlite3-wal conv=notrunc status=none",
        "truncate -s 0 rooms.sqlite3",
        "cp other rooms.sqlite3",
        "dd if=other of=rooms.sqlite3 conv=notrunc status=none",
        "mv rooms.sqlite3 real; ln -s real rooms.sqlite3",
        "mv rooms.sqlite3-wal real; ln -s real rooms.sqlite3-wal",
    ] {
        for asked_first in [true, false] {
            let directory = tempfile::tempdir().unwrap();
            let log = with_another_store(directory.path()).await;
            shell(directory.path(), command);
            if !asked_first {
                let refused = append(&log, "refused").await;
                assert_eq!(refused, Err(LogError::Replaced), "{command}");
            }
            expect_stop(&log, command).await;
            log.close().await;
        }
    }
}

#[tokio::test]
async fn a_backup_that_is_copied_over_the_open_store_stops_publishing() {
    if !python_has_sqlite() {
        return;
    }
    for checkpoint in ["passive", "full", "restart", "truncate"] {
        let directory = tempfile::tempdir().unwrap();
        let checkpoint = format!("pragma wal_checkpoint({checkpoint})");
        let log = open(directory.path());
        append_all(&log, &["one", "two", "three"]).await;
        other_program(directory.path(), &checkpoint);
        shell(directory.path(), "cp rooms.sqlite3 backup");
        append_all(&log, &["four", "five", "six"]).await;
        other_program(directory.path(), &checkpoint);
        log.health().await.unwrap();
        shell(directory.path(), "cp backup rooms.sqlite3");
        expect_stop(&log, &checkpoint).await;
    }
}

#[tokio::test]
async fn a_backup_of_before_our_own_checkpoints_stops_publishing() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    shell(directory.path(), "cp rooms.sqlite3 backup");
    let length = || {
        std::fs::metadata(directory.path().join(STORE))
            .unwrap()
            .len()
    };
    let before = length();
    let filler = "x".repeat(20_000);
    while length() == before {
        append(&log, &filler).await.unwrap();
    }
    log.health().await.unwrap();
    shell(directory.path(), "cp backup rooms.sqlite3");
    expect_stop(&log, "after a checkpoint").await;
}

#[tokio::test]
async fn a_store_that_is_restored_through_sqlite_stops_publishing() {
    if !python_has_sqlite() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let log = with_another_store(directory.path()).await;
    let restore = "python3 -c \"import sqlite3
sqlite3.connect('other').backup(sqlite3.connect('rooms.sqlite3', timeout=10))\"";
    shell(directory.path(), restore);
    expect_stop(&log, restore).await;
}

#[tokio::test]
async fn a_read_that_finds_a_damaged_file_stops_publishing() {
    let directory = tempfile::tempdir().unwrap();
    let log = with_another_store(directory.path()).await;
    shell(directory.path(), "cp other rooms.sqlite3-wal");
    assert!(
        log.read_after(&room(), 0, ReadLimit::entries(9))
            .await
            .is_err()
    );
    expect_stop(&log, "after a read").await;
}

#[tokio::test]
async fn other_programs_may_use_the_store_through_sqlite() {
    if !python_has_sqlite() {
        return;
    }
    for statements in [
        "select count(*) from events",
        "begin immediate; rollback",
        "pragma wal_checkpoint(passive)",
        "pragma wal_checkpoint(full)",
        "pragma wal_checkpoint(restart)",
        "pragma wal_checkpoint(truncate)",
        "delete from events where offset < 2; update rooms set oldest = 2",
        "delete from events where offset < 2; pragma wal_checkpoint(truncate)",
        "pragma wal_checkpoint(restart); pragma journal_size_limit = 0; delete from events \
         where offset < 2",
        "vacuum",
        "vacuum; pragma wal_checkpoint(truncate)",
        "create table notes (text); insert into notes values (zeroblob(9000000))",
        "pragma integrity_check",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let log = open(directory.path());
        append_all(&log, &["one", "two", "three"]).await;
        for round in 0..3 {
            other_program(
                directory.path(),
                &statements
                    .replace("create table notes", &format!("create table notes{round}"))
                    .replace("into notes", &format!("into notes{round}")),
            );
            if round != 1 {
                log.health()
                    .await
                    .unwrap_or_else(|error| panic!("{statements}: {error}"));
            }
            let appended = append(&log, "more").await;
            assert_eq!(appended, Ok(round + 4), "{statements}");
            log.observe_clock().await.unwrap();
        }
        log.close().await;
        drop(log);
        let kept = texts(&open(directory.path())).await;
        assert_eq!(
            kept[kept.len() - 4..],
            ["three", "more", "more", "more"],
            "{statements}"
        );
    }
}

#[tokio::test]
async fn files_that_are_read_or_touched_stay_in_use() {
    for command in [
        "cp rooms.sqlite3 copy; cp rooms.sqlite3-wal copy-wal",
        "touch rooms.sqlite3 rooms.sqlite3-wal",
        "chmod 640 rooms.sqlite3",
        "ln rooms.sqlite3 hard",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let log = open(directory.path());
        append_all(&log, &["one", "two"]).await;
        shell(directory.path(), command);
        log.health().await.unwrap();
        append_all(&log, &["three"]).await;
        drop(log);
        let log = open(directory.path());
        assert_eq!(texts(&log).await, ["one", "two", "three"], "{command}");
    }
}

#[tokio::test]
async fn a_store_behind_a_link_is_watched_where_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = directory.path().join("elsewhere");
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    drop(open(&elsewhere));
    std::os::unix::fs::symlink(elsewhere.join(STORE), data.join(STORE)).unwrap();
    let log = open(&data);
    append_all(&log, &["one"]).await;
    assert!(elsewhere.join(WAL).exists());
    shell(&data, "ln -sfn ../elsewhere/rooms.sqlite3 rooms.sqlite3");
    append_all(&log, &["two"]).await;
    shell(&elsewhere, "truncate -s 0 rooms.sqlite3-wal");
    expect_stop(&log, "behind a link").await;
}

/// A reader that holds its transaction open until its standard input has a line.
const HOLD: &str = "
import sqlite3, sys
store = sqlite3.connect('rooms.sqlite3', isolation_level=None)
store.execute('begin')
store.execute('select count(*) from events').fetchone()
print('reading', flush=True)
sys.stdin.readline()
";

#[tokio::test]
async fn a_long_wal_file_that_sqlite_shortens_stays_in_use() {
    if !python_has_sqlite() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    append_all(&log, &["one"]).await;
    // While it reads, no checkpoint begins the file anew.
    let mut reader = Command::new("python3")
        .args(["-c", HOLD])
        .current_dir(directory.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = reader.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    let length = || std::fs::metadata(directory.path().join(WAL)).unwrap().len();
    let filler = "x".repeat(500_000);
    while length() < 20_000_000 {
        append(&log, &filler).await.unwrap();
    }
    drop(reader.stdin.take());
    assert!(reader.wait().unwrap().success());
    let longest = length();
    while length() >= longest {
        append(&log, "short").await.unwrap();
    }
    append(&log, "short").await.unwrap();
    log.health().await.unwrap();
}
