//! Room for long messages that are still coming.

use std::sync::Arc;

use roomcast_websocket::Part;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory in which the beginnings of long messages wait for their ends, so that a client may send all of a
/// message before it reads. All echoes share it, since anybody may begin a message and leave it. Whoever finds
/// no room gets a message back as it comes.
#[derive(Clone, Debug)]
pub struct HoldingRoom(Arc<Semaphore>);

/// A part of a message, and the room that it takes.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) part: Part,
    _room: OwnedSemaphorePermit,
}

impl HoldingRoom {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Holds a part of a message.
    ///
    /// # Errors
    /// The part, when there is no room for it.
    pub(super) fn hold(&self, part: Part) -> Result<Held, Part> {
        let room = u32::try_from(part.content.len()).ok();
        let room = room.and_then(|bytes| self.0.clone().try_acquire_many_owned(bytes).ok());
        match room {
            Some(room) => Ok(Held { part, _room: room }),
            None => Err(part),
        }
    }
}
