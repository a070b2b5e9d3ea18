//! What is true of a room now and not kept: encoded once for everybody, said seldom enough.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use roomcast_shared::server_message::ServerMessage;

use super::lock;
use crate::transport::Format;

/// What happens within this time is said at once, so that ten people who enter together are one
/// announcement.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// How many announcements a room hands out in a second, about: the more people there are, the
/// more seldom they hear of each other.
const MAX_DELIVERIES_PER_SECOND: u64 = 5_000;

/// How long changes are gathered when so many people are to hear of them.
pub(super) fn interval(people: usize) -> Duration {
    let milliseconds = people as u64 * 1_000 / MAX_DELIVERIES_PER_SECOND;
    Duration::from_millis(milliseconds).max(MIN_INTERVAL)
}

/// What a room says about itself.
#[derive(Debug, Default)]
pub(super) struct Announcements {
    pub(super) people: Latest,
    pub(super) typing: Latest,
}

/// The latest announcement of one kind.
#[derive(Debug, Default)]
pub(super) struct Latest {
    /// Whether a change waits to be announced.
    pub(super) is_due: AtomicBool,
    announcement: Mutex<Option<Arc<Announcement>>>,
}

impl Latest {
    /// The announcement of this `version`, made when the first one asks for it.
    pub(super) fn get(
        &self,
        version: u64,
        make: impl FnOnce() -> ServerMessage,
    ) -> Arc<Announcement> {
        let mut latest = lock(&self.announcement);
        if let Some(announcement) = latest.as_ref().filter(|latest| latest.version >= version) {
            return announcement.clone();
        }
        let announcement = Arc::new(Announcement {
            version,
            message: make(),
            websocket: OnceLock::new(),
            event_stream: OnceLock::new(),
        });
        *latest = Some(announcement.clone());
        announcement
    }
}

/// A message that everybody in a room gets.
#[derive(Debug)]
pub(crate) struct Announcement {
    version: u64,
    message: ServerMessage,
    websocket: OnceLock<Bytes>,
    event_stream: OnceLock<Bytes>,
}

impl Announcement {
    /// The message in this format; empty when the format has no place for it.
    pub(crate) fn encoded(&self, format: Format) -> Bytes {
        let slot = match format {
            Format::WebSocket => &self.websocket,
            Format::EventStream => &self.event_stream,
            Format::Lines => return Bytes::new(),
        };
        slot.get_or_init(|| format.encode(&self.message)).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_hears_of_itself_more_seldom_than_a_few() {
        assert_eq!(interval(2), Duration::from_millis(100));
        assert_eq!(interval(10_000), Duration::from_secs(2));
    }

    #[test]
    fn one_version_is_made_and_encoded_once() {
        let latest = Latest::default();
        let make = || ServerMessage::Typing { people: Vec::new() };
        let one = latest.get(1, make).encoded(Format::WebSocket);
        let two = latest
            .get(1, || unreachable!("it is there"))
            .encoded(Format::WebSocket);
        assert_eq!(one.as_ptr(), two.as_ptr());
        let newer = latest.get(2, make).encoded(Format::WebSocket);
        assert_ne!(one.as_ptr(), newer.as_ptr());
    }
}
