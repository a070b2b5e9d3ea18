//! Changes that other programs make to the store's files in place.
//!
//! Other programs may read and write the store with a SQLite of their own, and may move what is in
//! the `-wal` file into the store (a checkpoint), which can leave the `-wal` file empty. A file that
//! is truncated or overwritten is another matter: SQLite does not notice, goes on with the pages
//! that it has in memory, and what it writes cannot be read after a restart.
//!
//! Both change the length or the time of a file. When that happened, the [`Generation`] tells them
//! apart. Each transaction of the server increments it, so these must hold:
//!
//! - A reader without anything in memory sees the generation of our last commit.
//! - The store itself, read without its `-wal` file, never has an earlier generation than before: a
//!   checkpoint only moves it forward, and a backup moves it back.
//! - The `-wal` file gets shorter only when all that it held is in the store itself. Then that has
//!   the generation of our last commit, or of the one before if ours came afterwards.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use roomcast_shared::position::Epoch;
use rusqlite::{Connection, ErrorCode, ffi};

use super::files::companion;
use super::generation::{self, Generation};
use super::schema;

/// State of the files after our last transaction.
#[derive(Debug)]
pub(super) struct Continuity {
    path: PathBuf,
    wal_path: PathBuf,
    lock_timeout: Duration,
    epoch: Epoch,
    /// Generation of our last commit.
    pub(super) generation: Generation,
    /// Generation in the store itself when it was last looked at. `None` while its tables are only
    /// in the `-wal` file.
    checkpointed: Option<Generation>,
    store: Stamp,
    wal: Stamp,
}

/// Length and time of a file, which change when it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// Last writer of the `-wal` file, as far as the caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastWriter {
    /// This process, which has just committed.
    Ourselves,
    /// Possibly another program.
    Anyone,
}

