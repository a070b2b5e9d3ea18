//! Reading, beside the writer.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use roomcast_shared::room_name::RoomName;
use rusqlite::{Connection, OptionalExtension as _, Row};
use tokio::sync::Semaphore;

use super::files::StoreFiles;
use super::schema;
use crate::event_log::{Bounds, Choose, Entry, LogError, ReadLimit, StoredRoom};

/// How many reads run at a time. They are short and mostly served from memory.
const CONNECTIONS: usize = 4;

/// Connections that take turns on tokio's threads for blocking work.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path, lock_timeout: Duration) -> rusqlite::Result<Self> {
        let connections: rusqlite::Result<Vec<_>> = (0..CONNECTIONS)
            .map(|_| schema::open_to_read(path, lock_timeout))
            .collect();
        Ok(Self {
            idle: Arc::new(Mutex::new(connections?)),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
        })
    }

    /// Closes all connections once their reads have ended. Later reads fail.
    pub(super) async fn close(&self) {
        // Every permit is here when no connection is in use.
        let all = u32::try_from(CONNECTIONS).expect("there are few connections");
        if self.permits.acquire_many(all).await.is_ok() {
            self.permits.close();
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.clear();
        }
    }

    /// Runs `read` on a connection that is free, waiting for one if need be.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        files: Arc<StoreFiles>,
    ) -> Result<T, LogError> {
        let failed = |error: String| LogError::Failed(error);
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|closed| failed(closed.to_string()))?;
        let idle = self.idle.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(connection) = taken else {
                return Err(failed("no connection is free".to_owned()));
            };
            let result = read(&connection);
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            result.map_err(|error| files.explain_read(error))
        });
        reading.await.map_err(|error| failed(error.to_string()))?
    }
}

pub(super) fn read_after(
    connection: &Connection,
    room: &RoomName,
    offset: u64,
    limit: ReadLimit,
) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(
        "SELECT offset, time, payload FROM events
         WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND offset > ?2
         ORDER BY offset LIMIT ?3",
    )?;
    // Rows come one by one, so those beyond the limit of bytes are not read.
    let entries = statement.query_map((room.as_str(), offset, limit.max_entries), entry)?;
    limit.take(entries)
}

pub(super) fn read_chosen(
    connection: &Connection,
    room: &RoomName,
    choose: Choose,
) -> rusqlite::Result<(Bounds, Vec<Entry>)> {
    // Both statements see the store as it is at the first one.
    let transaction = connection.unchecked_transaction()?;
    let bounds = bounds(&transaction, room)?;
    let (offset, limit) = choose(bounds);
    let entries = read_after(&transaction, room, offset, limit)?;
    transaction.finish()?;
    Ok((bounds, entries))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        offset: row.get(0)?,
        time: row.get(1)?,
        payload: Bytes::from(row.get::<_, Vec<u8>>(2)?),
    })
}

pub(super) fn bounds(connection: &Connection, room: &RoomName) -> rusqlite::Result<Bounds> {
    let mut statement =
        connection.prepare_cached("SELECT oldest, head FROM rooms WHERE name = ?1")?;
    let bounds = statement.query_row([room.as_str()], |row| {
        Ok(Bounds {
            oldest: row.get(0)?,
            head: row.get(1)?,
        })
    });
    Ok(bounds.optional()?.unwrap_or(Bounds::EMPTY))
}

pub(super) fn recent_rooms(
    connection: &Connection,
    max_rooms: usize,
) -> rusqlite::Result<Vec<StoredRoom>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, last_time FROM rooms WHERE oldest <= head
         ORDER BY last_time DESC LIMIT ?1",
    )?;
    let rooms = statement.query_map([max_rooms], |row| {
        Ok(StoredRoom {
            name: name(row)?,
            last_time: row.get(1)?,
        })
    })?;
    rooms.collect()
}

pub(super) fn rooms_after(
    connection: &Connection,
    after: Option<&RoomName>,
    max_rooms: usize,
) -> rusqlite::Result<Vec<RoomName>> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM rooms WHERE name > ?1 AND oldest <= head ORDER BY name LIMIT ?2",
    )?;
    let names = statement.query_map((after.map_or("", RoomName::as_str), max_rooms), name)?;
    names.collect()
}

/// The name of a room in the first column.
fn name(row: &Row<'_>) -> rusqlite::Result<RoomName> {
    let name: String = row.get(0)?;
    RoomName::try_from(name).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}
