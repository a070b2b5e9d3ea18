//! A home in one SQLite file.
//!
//! One thread writes: it commits whatever was appended meanwhile as one group, so a hundred
//! writers share one wait for the disk. Readers have connections of their own, which in WAL mode
//! wait for nobody. A lock file keeps a second server from the same folder.
//!
//! Other programs may open the file with their own SQLite at any time. Nothing in this process may
//! open it but SQLite: see `files`.

mod continuity;
mod files;
mod generation;
mod migration;
mod open_error;
mod options;
mod readers;
mod schema;
mod stamps;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

use super::followers::Followers;
use super::{
    Appended, Bounds, Choose, Entry, EventLog, Follower, Keep, LogError, NewEntry, ReadLimit,
    StoredRoom,
};
use crate::clock::{AgeClock, milliseconds};
use crate::private_file;
use continuity::{Break, Continuity};
use files::StoreFiles;
pub use open_error::OpenError;
pub use options::{Durability, SqliteOptions};
use readers::Readers;
use writer::{Expired, Store, Writer};

/// The file in the data folder; SQLite keeps two more beside it, `-wal` and `-shm`.
const FILE_NAME: &str = "rooms.sqlite3";

/// The file whose lock says that a server uses the folder.
const LOCK_NAME: &str = "rooms.lock";

/// Longest wait for the readers at the end of the server, and then for the writer. The next start does
/// the rest.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Logs in one SQLite file.
#[derive(Debug)]
pub struct SqliteLog {
    epoch: Epoch,
    writer: Writer,
    readers: Readers,
    followers: Arc<Followers>,
    files: Arc<StoreFiles>,
    ages: Arc<AgeClock>,
    /// Locked for as long as the store is open.
    _lock: File,
}

impl SqliteLog {
    /// The file of the store in `directory`.
    pub fn file_in(directory: &Path) -> PathBuf {
        directory.join(FILE_NAME)
    }

    /// Opens the store in `directory`, or makes one whose epoch is `new_epoch`.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn open(
        directory: &Path,
        options: &SqliteOptions,
        new_epoch: Epoch,
    ) -> Result<Self, OpenError> {
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |source| OpenError::Io { path, source }
        };
        private_file::create_folder(directory).map_err(io_error(directory))?;
        let lock_path = directory.join(LOCK_NAME);
        let lock = private_file::open(&lock_path).map_err(io_error(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked(directory.to_owned())),
            Err(TryLockError::Error(source)) => return Err(io_error(&lock_path)(source)),
        }
        let path = directory.join(FILE_NAME);
        if path.is_dir() {
            return Err(OpenError::NotAFile(path));
        }
        if let Some(wal) = files::orphaned_wal(&path).map_err(io_error(&path))? {
            return Err(OpenError::Orphaned { wal, store: path });
        }
        // SQLite gives the files beside it the same permissions.
        private_file::create_if_missing(&path).map_err(io_error(&path))?;
        let sqlite_error = |source| OpenError::Sqlite {
            path: path.clone(),
            source,
        };
        let (durability, lock_timeout) = (options.durability, options.lock_timeout);
        let mut connection = schema::open(&path, durability, lock_timeout).map_err(sqlite_error)?;
        let found = schema::version(&connection).map_err(sqlite_error)?;
        if found > schema::VERSION {
            return Err(OpenError::TooNew {
                path,
                found,
                known: schema::VERSION,
            });
        }
        let wall = options.clock.read().wall.map(milliseconds);
        let epoch = schema::migrate(&mut connection, found, new_epoch, wall);
        let epoch = epoch.map_err(sqlite_error)?;
        let stored = schema::clock(&connection).map_err(sqlite_error)?;
        let steady_time = options.clock_steady_time;
        let ages = Arc::new(AgeClock::new(options.clock.clone(), steady_time, stored));
        let readers = Readers::open(&path, lock_timeout).map_err(sqlite_error)?;
        // Now that every connection has opened them.
        let files = Arc::new(StoreFiles::remember(&path).map_err(io_error(&path))?);
        let followers = Arc::new(Followers::default());
        let continuity = Continuity::remember(&path, &connection, lock_timeout);
        let continuity = continuity.map_err(|error| match error {
            Break::Unknown(source) => sqlite_error(source),
            error => io_error(&path)(io::Error::other(error)),
        })?;
        let store = Store::new(
            connection,
            continuity,
            options.max_rooms,
            followers.clone(),
            files.clone(),
            ages.clone(),
        );
        Ok(Self {
            epoch,
            writer: Writer::start(store).map_err(io_error(&path))?,
            readers,
            followers,
            files,
            ages,
            _lock: lock,
        })
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, LogError>> {
        self.readers.run(read, self.files.clone()).boxed()
    }
}