/// Why the files cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Break {
    /// A file was changed without SQLite.
    #[error("{0}")]
    Changed(String),
    /// It is not known, and may be in a moment.
    #[error("cannot compare the files with their last state: {0}")]
    Unknown(#[from] rusqlite::Error),
    /// A file cannot be looked at.
    #[error("cannot look at the files: {0}")]
    Io(#[from] io::Error),
}

impl Continuity {
    /// Remembers the store at `path`, which `connection` has open for writing.
    ///
    /// # Errors
    /// Errors of SQLite and of the file system.
    pub(super) fn remember(
        path: &Path,
        connection: &Connection,
        lock_timeout: Duration,
    ) -> Result<Self, Break> {
        // The store itself can be read from then on, unless another program holds up a part of it.
        schema::checkpoint(connection, "PASSIVE")?;
        let (epoch, generation) = generation::read(connection)?;
        let wal_path = companion(&path.canonicalize()?, "-wal");
        // Before the look into the file: a later write is noticed at the next look.
        let (store, wal) = (Stamp::of(path)?, Stamp::of(&wal_path)?);
        let checkpointed = state_without_wal(path).ok();
        Ok(Self {
            path: path.to_owned(),
            lock_timeout,
            wal_path,
            epoch,
            generation,
            checkpointed: checkpointed.map(|(_, generation)| generation),
            store,
            wal,
        })
    }

    /// Checks that nothing was changed in place since the last time.
    ///
    /// # Errors
    /// [`Break`], after which the state is that of the last success.
    pub(super) fn check(&mut self, last_writer: LastWriter) -> Result<(), Break> {
        // The `-wal` file first: when it is empty already, the store has what was in it.
        let wal = Stamp::of(&self.wal_path)?;
        let store = Stamp::of(&self.path)?;
        let is_shorter = wal.bytes < self.wal.bytes;
        let mut store_is_known = true;
        if store != self.store || is_shorter {
            let found = self.check_store(store)?;
            store_is_known = found.is_some();
            self.checkpointed = found.or(self.checkpointed);
            if is_shorter {
                self.check_shorter_wal(wal, last_writer, found)?;
            }
        }
        if last_writer == LastWriter::Anyone && wal != self.wal {
            self.check_with_wal(&self.wal_path)?;
        }
        // One that could not be read is looked at again.
        if store_is_known {
            self.store = store;
        }
        self.wal = wal;
        Ok(())
    }

    /// Lets the next check look into the files whatever their times say: file systems keep times in
    /// steps of some milliseconds.
    pub(super) fn distrust_times(&mut self) {
        self.store.modified = None;
        self.wal.modified = None;
    }

    /// Returns the generation in the store itself, or `None` if that cannot be told at the moment.
    fn check_store(&self, stamp: Stamp) -> Result<Option<Generation>, Break> {
        let read = state_without_wal(&self.path);
        let not_readable_yet = self.checkpointed.is_none() && stamp.bytes > 0;
        if let Err(error) = &read
            && (is_corrupt(error) || not_readable_yet)
        {
            // A checkpoint that is not complete leaves a first page that counts more pages than the
            // file has, or no tables yet. With the `-wal` file, SQLite must be able to read it.
            self.check_with_wal(&self.path)?;
            return Ok(None);
        }
        let generation = self.check_epoch(with_name(&self.path, read)?)?;
        if self.checkpointed.is_some_and(|last| generation < last) {
            return Err(changed(&self.path, "is older than it was"));
        }
        Ok(Some(generation))
    }

    /// Checks what a program sees that opens the store now. `changed_path` is the file to name.
    fn check_with_wal(&self, changed_path: &Path) -> Result<(), Break> {
        let state = with_name(changed_path, state_with_wal(&self.path, self.lock_timeout))?;
        if state != (self.epoch, self.generation) {
            return Err(changed(changed_path, "lacks messages that were there"));
        }
        Ok(())
    }

    fn check_epoch(&self, (epoch, generation): (Epoch, Generation)) -> Result<Generation, Break> {
        if epoch != self.epoch || generation > self.generation {
            return Err(changed(&self.path, "holds another store"));
        }
        Ok(generation)
    }

    fn check_shorter_wal(
        &self,
        wal: Stamp,
        last_writer: LastWriter,
        in_store: Option<Generation>,
    ) -> Result<(), Break> {
        // It was emptied before our commit, or cut to its limit by it. All before our commit is in the
        // store then, and our commit is in the file.
        let begun_anew = last_writer == LastWriter::Ourselves && wal.bytes > 0;
        let is_enough = |at: Generation| {
            at == self.generation || begun_anew && Some(at) == self.generation.previous()
        };
        if in_store.is_some_and(is_enough) {
            return Ok(());
        }
        Err(changed(
            &self.wal_path,
            "was cut off before its messages were in the store",
        ))
    }
}

impl Stamp {
    /// Stamp of the file at `path`; if there is none, that of an empty one.
    fn of(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Self {
                bytes: metadata.len(),
                modified: metadata.modified().ok(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}

/// Returns `true` if the error says that a file does not hold what SQLite wrote.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHORT_READ)
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}

/// Reads the state as a program does that opens the store now, with nothing in memory.
fn state_with_wal(path: &Path, lock_timeout: Duration) -> rusqlite::Result<(Epoch, Generation)> {
    let connection = schema::open_to_read(path, lock_timeout)?;
    generation::read(&connection)
}

/// Reads the state from the store itself. SQLite takes an immutable file as it is, without locks
/// and without its `-wal` file.
fn state_without_wal(path: &Path) -> rusqlite::Result<(Epoch, Generation)> {
    generation::read(&schema::open_immutable(path)?)
}

/// Tells a file that does not hold what it must from one that could not be read at the moment.
fn with_name<T>(path: &Path, read: rusqlite::Result<T>) -> Result<T, Break> {
    read.map_err(|error| match error.sqlite_error_code() {
        // No table or no column of that name.
        Some(ErrorCode::Unknown) | None => changed(path, &error.to_string()),
        Some(_) if is_damage(&error) => changed(path, &error.to_string()),
        Some(_) => Break::Unknown(error),
    })
}

fn changed(path: &Path, how: &str) -> Break {
    Break::Changed(format!("{}: {how}", path.display()))
}
