//! The tables, and how older files become newer ones.

use std::path::Path;
use std::time::Duration;

use roomcast_shared::position::Epoch;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::Durability;

/// The version of the tables, kept as SQLite's `user_version`.
pub(super) const VERSION: i64 = 1;

/// How long a statement waits for a lock. Only SQLite's own housekeeping ever holds one that
/// matters, and briefly.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How large the `-wal` file stays after a burst, in bytes.
const MAX_IDLE_WAL_BYTES: i64 = 16 * 1024 * 1024;

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

/// Opens the file for writing, in WAL mode.
pub(super) fn open(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let synchronous = match durability {
        Durability::Full => "full",
        Durability::Relaxed => "normal",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "journal_size_limit", MAX_IDLE_WAL_BYTES)?;
    Ok(connection)
}

/// Opens the file for reading alone.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// The version of the file's tables; 0 when there are none.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the tables from the version `found` to [`VERSION`], each step as a whole or not at all,
/// and returns the store's epoch.
pub(super) fn migrate(
    connection: &mut Connection,
    found: i64,
    new_epoch: Epoch,
) -> rusqlite::Result<Epoch> {
    if found < 1 {
        let transaction = connection.transaction()?;
        create(&transaction, new_epoch)?;
        transaction.commit()?;
    }
    let text: String = connection.query_row("SELECT epoch FROM store", (), |row| row.get(0))?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn create(transaction: &Transaction<'_>, epoch: Epoch) -> rusqlite::Result<()> {
    transaction.execute_batch(VERSION_1)?;
    transaction.execute("INSERT INTO store (epoch) VALUES (?1)", [epoch.to_string()])?;
    transaction.pragma_update(None, "user_version", 1)
}
