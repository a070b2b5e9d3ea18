//! The one thread that writes.

mod group;

use std::fs::OpenOptions;
use std::io;
use std::sync::Arc;

use roomcast_shared::room_name::RoomName;
use rusqlite::Connection;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::event_log::followers::Followers;
use crate::event_log::{Appended, Keep, LogError, NewEntry};
use group::{Group, Rooms};

/// How many appends may wait. At some thousand commits a second this is a wait of seconds; then
/// it is better to say so.
const MAX_WAITING: usize = 16 * 1024;

/// How many appends are committed together at most, so that one commit does not take long.
const MAX_GROUP: usize = 1_024;

/// Hands work to the thread, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    commands: mpsc::Sender<Command>,
}

enum Command {
    Append(Append),
    Delete(Delete),
}

struct Append {
    room: RoomName,
    entries: Vec<NewEntry>,
    answer: oneshot::Sender<Result<Vec<Appended>, LogError>>,
}

struct Delete {
    what: Expired,
    answer: oneshot::Sender<Result<u64, LogError>>,
}

enum Expired {
    Entries {
        room: RoomName,
        keep: Keep,
        max_entries: u64,
    },
    Keys {
        time: u64,
        max_keys: u64,
    },
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        followers: Arc<Followers>,
        max_rooms: usize,
    ) -> io::Result<Self> {
        let (commands, queue) = mpsc::channel(MAX_WAITING);
        let rooms = Rooms::new(max_rooms);
        std::thread::Builder::new()
            .name("event-log".to_owned())
            .spawn(move || write(connection, queue, &followers, rooms))?;
        Ok(Self { commands })
    }

    pub(super) async fn append(
        &self,
        room: RoomName,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<Appended>, LogError> {
        let (answer, answered) = oneshot::channel();
        let append = Append {
            room,
            entries,
            answer,
        };
        self.send(Command::Append(append))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    pub(super) async fn expire(
        &self,
        room: RoomName,
        keep: Keep,
        max_entries: u64,
    ) -> Result<u64, LogError> {
        let what = Expired::Entries {
            room,
            keep,
            max_entries,
        };
        self.delete(what).await
    }

    pub(super) async fn expire_keys(&self, time: u64, max_keys: u64) -> Result<u64, LogError> {
        self.delete(Expired::Keys { time, max_keys }).await
    }

    async fn delete(&self, what: Expired) -> Result<u64, LogError> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Delete(Delete { what, answer }))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn send(&self, command: Command) -> Result<(), LogError> {
        self.commands
            .try_send(command)
            .map_err(|refused| match refused {
                TrySendError::Full(_) => LogError::Busy,
                TrySendError::Closed(_) => stopped(),
            })
    }
}

fn stopped() -> LogError {
    LogError::Failed("its writer has stopped".to_owned())
}

fn write(
    mut connection: Connection,
    mut queue: mpsc::Receiver<Command>,
    followers: &Followers,
    mut rooms: Rooms,
) {
    let mut next = None;
    loop {
        match next.take().or_else(|| queue.blocking_recv()) {
            None => return,
            Some(Command::Delete(Delete { what, answer })) => {
                let deleted = delete(&mut connection, what);
                let deleted = deleted.map_err(|error| failure(&connection, error));
                // Nobody needs to hear that nobody waits any more.
                let _ = answer.send(deleted);
            }
            Some(Command::Append(append)) => {
                let mut appends = vec![append];
                while appends.len() < MAX_GROUP {
                    match queue.try_recv() {
                        Ok(Command::Append(append)) => appends.push(append),
                        Ok(delete) => {
                            next = Some(delete);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                append_group(&mut connection, &mut rooms, followers, appends);
            }
        }
    }
}

/// Commits appends together, then tells the followers, then whoever asked.
fn append_group(
    connection: &mut Connection,
    rooms: &mut Rooms,
    followers: &Followers,
    mut appends: Vec<Append>,
) {
    let committed = Group::begin(connection, rooms).and_then(|mut group| {
        let results: rusqlite::Result<Vec<_>> = appends
            .iter_mut()
            .map(|append| group.append(&append.room, std::mem::take(&mut append.entries)))
            .collect();
        Ok((results?, group.commit()?))
    });
    match committed {
        Ok((results, new)) => {
            for (room, entries) in &new {
                followers.committed(room, entries);
            }
            for (append, result) in appends.into_iter().zip(results) {
                let _ = append.answer.send(result);
            }
        }
        Err(error) => {
            rooms.forget();
            let error = failure(connection, error);
            tracing::error!(%error, appends = appends.len(), "messages could not be kept");
            for append in appends {
                let _ = append.answer.send(Err(error.clone()));
            }
        }
    }
}

/// Why the store could not be written to. A file that was open when its disk became read-only fails
/// like one whose disk is broken, but it cannot be opened for writing again.
fn failure(connection: &Connection, error: rusqlite::Error) -> LogError {
    let failed = LogError::from(error);
    let path = connection.path().unwrap_or_default();
    let is_read_only = matches!(failed, LogError::Failed(_))
        && [path.to_owned(), format!("{path}-wal")].iter().any(|path| {
            let opened = OpenOptions::new().append(true).open(path);
            opened.is_err_and(|error| {
                use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
                matches!(error.kind(), ReadOnlyFilesystem | PermissionDenied)
            })
        });
    if is_read_only {
        LogError::ReadOnly
    } else {
        failed
    }
}

fn delete(connection: &mut Connection, what: Expired) -> rusqlite::Result<u64> {
    match what {
        Expired::Keys { time, max_keys } => {
            let mut statement = connection.prepare_cached(
                "DELETE FROM idempotency_keys WHERE (room, key) IN
                 (SELECT room, key FROM idempotency_keys WHERE time < ?1 LIMIT ?2)",
            )?;
            statement.execute((time, max_keys)).map(|rows| rows as u64)
        }
        Expired::Entries {
            room,
            keep,
            max_entries,
        } => group::expire(connection, &room, keep, max_entries),
    }
}