impl EventLog for SqliteLog {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn append<'a>(
        &'a self,
        room: &'a RoomName,
        entries: Vec<NewEntry>,
    ) -> BoxFuture<'a, Result<Vec<Appended>, LogError>> {
        self.writer.append(room.clone(), entries).boxed()
    }

    fn read_after<'a>(
        &'a self,
        room: &'a RoomName,
        offset: u64,
        limit: ReadLimit,
    ) -> BoxFuture<'a, Result<Vec<Entry>, LogError>> {
        let room = room.clone();
        let read = move |connection: &_| readers::read_after(connection, &room, offset, limit);
        self.read(read)
    }

    fn read_chosen<'a>(
        &'a self,
        room: &'a RoomName,
        choose: Choose,
    ) -> BoxFuture<'a, Result<(Bounds, Vec<Entry>), LogError>> {
        let room = room.clone();
        let read = move |connection: &_| readers::read_chosen(connection, &room, choose);
        self.read(read)
    }

    fn bounds<'a>(&'a self, room: &'a RoomName) -> BoxFuture<'a, Result<Bounds, LogError>> {
        let room = room.clone();
        let read = move |connection: &_| readers::bounds(connection, &room);
        self.read(read)
    }

    fn follow(&self, room: &RoomName, follower: Weak<dyn Follower>) {
        self.followers.add(room, follower);
    }

    fn recent_rooms(&self, max_rooms: usize) -> BoxFuture<'_, Result<Vec<StoredRoom>, LogError>> {
        let read = move |connection: &_| readers::recent_rooms(connection, max_rooms);
        self.read(read)
    }

    fn rooms_after<'a>(
        &'a self,
        after: Option<&'a RoomName>,
        max_rooms: usize,
    ) -> BoxFuture<'a, Result<Vec<RoomName>, LogError>> {
        let after = after.cloned();
        let read =
            move |connection: &_| readers::rooms_after(connection, after.as_ref(), max_rooms);
        self.read(read)
    }

    fn expire<'a>(
        &'a self,
        room: &'a RoomName,
        keep: Keep,
        max_entries: u64,
    ) -> BoxFuture<'a, Result<u64, LogError>> {
        let cutoff = self.ages.cutoff(keep.max_age);
        let max_kept = keep.max_entries;
        let expired = Expired::Entries {
            room: room.clone(),
            max_kept,
            cutoff,
            max_entries,
        };
        self.writer.delete(expired).boxed()
    }

    fn expire_keys(
        &self,
        max_age: Duration,
        max_keys: u64,
    ) -> BoxFuture<'_, Result<u64, LogError>> {
        let cutoff = self.ages.cutoff(max_age);
        self.writer
            .delete(Expired::Keys { cutoff, max_keys })
            .boxed()
    }

    fn observe_clock(&self) -> BoxFuture<'_, Result<(), LogError>> {
        self.writer.store_clock(self.ages.observe()).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            // SQLite deletes the `-wal` file with its last connection, which must be one that writes.
            let readers = tokio::time::timeout(CLOSE_TIMEOUT, self.readers.close());
            if readers.await.is_err() {
                tracing::info!("the store is closed while it is read");
            }
            match tokio::time::timeout(CLOSE_TIMEOUT, self.writer.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the store could not be closed"),
                Err(_) => tracing::warn!("the store takes long to close; nothing is lost by that"),
            }
        }
        .boxed()
    }

    fn health(&self) -> BoxFuture<'_, Result<(), LogError>> {
        async move {
            self.writer.health()?;
            let files = self.files.clone();
            // A folder on the network may keep us waiting.
            let checked = tokio::task::spawn_blocking(move || files.check()).await;
            let checked = checked.unwrap_or_else(|error| Err(LogError::Failed(error.to_string())));
            match checked {
                // The writer also looks for changes in place, and saves what can be saved. When much
                // waits for it, it looks before the next commit.
                Ok(()) | Err(LogError::Replaced) => match self.writer.check().await {
                    Err(LogError::Busy) => checked,
                    looked => looked,
                },
                Err(_) => checked,
            }
        }
        .boxed()
    }
}
