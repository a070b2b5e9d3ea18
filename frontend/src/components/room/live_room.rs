//! What the components of a room's page share: the session, and the signal that it has changed.

use leptos::prelude::*;

use crate::components::bind::Flag;
use crate::components::live_text::{Words, words};
use crate::connection::room::{RoomSession, Status};
use crate::store::room::Room;

/// A room on the page. Copies of it are the same one.
#[derive(Clone, Copy)]
pub struct LiveRoom {
    session: StoredValue<RoomSession, LocalStorage>,
    /// Counts the frames in which something has changed: the room itself is plain Rust, and ten
    /// thousand messages are not worth a signal each.
    frame: RwSignal<u64>,
}

impl LiveRoom {
    /// The room of a session.
    pub fn new(session: RoomSession) -> Self {
        Self {
            session: StoredValue::new_local(session),
            frame: RwSignal::new(0),
        }
    }

    /// The session, for what a person does.
    pub fn session(self) -> RoomSession {
        self.session.get_value()
    }

    /// Has everything that shows the room look at it again.
    pub fn changed(self) {
        self.frame.update(|frame| *frame += 1);
    }

    /// Reads the room, and reads it again after each frame in which it has changed.
    pub fn with<T>(self, read: fn(&Room) -> T) -> T {
        self.frame.track();
        self.session.with_value(|session| read(&session.room()))
    }

    /// Words about the room.
    pub fn words(self, read: fn(&Room) -> String) -> Words {
        words(move || self.with(read))
    }

    /// Whether something is so in the room.
    pub fn flag(self, read: fn(&Room) -> bool) -> Flag {
        Box::new(move || self.with(read))
    }

    /// Why messages come over an event stream; `None` if they do not.
    pub fn why_over_stream(self) -> Option<String> {
        self.frame.track();
        self.session.with_value(RoomSession::why_over_stream)
    }

    /// How the connection is.
    pub fn status(self) -> Status {
        self.frame.track();
        self.session.with_value(RoomSession::status)
    }
}
