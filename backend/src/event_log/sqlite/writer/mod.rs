//! The one thread that writes.

mod deletion;
mod group;
mod store;

use std::io;

use roomcast_shared::room_name::RoomName;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::clock::AgeClockState;
use crate::event_log::{Appended, LogError, NewEntry};
pub(super) use deletion::Expired;
pub(super) use store::Store;

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
    Delete(Expired, Answer<u64>),
    StoreClock(AgeClockState, Answer<()>),
    Check(Answer<()>),
    Close(Answer<()>),
}

struct Append {
    room: RoomName,
    entries: Vec<NewEntry>,
    answer: Answer<Vec<Appended>>,
}

type Answer<T> = oneshot::Sender<Result<T, LogError>>;

impl Writer {
    pub(super) fn start(store: Store) -> io::Result<Self> {
        let (commands, queue) = mpsc::channel(MAX_WAITING);
        std::thread::Builder::new()
            .name("event-log".to_owned())
            .spawn(move || write(store, queue))?;
        Ok(Self { commands })
    }

    pub(super) async fn append(
        &self,
        room: RoomName,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<Appended>, LogError> {
        let command = |answer| {
            Command::Append(Append {
                room,
                entries,
                answer,
            })
        };
        self.ask(command).await
    }

    pub(super) async fn delete(&self, expired: Expired) -> Result<u64, LogError> {
        self.ask(|answer| Command::Delete(expired, answer)).await
    }

    pub(super) async fn store_clock(&self, clock: AgeClockState) -> Result<(), LogError> {
        self.ask(|answer| Command::StoreClock(clock, answer)).await
    }

    /// Checks that the files of the store are as they were left.
    pub(super) async fn check(&self) -> Result<(), LogError> {
        self.ask(Command::Check).await
    }

    /// Closes the store and ends the thread, once everything before is done.
    pub(super) async fn close(&self) -> Result<(), LogError> {
        self.ask(Command::Close).await
    }

    /// Checks that the thread lives.
    pub(super) fn health(&self) -> Result<(), LogError> {
        if self.commands.is_closed() {
            return Err(LogError::Stopped);
        }
        Ok(())
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, LogError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.commands.try_send(command(answer));
        sent.map_err(|refused| match refused {
            TrySendError::Full(_) => LogError::Busy,
            TrySendError::Closed(_) => LogError::Stopped,
        })?;
        answered.await.unwrap_or(Err(LogError::Stopped))
    }
}

fn write(mut store: Store, mut queue: mpsc::Receiver<Command>) {
    let mut next = None;
    loop {
        match next.take().or_else(|| queue.blocking_recv()) {
            None => return,
            Some(Command::Delete(expired, answer)) => {
                // A caller that has gone needs no answer.
                let _ = answer.send(store.delete(&expired));
            }
            Some(Command::StoreClock(clock, answer)) => {
                let _ = answer.send(store.store_clock(&clock));
            }
            Some(Command::Check(answer)) => {
                let _ = answer.send(store.check());
            }
            Some(Command::Close(answer)) => {
                drop(store);
                let _ = answer.send(Ok(()));
                return;
            }
            Some(Command::Append(append)) => {
                let mut appends = vec![append];
                while appends.len() < MAX_GROUP {
                    match queue.try_recv() {
                        Ok(Command::Append(append)) => appends.push(append),
                        Ok(other) => {
                            next = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                store.append(appends);
            }
        }
    }
}
