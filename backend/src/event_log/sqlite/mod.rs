//! A home in one SQLite file.
//!
//! One thread writes: it commits whatever was appended meanwhile as one group, so a hundred
//! writers share one wait for the disk. Readers have connections of their own, which in WAL mode
//! wait for nobody. A lock file keeps a second server from the same folder.

mod readers;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

use super::followers::Followers;
use super::{
    Appended, Bounds, Choose, Entry, EventLog, Follower, Keep, LogError, NewEntry, ReadLimit,
    StoredRoom,
};
use crate::private_file;
use readers::Readers;
use writer::Writer;

/// The file in the data folder; SQLite keeps two more beside it, `-wal` and `-shm`.
const FILE_NAME: &str = "rooms.sqlite3";

/// The file whose lock says that a server uses the folder.
const LOCK_NAME: &str = "rooms.lock";

/// When a message counts as kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// Once it is on the disk: it survives a power cut.
    #[default]
    Full,
    /// Once the system has it: it survives the end of the server, but a power cut may take the
    /// last moments.
    Relaxed,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file in it cannot be used.
    #[error("cannot use {path}: {source}; choose another folder with --data, or --ephemeral")]
    Io {
        /// What cannot be used.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another server uses the folder.
    #[error("another server uses {0}; choose another folder with --data")]
    Locked(PathBuf),
    /// The file was written by a newer version.
    #[error("{path} is of version {found}, and this program knows {known} at most: update it")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that is known.
        known: i64,
    },
    /// SQLite cannot open the file.
    #[error("cannot open {path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

/// Logs in one SQLite file.
#[derive(Debug)]
pub struct SqliteLog {
    epoch: Epoch,
    writer: Writer,
    readers: Readers,
    followers: Arc<Followers>,
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
        durability: Durability,
        max_rooms: usize,
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
        // SQLite gives the files beside it the same permissions.
        private_file::open(&path).map_err(io_error(&path))?;
        let sqlite_error = |source| OpenError::Sqlite {
            path: path.clone(),
            source,
        };
        let mut connection = schema::open(&path, durability).map_err(sqlite_error)?;
        let found = schema::version(&connection).map_err(sqlite_error)?;
        if found > schema::VERSION {
            return Err(OpenError::TooNew {
                path,
                found,
                known: schema::VERSION,
            });
        }
        let epoch = schema::migrate(&mut connection, found, new_epoch).map_err(sqlite_error)?;
        let followers = Arc::new(Followers::default());
        let readers = Readers::open(&path).map_err(sqlite_error)?;
        let writer =
            Writer::start(connection, followers.clone(), max_rooms).map_err(io_error(&path))?;
        Ok(Self {
            epoch,
            writer,
            readers,
            followers,
            _lock: lock,
        })
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
        self.readers.run(read).boxed()
    }

    fn read_chosen<'a>(
        &'a self,
        room: &'a RoomName,
        choose: Choose,
    ) -> BoxFuture<'a, Result<(Bounds, Vec<Entry>), LogError>> {
        let room = room.clone();
        let read = move |connection: &_| readers::read_chosen(connection, &room, choose);
        self.readers.run(read).boxed()
    }

    fn bounds<'a>(&'a self, room: &'a RoomName) -> BoxFuture<'a, Result<Bounds, LogError>> {
        let room = room.clone();
        let read = move |connection: &_| readers::bounds(connection, &room);
        self.readers.run(read).boxed()
    }

    fn follow(&self, room: &RoomName, follower: Weak<dyn Follower>) {
        self.followers.add(room, follower);
    }

    fn recent_rooms(&self, max_rooms: usize) -> BoxFuture<'_, Result<Vec<StoredRoom>, LogError>> {
        let read = move |connection: &_| readers::recent_rooms(connection, max_rooms);
        self.readers.run(read).boxed()
    }

    fn rooms_after<'a>(
        &'a self,
        after: Option<&'a RoomName>,
        max_rooms: usize,
    ) -> BoxFuture<'a, Result<Vec<RoomName>, LogError>> {
        let after = after.cloned();
        let read =
            move |connection: &_| readers::rooms_after(connection, after.as_ref(), max_rooms);
        self.readers.run(read).boxed()
    }

    fn expire<'a>(
        &'a self,
        room: &'a RoomName,
        keep: Keep,
        max_entries: u64,
    ) -> BoxFuture<'a, Result<u64, LogError>> {
        self.writer.expire(room.clone(), keep, max_entries).boxed()
    }

    fn expire_keys(&self, time: u64, max_keys: u64) -> BoxFuture<'_, Result<u64, LogError>> {
        self.writer.expire_keys(time, max_keys).boxed()
    }
}
