//! Steps from each version of the tables to the next.

use std::ops::RangeInclusive;

use roomcast_shared::position::Epoch;
use rusqlite::Transaction;

use super::{schema, stamps};
use crate::clock::{AgeClockState, UNSET_BEFORE};

/// Earlier times are those of a clock that was not set, in milliseconds since 1970.
const EARLIEST_TIME: u64 = UNSET_BEFORE.as_secs() * 1_000;

/// `rooms.oldest` to `rooms.head` are the offsets of the events that are there. A room stays when
/// its events are gone, because its offsets go on.
const VERSION_1: &str = "
    CREATE TABLE store (epoch TEXT NOT NULL) STRICT;
    CREATE TABLE rooms (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        oldest INTEGER NOT NULL,
        head INTEGER NOT NULL,
        last_time INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE events (
        room INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        time INTEGER NOT NULL,
        payload BLOB NOT NULL,
        PRIMARY KEY (room, offset)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE idempotency_keys (
        room INTEGER NOT NULL,
        key TEXT NOT NULL,
        offset INTEGER NOT NULL,
        time INTEGER NOT NULL,
        PRIMARY KEY (room, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX idempotency_keys_by_time ON idempotency_keys (time);
";

/// `stored_at` and `used_at` are stamps of the store's own clock, by which ages are measured;
/// `time` is what the wall clock said, for people. `digest` is missing in keys of version 1.
const VERSION_2: &str = "
    ALTER TABLE store ADD COLUMN clock TEXT;
    ALTER TABLE rooms ADD COLUMN last_stored_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE events ADD COLUMN stored_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE idempotency_keys ADD COLUMN digest BLOB;
    ALTER TABLE idempotency_keys RENAME COLUMN time TO used_at;
    DROP INDEX idempotency_keys_by_time;
    CREATE INDEX idempotency_keys_by_use ON idempotency_keys (used_at);
";

/// `generation` counts transactions of the server: see [`super::generation`].
const VERSION_3: &str = "
    ALTER TABLE store ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
";

pub(super) fn to_version_1(transaction: &Transaction<'_>, epoch: Epoch) -> rusqlite::Result<()> {
    transaction.execute_batch(VERSION_1)?;
    transaction.execute("INSERT INTO store (epoch) VALUES (?1)", [epoch.to_string()])?;
    transaction.pragma_update(None, "user_version", 1)
}

/// Makes stamps of the times in the store, as far as they are in order and not after `wall`. The
/// store's clock goes on at the newest of them: the time since then counts once the wall clock has
/// proved steady.
pub(super) fn to_version_2(
    transaction: &Transaction<'_>,
    wall: Option<u64>,
) -> rusqlite::Result<()> {
    transaction.execute_batch(VERSION_2)?;
    let possible = EARLIEST_TIME..=latest_time(transaction, wall)?;
    let mut newest = None;
    for room in rooms(transaction)? {
        newest = newest.max(stamp_events(transaction, room, &possible)?);
    }
    if let Some(newest) = newest {
        transaction.execute(
            "UPDATE idempotency_keys SET used_at = min(used_at, ?1)",
            [newest],
        )?;
        schema::store_clock(transaction, &AgeClockState::from_wall_times(newest))?;
    }
    transaction.pragma_update(None, "user_version", 2)
}

pub(super) fn to_version_3(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(VERSION_3)?;
    transaction.pragma_update(None, "user_version", 3)
}

/// Returns the latest time that an event can have: now, unless most of them say that the wall clock
/// is behind.
fn latest_time(transaction: &Transaction<'_>, wall: Option<u64>) -> rusqlite::Result<u64> {
    let (events, newest): (u64, Option<u64>) =
        transaction.query_row("SELECT count(*), max(time) FROM events", (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if let Some(wall) = wall {
        let count = "SELECT count(*) FROM events WHERE time > ?1";
        let ahead: u64 = transaction.query_row(count, [wall], |row| row.get(0))?;
        if ahead <= events / 2 {
            return Ok(wall);
        }
    }
    Ok(newest.unwrap_or_default())
}

fn rooms(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<i64>> {
    let mut rooms = transaction.prepare("SELECT id FROM rooms WHERE oldest <= head")?;
    rooms.query_map((), |row| row.get(0))?.collect()
}

/// Stamps the events of one room. Returns the newest stamp.
fn stamp_events(
    transaction: &Transaction<'_>,
    room: i64,
    possible: &RangeInclusive<u64>,
) -> rusqlite::Result<Option<u64>> {
    let mut find = transaction
        .prepare_cached("SELECT offset, time FROM events WHERE room = ?1 ORDER BY offset")?;
    let found = find.query_map([room], |row| {
        Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?))
    })?;
    let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let (offsets, times): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let stamps = stamps::in_order(&times, possible);
    let mut update = transaction
        .prepare_cached("UPDATE events SET stored_at = ?3 WHERE room = ?1 AND offset = ?2")?;
    for (offset, stamp) in offsets.iter().zip(&stamps) {
        update.execute((room, offset, stamp))?;
    }
    let newest = stamps.last().copied();
    transaction.execute(
        "UPDATE rooms SET last_stored_at = ?2 WHERE id = ?1",
        (room, newest.unwrap_or_default()),
    )?;
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rusqlite::Connection;

    use super::super::{Durability, SqliteLog, SqliteOptions};
    use super::*;
    use crate::clock::ManualClock;
    use crate::event_log::{EventLog as _, IdempotencyKey, Keep, NewEntry, Outcome, ReadLimit};
    use roomcast_shared::room_name::RoomName;

    const DAY: u64 = 86_400_000;
    const NOW: u64 = 500_000 * 3_600_000;

    /// A store of version 1 with one event of each of these times, and one key.
    fn version_1(directory: &std::path::Path, times: &[u64]) {
        let path = directory.join(super::super::FILE_NAME);
        let timeout = Duration::from_secs(1);
        let mut connection = schema::open(&path, Durability::Relaxed, timeout).unwrap();
        let transaction = connection.transaction().unwrap();
        to_version_1(&transaction, Epoch::from_random([7; 8])).unwrap();
        transaction.commit().unwrap();
        fill(&connection, times).unwrap();
    }

    fn fill(connection: &Connection, times: &[u64]) -> rusqlite::Result<()> {
        let head = times.len();
        connection.execute(
            "INSERT INTO rooms (id, name, oldest, head, last_time) VALUES (1, 'a', 1, ?1, ?2)",
            (head, times.last()),
        )?;
        for (index, time) in times.iter().enumerate() {
            connection.execute(
                "INSERT INTO events (room, offset, time, payload) VALUES (1, ?1, ?2, x'7b7d')",
                (index + 1, time),
            )?;
        }
        connection.execute(
            "INSERT INTO idempotency_keys (room, key, offset, time) VALUES (1, 'k', 1, ?1)",
            [times[0]],
        )?;
        Ok(())
    }

    fn open(directory: &std::path::Path, clock: &Arc<ManualClock>) -> SqliteLog {
        let options = SqliteOptions {
            clock: clock.clone(),
            clock_steady_time: Duration::from_hours(24),
            ..SqliteOptions::default()
        };
        SqliteLog::open(directory, &options, Epoch::from_random([1; 8])).unwrap()
    }

    #[tokio::test]
    async fn a_store_of_version_1_keeps_its_events_and_keys() {
        let directory = tempfile::tempdir().unwrap();
        version_1(directory.path(), &[NOW - 2 * DAY, NOW - DAY]);
        let clock = ManualClock::at(Duration::from_millis(NOW));
        let log = open(directory.path(), &clock);
        assert_eq!(log.epoch(), Epoch::from_random([7; 8]));
        let room = RoomName::parse("a").unwrap();
        let read = log.read_after(&room, 0, ReadLimit::entries(10)).await;
        assert_eq!(read.unwrap().len(), 2);
        let again = NewEntry {
            time: NOW,
            payload: "{}".into(),
            key: Some(IdempotencyKey {
                key: "k".to_owned(),
                digest: [1; 32],
            }),
        };
        let appended = log.append(&room, vec![again]).await.unwrap()[0];
        assert_eq!((appended.offset, appended.outcome), (1, Outcome::KeyKnown));
    }

    #[tokio::test]
    async fn events_of_version_1_are_as_old_as_their_place_says() {
        let directory = tempfile::tempdir().unwrap();
        // One from a clock in 1970, one from the future, one a week ahead of its neighbours.
        let old = NOW - 40 * DAY;
        version_1(
            directory.path(),
            &[
                old,
                old + 1,
                5,
                NOW + 10 * DAY,
                old + 7 * DAY,
                old + 2,
                NOW - DAY,
            ],
        );
        let clock = ManualClock::at(Duration::from_millis(NOW));
        let log = open(directory.path(), &clock);
        let room = RoomName::parse("a").unwrap();
        let keep = Keep {
            max_entries: 100,
            max_age: Duration::from_hours(30 * 24),
        };
        assert_eq!(log.expire(&room, keep, 100).await.unwrap(), 6);
    }

    #[tokio::test]
    async fn an_upgrade_under_a_wrong_clock_deletes_nothing() {
        for wrong_by in [40 * 86_400, -40 * 86_400] {
            let directory = tempfile::tempdir().unwrap();
            version_1(directory.path(), &[NOW - 2 * DAY, NOW - DAY]);
            let clock = ManualClock::at(Duration::from_millis(NOW));
            clock.jump(wrong_by);
            let log = open(directory.path(), &clock);
            clock.jump(-wrong_by);
            let keep = Keep {
                max_entries: 100,
                max_age: Duration::from_hours(30 * 24),
            };
            let room = RoomName::parse("a").unwrap();
            for _ in 0..60 {
                log.observe_clock().await.unwrap();
                clock.advance(Duration::from_hours(1));
                assert_eq!(log.expire(&room, keep, 100).await.unwrap(), 0);
            }
        }
    }
}
