//! Other programs that use the store while the server runs, with a SQLite of their own.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use roomcast::event_log::sqlite::{Durability, SqliteLog, SqliteOptions};
use roomcast::event_log::{EventLog, IdempotencyKey, LogError, NewEntry, ReadLimit};
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

const WRITERS: usize = 4;

/// How long an append waits for a lock. The other program holds some locks for longer.
const LOCK_TIMEOUT: Duration = Duration::from_millis(100);

/// Locks the store, reads it and closes it, 500 times. Arguments: the store, and how long the
/// longest locks are held, in seconds.
const LOCK_QUERY_CLOSE: &str = "
import sqlite3, sys, time
for cycle in range(500):
    store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
    if cycle % 2 == 0:
        store.execute('begin immediate')
        if cycle % 50 == 0:
            time.sleep(float(sys.argv[2]))
        store.execute('rollback')
    store.execute('select count(*), max(offset) from events').fetchone()
    if cycle % 10 == 0:
        store.execute('pragma wal_checkpoint(truncate)').fetchone()
    store.close()
";

/// Runs the other program to its end.
async fn other_program(store: &Path) {
    let mut command = tokio::process::Command::new("python3");
    let longest = (2 * LOCK_TIMEOUT).as_secs_f64().to_string();
    command
        .args(["-c", LOCK_QUERY_CLOSE])
        .arg(store)
        .arg(longest);
    assert!(command.status().await.unwrap().success());
}

pub(crate) fn python_has_sqlite() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import sqlite3"]).stderr(Stdio::null());
    let found = command.status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: python3 with its module sqlite3 is not installed");
    }
    found
}

fn open(directory: &Path) -> SqliteLog {
    let options = SqliteOptions {
        durability: Durability::Relaxed,
        lock_timeout: LOCK_TIMEOUT,
        ..SqliteOptions::default()
    };
    SqliteLog::open(directory, &options, Epoch::from_random([1; 8])).unwrap()
}

/// Publishes until it is told to end. Returns the offset of each acknowledged text, and how many
/// were refused for a lock at first.
async fn write(
    log: Arc<SqliteLog>,
    writer: usize,
    end: Arc<AtomicBool>,
) -> (HashMap<String, u64>, usize) {
    let (mut acknowledged, mut refused) = (HashMap::new(), 0);
    let room = RoomName::parse("shared").unwrap();
    while !end.load(Ordering::Relaxed) {
        let text = format!("{writer}-{}", acknowledged.len());
        let entry = NewEntry {
            time: 1,
            payload: Bytes::from(text.clone()),
            key: Some(IdempotencyKey {
                key: text.clone(),
                digest: [1; 32],
            }),
        };
        match log.append(&room, vec![entry]).await {
            Ok(appended) => {
                acknowledged.insert(text, appended[0].offset);
            }
            // The same text comes again, under the same key.
            Err(LogError::Locked) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    (acknowledged, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_another_program_locks_and_closes_the_store() {
    if !python_has_sqlite() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let log = Arc::new(open(directory.path()));
    let end = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(log.clone(), writer, end.clone())))
        .collect();
    other_program(&directory.path().join("rooms.sqlite3")).await;
    end.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut refused) = (HashMap::new(), 0);
    for writer in writers {
        let (texts, locks) = writer.await.unwrap();
        acknowledged.extend(texts);
        refused += locks;
    }
    log.health().await.unwrap();
    assert!(refused > 0, "some locks are longer than an append waits");
    drop(log);

    let log = open(directory.path());
    let room = RoomName::parse("shared").unwrap();
    let limit = ReadLimit::entries(u64::from(u32::MAX));
    let entries = log.read_after(&room, 0, limit).await.unwrap();
    let kept: HashMap<_, _> = entries
        .iter()
        .map(|entry| {
            let text = String::from_utf8(entry.payload.to_vec()).unwrap();
            (text, entry.offset)
        })
        .collect();
    assert_eq!(kept.len(), entries.len(), "a text is there twice");
    for (text, offset) in &acknowledged {
        assert_eq!(kept.get(text), Some(offset), "{text} was acknowledged");
    }
    let offsets = entries.iter().map(|entry| entry.offset);
    assert!(offsets.eq(1..=entries.len() as u64), "there is a hole");
}
