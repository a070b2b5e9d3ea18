//! The store as the writing thread has it.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::Append;
use super::deletion::{Expired, delete};
use super::group::{Group, NewEntries, Rooms};
use crate::clock::{AgeClock, AgeClockState};
use crate::event_log::followers::Followers;
use crate::event_log::sqlite::continuity::{Break, Continuity, LastWriter};
use crate::event_log::sqlite::files::StoreFiles;
use crate::event_log::sqlite::generation::Generation;
use crate::event_log::sqlite::schema;
use crate::event_log::{Appended, LogError};

/// Longest wait of the last checkpoint for other programs: the server is about to end.
const CHECKPOINT_LOCK_TIMEOUT: Duration = Duration::from_millis(200);

/// Connection that writes, and what its thread knows.
///
/// Files are checked before something is written and again before it is acknowledged: what was
/// committed into a file that is no longer in the folder, or that another program has overwritten,
/// would be gone after a restart.
pub(in crate::event_log::sqlite) struct Store {
    connection: Connection,
    continuity: Continuity,
    rooms: Rooms,
    followers: Arc<Followers>,
    files: Arc<StoreFiles>,
    ages: Arc<AgeClock>,
    /// `true` once a file was found to be replaced and what can be saved was saved.
    given_up: bool,
}

/// Answers to appends of one group, and the entries that are new.
type Committed = (Vec<Result<Vec<Appended>, LogError>>, NewEntries);

impl Store {
    pub(in crate::event_log::sqlite) fn new(
        connection: Connection,
        continuity: Continuity,
        max_rooms: usize,
        followers: Arc<Followers>,
        files: Arc<StoreFiles>,
        ages: Arc<AgeClock>,
    ) -> Self {
        Self {
            connection,
            continuity,
            rooms: Rooms::new(max_rooms),
            followers,
            files,
            ages,
            given_up: false,
        }
    }

    /// Commits appends together, then tells the followers, then the callers.
    pub(super) fn append(&mut self, mut appends: Vec<Append>) {
        match self.commit(&mut appends) {
            Ok((results, new)) => {
                for (room, entries) in &new {
                    self.followers.committed(room, entries);
                }
                for (append, result) in appends.into_iter().zip(results) {
                    // A caller that has gone needs no answer.
                    let _ = append.answer.send(result);
                }
            }
            Err(error) => {
                self.rooms.forget();
                tracing::error!(%error, appends = appends.len(), "messages could not be kept");
                for append in appends {
                    let _ = append.answer.send(Err(error.clone()));
                }
            }
        }
    }

    pub(super) fn delete(&mut self, expired: &Expired) -> Result<u64, LogError> {
        self.check()?;
        let deleted = delete(
            &mut self.connection,
            expired,
            &mut self.continuity.generation,
        );
        self.after_write(deleted)
    }

    pub(super) fn store_clock(&mut self, clock: &AgeClockState) -> Result<(), LogError> {
        self.continuity.distrust_times();
        self.check()?;
        let stored = self.commit_clock(clock);
        self.after_write(stored)
    }

    fn commit_clock(&mut self, clock: &AgeClockState) -> rusqlite::Result<()> {
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        schema::store_clock(&transaction, clock)?;
        let next = self.continuity.generation.advance(&transaction)?;
        transaction.commit()?;
        self.continuity.generation = next;
        Ok(())
    }

    fn commit(&mut self, appends: &mut [Append]) -> Result<Committed, LogError> {
        self.check()?;
        let stamp = self.ages.now();
        let committed = Group::begin(&mut self.connection, &mut self.rooms, stamp)
            .and_then(|group| commit_group(group, appends, &mut self.continuity.generation));
        self.after_write(committed)
    }

    /// Checks the files again before what was committed is acknowledged.
    fn after_write<T>(&mut self, result: rusqlite::Result<T>) -> Result<T, LogError> {
        let last_writer = match result {
            Ok(_) => LastWriter::Ourselves,
            Err(_) => LastWriter::Anyone,
        };
        let result = result.map_err(|error| self.files.explain(error));
        match self.check_after(last_writer) {
            Err(LogError::Replaced) => Err(LogError::Replaced),
            // It was right before the commit, and is looked at again before the next one.
            Ok(()) | Err(_) => result,
        }
    }

    /// Checks that the files are in their place and hold what they held. When they do not for the
    /// first time, saves what was acknowledged, as far as that is possible.
    pub(super) fn check(&mut self) -> Result<(), LogError> {
        self.check_after(LastWriter::Anyone)
    }

    fn check_after(&mut self, last_writer: LastWriter) -> Result<(), LogError> {
        let mut checked = self.files.check();
        if checked.is_ok() {
            checked = self
                .continuity
                .check(last_writer)
                .map_err(|error| match error {
                    Break::Changed(change) => {
                        self.files.report_change(&change);
                        LogError::Replaced
                    }
                    Break::Unknown(error) => LogError::from(error),
                    Break::Io(error) => LogError::Failed(error.to_string()),
                });
        }
        if checked == Err(LogError::Replaced) && !self.given_up {
            self.given_up = true;
            self.give_up();
        }
        checked
    }

    /// Moves everything into the store itself, so that a copy of this one file is complete. SQLite
    /// deletes the `-wal` file when its last connection is closed.
    fn empty_wal(&self) {
        let emptied = self
            .connection
            .busy_timeout(CHECKPOINT_LOCK_TIMEOUT)
            .and_then(|()| schema::checkpoint(&self.connection, "TRUNCATE"));
        // Nothing is lost: the next start reads the `-wal` file.
        let store = self.files.store().display();
        match emptied {
            Ok(true) => {}
            Ok(false) => tracing::info!("{store} is in use elsewhere: its -wal file stays"),
            Err(error) => tracing::warn!(%error, "the -wal file of {store} stays"),
        }
    }

    fn give_up(&self) {
        let store = self.files.store().display();
        // SQLite deletes the `-wal` file by its path when it closes the store: it may be the one of
        // the store that took the place of ours.
        let keep_files = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        if let Err(error) = self.connection.set_db_config(keep_files, true) {
            tracing::error!(%error, "{store} may delete files of its successor when it is closed");
        }
        if !self.files.is_ours_alone() {
            tracing::error!("messages that were not yet in {store} itself cannot be saved");
            return;
        }
        // What a deleted `-wal` file holds is still ours to read.
        match schema::checkpoint(&self.connection, "FULL") {
            Ok(true) => tracing::warn!("every acknowledged message was saved to {store}"),
            Ok(false) => {
                tracing::error!("some messages could not be saved to {store}: it is in use");
            }
            Err(error) => tracing::error!(%error, "messages could not be saved to {store}"),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // A store that was replaced is left alone: see `give_up`.
        if self.check().is_ok() {
            self.empty_wal();
        }
    }
}

fn commit_group(
    mut group: Group<'_>,
    appends: &mut [Append],
    generation: &mut Generation,
) -> rusqlite::Result<Committed> {
    let results: rusqlite::Result<Vec<_>> = appends
        .iter_mut()
        .map(|append| group.append(&append.room, std::mem::take(&mut append.entries)))
        .collect();
    Ok((results?, group.commit(generation)?))
}
