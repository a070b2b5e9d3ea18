//! The tables, and how connections to them are opened.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use roomcast_shared::position::Epoch;
use rusqlite::{Connection, OpenFlags, Row};

use super::{Durability, migration};
use crate::clock::AgeClockState;

/// The version of the tables, kept as SQLite's `user_version`.
pub(super) const VERSION: i64 = 3;

/// How large the `-wal` file stays after a burst, in bytes.
const MAX_IDLE_WAL_BYTES: u64 = 16 * 1024 * 1024;

/// Opens the file for writing, in WAL mode. A statement waits at most `lock_timeout` for a lock
/// that another program holds.
pub(super) fn open(
    path: &Path,
    durability: Durability,
    lock_timeout: Duration,
) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(lock_timeout)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let synchronous = match durability {
        Durability::Full => "full",
        Durability::Relaxed => "normal",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "journal_size_limit", MAX_IDLE_WAL_BYTES)?;
    Ok(connection)
}

/// Opens the file for reading alone, and its `-wal` and `-shm`, which SQLite opens at the first
/// read.
pub(super) fn open_to_read(path: &Path, lock_timeout: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(lock_timeout)?;
    version(&connection)?;
    Ok(connection)
}

/// Opens the file as it is, without locks and without its `-wal` file, for one look.
///
/// SQLite closes its descriptor no earlier than our locks on the file end, as that of every
/// connection.
pub(super) fn open_immutable(path: &Path) -> rusqlite::Result<Connection> {
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        // SQLite decodes these before it looks at the path. A string takes all that is written.
        let _ = write!(address, "%{byte:02x}");
    }
    address.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(address, flags)
}

/// The version of the file's tables; 0 when there are none.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the tables from the version `found` to [`VERSION`], each step as a whole or not at all,
/// and returns the store's epoch. `wall` is the time of the wall clock in milliseconds since 1970,
/// if that is set.
pub(super) fn migrate(
    connection: &mut Connection,
    found: i64,
    new_epoch: Epoch,
    wall: Option<u64>,
) -> rusqlite::Result<Epoch> {
    if found < 1 {
        let transaction = connection.transaction()?;
        migration::to_version_1(&transaction, new_epoch)?;
        transaction.commit()?;
    }
    if found < 2 {
        let transaction = connection.transaction()?;
        migration::to_version_2(&transaction, wall)?;
        transaction.commit()?;
    }
    if found < 3 {
        let transaction = connection.transaction()?;
        migration::to_version_3(&transaction)?;
        transaction.commit()?;
    }
    connection.query_row("SELECT epoch FROM store", (), epoch)
}

/// The store's epoch in the first column.
pub(super) fn epoch(row: &Row<'_>) -> rusqlite::Result<Epoch> {
    let text: String = row.get(0)?;
    text.parse().map_err(|error| unreadable(Box::new(error)))
}

/// Moves what is in the `-wal` file into the store. Returns `false` if other programs kept a part of
/// it from being moved.
pub(super) fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<bool> {
    let checkpoint = format!("PRAGMA wal_checkpoint({mode})");
    connection.query_row(&checkpoint, (), |row| Ok(row.get::<_, i64>(0)? == 0))
}

/// The state of the store's clock at its last use, no earlier than anything it holds; `None` in a
/// new store.
pub(super) fn clock(connection: &Connection) -> rusqlite::Result<Option<AgeClockState>> {
    let json: Option<String> =
        connection.query_row("SELECT clock FROM store", (), |row| row.get(0))?;
    let Some(json) = json else {
        return Ok(None);
    };
    let mut clock: AgeClockState =
        serde_json::from_str(&json).map_err(|error| unreadable(Box::new(error)))?;
    let newest: Option<u64> =
        connection.query_row("SELECT max(last_stored_at) FROM rooms", (), |row| {
            row.get(0)
        })?;
    clock.now = clock.now.max(newest.unwrap_or_default());
    Ok(Some(clock))
}

/// Stores the state of the store's clock.
pub(super) fn store_clock(connection: &Connection, clock: &AgeClockState) -> rusqlite::Result<()> {
    let json = serde_json::to_string(clock)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection.execute("UPDATE store SET clock = ?1", [json])?;
    Ok(())
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error)
}
