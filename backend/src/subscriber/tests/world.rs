//! A room in a server, and readers that look closely.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use roomcast_shared::person::{Person, PersonId, PersonName};
use roomcast_shared::position::{Epoch, Position};
use roomcast_shared::room_name::RoomName;
use roomcast_shared::server_message::{GapReason, ServerMessage};
use roomcast_websocket::EncodedFrames;
use tempfile::TempDir;

use crate::event_log::memory::MemoryLog;
use crate::event_log::sqlite::{Durability, SqliteLog, SqliteOptions};
use crate::event_log::{EventLog, Follower, Keep, NewEntry};
use crate::room::{RoomLimits, Rooms, message};
use crate::subscriber::{Start, Subscriber};
use crate::transport::Format;

const LIMITS: RoomLimits = RoomLimits {
    max_rooms: 10,
    max_members: 100,
    messages_per_second: 1_000,
    message_burst: 1_000,
    people_per_address: 20,
    max_text_chars: 4_000,
    // A few events: most readers have to go to the log.
    tail_bytes: 4_000,
};

/// Where the events are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home {
    Memory,
    Sqlite,
}

impl Home {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Memory, Self::Sqlite];
}

/// A server with one room, as far as subscribers see it.
pub(super) struct World {
    log: Arc<dyn EventLog>,
    rooms: Arc<Rooms>,
    name: RoomName,
    /// Where the files are, if there are some.
    folder: Option<TempDir>,
}

impl World {
    pub(super) fn new(home: Home) -> Self {
        let epoch = Epoch::from_random([1; 8]);
        let (log, folder): (Arc<dyn EventLog>, _) = match home {
            Home::Memory => (Arc::new(MemoryLog::new(epoch, 10)), None),
            Home::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                (open(folder.path()), Some(folder))
            }
        };
        Self {
            rooms: Arc::new(Rooms::new(log.clone(), LIMITS)),
            log,
            name: RoomName::parse("lobby").unwrap(),
            folder,
        }
    }

    /// The server crashes and starts again: it finds the files as they are at this moment, no
    /// matter what the old one still holds in memory. A log in memory stays.
    pub(super) fn crash(&mut self) {
        if let Some(old) = &self.folder {
            let new = tempfile::tempdir().unwrap();
            // By another process: closing a file of SQLite in this one would drop SQLite's locks.
            let mut copy = std::process::Command::new("cp");
            copy.arg("-R").arg(old.path().join(".")).arg(new.path());
            assert!(copy.status().unwrap().success());
            self.log = open(new.path());
            self.folder = Some(new);
        }
        self.rooms = Arc::new(Rooms::new(self.log.clone(), LIMITS));
    }

    pub(super) async fn append(&self, events: usize) {
        let person = ada();
        let entries = (0..events).map(|number| NewEntry {
            time: 1,
            payload: message::payload(
                1,
                &person,
                false,
                &format!("message {number}").try_into().unwrap(),
            ),
            key: None,
        });
        self.log
            .append(&self.name, entries.collect())
            .await
            .unwrap();
    }

    pub(super) async fn expire(&self, max_entries: u64) {
        let keep = Keep {
            max_entries,
            max_age: Duration::MAX,
        };
        self.log.expire(&self.name, keep, u64::MAX).await.unwrap();
    }

    pub(super) async fn subscribe(&self, start: Start) -> Reader {
        let room = self.rooms.open(&self.name).await.unwrap();
        let (lease, you) = room.enter(ada().id, None).unwrap();
        let subscriber = Subscriber::new(lease, you, start, Format::WebSocket)
            .await
            .unwrap();
        Reader {
            subscriber,
            received: Vec::new(),
            cursor: None,
            caught_up: false,
        }
    }

    /// Has somebody told of each commit before the room is, if the room is not open yet.
    pub(super) fn follow(&self, follower: Weak<dyn Follower>) {
        self.log.follow(&self.name, follower);
    }

    pub(super) fn position(&self, offset: u64) -> Position {
        Position {
            epoch: self.log.epoch(),
            offset,
        }
    }

    pub(super) async fn head(&self) -> u64 {
        self.log.bounds(&self.name).await.unwrap().head
    }
}

fn open(folder: &Path) -> Arc<dyn EventLog> {
    let epoch = Epoch::from_random([1; 8]);
    let options = SqliteOptions {
        durability: Durability::Relaxed,
        max_rooms: 10,
        ..SqliteOptions::default()
    };
    let log = SqliteLog::open(folder, &options, epoch).unwrap();
    Arc::new(log)
}

fn ada() -> Person {
    Person {
        id: PersonId::from_random([7; 16]),
        name: PersonName::parse("Ada").unwrap(),
    }
}

/// What a client makes of the bytes, with a client's suspicion.
pub(super) struct Reader {
    pub(super) subscriber: Subscriber,
    pub(super) received: Vec<ServerMessage>,
    pub(super) cursor: Option<Position>,
    caught_up: bool,
}

impl Reader {
    /// Takes what there is up to the offset `head`, and checks it.
    pub(super) async fn read_to(&mut self, head: u64) {
        while self.cursor.is_none_or(|cursor| cursor.offset < head) || !self.caught_up {
            let bytes = self.subscriber.next().await.unwrap();
            self.take(bytes);
        }
    }

    /// Takes the next piece, if there is one in memory.
    pub(super) fn read_some(&mut self) {
        if let Some(bytes) = self.subscriber.next_in_memory() {
            self.take(bytes);
        }
    }

    pub(super) fn take(&mut self, bytes: Bytes) {
        assert!(!bytes.is_empty());
        for payload in EncodedFrames::new(bytes).payloads() {
            let message: ServerMessage = serde_json::from_slice(&payload).unwrap();
            match &message {
                ServerMessage::Welcome(welcome) => {
                    assert_eq!(self.cursor, None);
                    self.cursor = Some(welcome.position);
                }
                ServerMessage::Message(event) => {
                    let before = self.cursor.expect("a welcome comes first");
                    assert_eq!(event.position.offset, before.offset + 1);
                    self.cursor = Some(event.position);
                }
                ServerMessage::Gap(gap) => {
                    if gap.reason == GapReason::Expired {
                        assert_eq!(Some(gap.after), self.cursor);
                        assert!(gap.position.offset > gap.after.offset);
                    }
                    self.cursor = Some(gap.position);
                }
                ServerMessage::CaughtUp { position } => {
                    assert!(!self.caught_up, "said once");
                    assert_eq!(Some(*position), self.cursor);
                    self.caught_up = true;
                }
                _ => {}
            }
            self.received.push(message);
        }
    }

    pub(super) fn offsets(&self) -> Vec<u64> {
        let offset = |message: &ServerMessage| match message {
            ServerMessage::Message(event) => Some(event.position.offset),
            _ => None,
        };
        self.received.iter().filter_map(offset).collect()
    }

    pub(super) fn gaps(&self) -> Vec<(GapReason, u64)> {
        let gap = |message: &ServerMessage| match message {
            ServerMessage::Gap(gap) => Some((gap.reason, gap.position.offset)),
            _ => None,
        };
        self.received.iter().filter_map(gap).collect()
    }
}
