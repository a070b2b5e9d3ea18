//! Rooms: what their subscribers share.
//!
//! A room is in memory only while somebody is in it. It follows its log: new events are put, in
//! pages that are encoded once, into the `tail`, and the [`Signal`] moves, on which every
//! subscriber waits. Older pages are read into the `shelf`. Nothing here is kept for a single
//! subscriber but the lease of a person who is present.

mod announcement;
mod bell;
mod look_alike;
pub mod message;
pub(crate) mod page;
mod people;
pub mod presence;
pub mod publish;
pub mod rate_limit;
pub mod registry;
mod rich_text;
mod shelf;
mod tail;
mod typing;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roomcast_shared::position::Position;
use roomcast_shared::room_name::RoomName;
use roomcast_shared::server_message::ServerMessage;
use tokio::sync::{OnceCell, watch};

use crate::event_log::{Bounds, Entry, EventLog, Follower, LogError};
use announcement::{Announcement, Announcements};
use bell::Bell;
pub use bell::Signal;
pub(crate) use bell::{Outlet, Waiter};
use page::Page;
pub use people::{Lease, RoomFull};
use presence::Presence;
pub use registry::{RoomLimits, Rooms};
use shelf::Shelf;
use tail::Tail;
use typing::Typing;

/// A room that somebody is in.
#[derive(Debug)]
pub struct Room {
    name: RoomName,
    log: Arc<dyn EventLog>,
    tail: Mutex<Tail>,
    shelf: Shelf,
    primed: OnceCell<()>,
    bell: Arc<Bell>,
    people: Mutex<Presence>,
    typing: Mutex<Typing>,
    announcements: Announcements,
    max_members: usize,
    max_text_chars: usize,
    /// Moves when the list of rooms changes.
    lobby: watch::Sender<u64>,
}

impl Room {
    /// The room's name.
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// How many characters a text may have.
    pub fn max_text_chars(&self) -> usize {
        self.max_text_chars
    }

    /// The position of the newest event.
    pub fn head(&self) -> Position {
        self.position(self.bell.signal().head)
    }

    /// The position of an event of this room.
    pub fn position(&self, offset: u64) -> Position {
        Position {
            epoch: self.log.epoch(),
            offset,
        }
    }

    /// Somebody who may wait for what is new.
    pub(crate) fn waiter(&self) -> Waiter {
        Waiter::new(self.bell.clone())
    }

    /// What the log holds of this room.
    pub(crate) async fn bounds(&self) -> Result<Bounds, LogError> {
        self.log.bounds(&self.name).await
    }

    /// The page in memory with the event after `offset`.
    pub(crate) fn recent_page(&self, offset: u64) -> Option<Arc<Page>> {
        lock(&self.tail).find(offset).cloned()
    }

    /// The offset of the oldest event in memory.
    pub(crate) fn oldest_recent(&self) -> Option<u64> {
        lock(&self.tail).first()
    }

    /// The page in the log with the first event after `offset` that is still there. `None` if
    /// there was none when this was called.
    pub(crate) async fn older_page(&self, offset: u64) -> Result<Option<Arc<Page>>, LogError> {
        self.shelf.page(offset, |after| self.read_page(after)).await
    }

    /// The people in the room in the given format, as of the announcement `version`.
    pub(crate) fn people_announcement(&self, version: u64) -> Arc<Announcement> {
        self.announcements.people.get(version, || {
            ServerMessage::Presence(lock(&self.people).people())
        })
    }

    /// Who is typing in the given format, as of the announcement `version`.
    pub(crate) fn typing_announcement(&self, version: u64) -> Arc<Announcement> {
        self.announcements.typing.get(version, || {
            let people = lock(&self.typing).people();
            ServerMessage::Typing { people }
        })
    }

    /// Reads the newest events into memory, once: whoever comes next will want them.
    async fn prime(&self) -> Result<(), LogError> {
        let prime = async || {
            let bounds = self.bounds().await?;
            // More than a newcomer gets to read.
            let mut after = bounds.head.saturating_sub(shelf::EVENTS_PER_PAGE);
            let mut read = Vec::new();
            while after < bounds.head {
                let entries = self.log.read_after(&self.name, after, shelf::PAGE).await?;
                let Some(last) = entries.last() else { break };
                after = last.offset;
                read.push(entries);
            }
            let mut tail = lock(&self.tail);
            for mut entries in read.into_iter().rev() {
                let known = tail.first().unwrap_or(u64::MAX);
                entries.retain(|entry| entry.offset < known);
                if let Some(page) = Page::new(self.log.epoch(), entries)
                    && !tail.prime(page)
                {
                    break;
                }
            }
            drop(tail);
            self.bell.move_head(bounds.head);
            Ok(())
        };
        self.primed.get_or_try_init(prime).await.copied()
    }

    async fn read_page(&self, offset: u64) -> Result<Option<Arc<Page>>, LogError> {
        let entries = self.log.read_after(&self.name, offset, shelf::PAGE).await?;
        Ok(Page::new(self.log.epoch(), entries))
    }
}

impl Follower for Room {
    fn committed(&self, entries: &[Entry]) {
        let mut rest = entries;
        while !rest.is_empty() {
            let Ok(entries) = shelf::PAGE.take(rest.iter().cloned().map(Ok::<_, Infallible>));
            rest = &rest[entries.len()..];
            if let Some(page) = Page::new(self.log.epoch(), entries) {
                lock(&self.tail).push(page);
            }
        }
        if let Some(last) = entries.last() {
            self.bell.move_head(last.offset);
            self.lobby.send_modify(|version| *version += 1);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_room(
    name: RoomName,
    log: Arc<dyn EventLog>,
    limits: &RoomLimits,
    lobby: watch::Sender<u64>,
) -> Room {
    let first = Signal {
        head: 0,
        people: 1,
        typing: 0,
    };
    Room {
        name,
        log,
        tail: Mutex::new(Tail::new(limits.tail_bytes)),
        shelf: Shelf::default(),
        primed: OnceCell::new(),
        bell: Bell::new(first),
        people: Mutex::default(),
        typing: Mutex::default(),
        announcements: Announcements::default(),
        max_members: limits.max_members,
        max_text_chars: limits.max_text_chars,
        lobby,
    }
}
