//! Where a subscriber's cursor begins.

use bytes::Bytes;
use roomcast_shared::limits::DEFAULT_HISTORY_EVENTS;
use roomcast_shared::person::Person;
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{Gap, GapReason, ServerMessage, Welcome};

use super::Subscriber;
use crate::event_log::LogError;
use crate::room::{Lease, Room};
use crate::transport::Format;

/// Where a reader wants to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what comes from now on: `now`.
    Now,
    /// With the oldest event that is kept: `start`.
    Oldest,
    /// So many events back: `last:N`.
    Last(u64),
    /// After an event: its position.
    After(Position),
    /// After an event whose position nobody can read: whatever is there, and a word about it.
    Lost,
}

/// Why a text says no start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("say from=now, from=start, from=last:50, or from= and a position, such as k3j9x2ab-17")]
pub struct StartError;

impl Default for Start {
    fn default() -> Self {
        Self::Last(DEFAULT_HISTORY_EVENTS)
    }
}

impl Start {
    /// Reads the value of `?from=`.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn parse(text: &str) -> Result<Self, StartError> {
        match text {
            "now" => Ok(Self::Now),
            "start" => Ok(Self::Oldest),
            _ => match text.strip_prefix("last:") {
                Some(count) if count.bytes().all(|byte| byte.is_ascii_digit()) => {
                    count.parse().map(Self::Last).map_err(|_| StartError)
                }
                Some(_) => Err(StartError),
                None => text.parse().map(Self::After).map_err(|_| StartError),
            },
        }
    }

    /// Reads a `Last-Event-ID`. An `EventSource` gives up for ever at an error and cannot be told
    /// to forget its id, so one that is none of ours is [`Start::Lost`].
    pub fn after_last_event_id(id: &str) -> Self {
        id.parse().map_or(Self::Lost, Self::After)
    }

    /// The offset after which to begin when the head is at `head`, and the gap to announce.
    async fn resolve(self, room: &Room, head: u64) -> Result<(u64, Option<Gap>), LogError> {
        let lost = async |reason, after| {
            let offset = room.bounds().await?.oldest - 1;
            let position = room.position(offset);
            let gap = Gap {
                reason,
                after,
                position,
            };
            Ok((offset, Some(gap)))
        };
        match self {
            Self::Now => Ok((head, None)),
            Self::Oldest => Ok((room.bounds().await?.oldest - 1, None)),
            Self::Last(count) => {
                let wanted = head.saturating_sub(count);
                let in_memory = room
                    .oldest_recent()
                    .is_some_and(|oldest| wanted + 1 >= oldest);
                if in_memory || wanted == head {
                    return Ok((wanted, None));
                }
                // What is deleted was not asked for by name, so its lack is no gap.
                Ok((wanted.max(room.bounds().await?.oldest - 1), None))
            }
            Self::After(position) if position.epoch != room.head().epoch => {
                lost(GapReason::StoreReplaced, position).await
            }
            // The log may be a moment ahead of the room, which hears of a commit after it.
            Self::After(position)
                if position.offset > head && position.offset > room.bounds().await?.head =>
            {
                lost(GapReason::UnknownPosition, position).await
            }
            Self::After(position) => Ok((position.offset, None)),
            Self::Lost => lost(GapReason::UnknownPosition, room.position(0)).await,
        }
    }
}

impl Subscriber {
    /// A subscriber of the lease's room, who is `you`.
    ///
    /// # Errors
    /// [`LogError`] when it cannot be found out where to begin.
    pub async fn new(
        lease: Lease,
        you: Person,
        start: Start,
        format: Format,
    ) -> Result<Self, LogError> {
        Self::open(lease, you, start, format, Format::encode).await
    }

    /// A subscriber that is welcomed in every format, as over a WebSocket.
    ///
    /// # Errors
    /// As [`Subscriber::new`].
    pub async fn with_welcome(
        lease: Lease,
        you: Person,
        start: Start,
        format: Format,
    ) -> Result<Self, LogError> {
        Self::open(lease, you, start, format, Format::encode_with_welcome).await
    }

    async fn open(
        lease: Lease,
        you: Person,
        start: Start,
        format: Format,
        encode: fn(Format, &ServerMessage) -> Bytes,
    ) -> Result<Self, LogError> {
        let room = lease.room().clone();
        let waiter = room.waiter();
        let now = waiter.signal();
        let (cursor, gap) = start.resolve(&room, now.head).await?;
        let welcome = Welcome {
            you,
            room: room.name().clone(),
            position: gap.map_or(room.position(cursor), |gap| gap.position),
            head: room.position(now.head.max(cursor)),
            people: room.people(),
            max_text_chars: room.max_text_chars(),
        };
        let mut opening = encode(format, &ServerMessage::Welcome(welcome)).to_vec();
        if let Some(gap) = gap {
            opening.extend_from_slice(&format.encode(&ServerMessage::Gap(gap)));
        }
        Ok(Self {
            format,
            waiter,
            opening: Some(opening.into()).filter(|opening: &Bytes| !opening.is_empty()),
            cursor,
            history_ends_at: Some(now.head),
            // A welcome over a WebSocket has them; an event stream hears of them first of all.
            people: if format == Format::WebSocket {
                now.people
            } else {
                0
            },
            typing: 0,
            reading: None,
            lease,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_start_is_understood_and_nothing_else() {
        assert_eq!(Start::parse("now"), Ok(Start::Now));
        assert_eq!(Start::parse("start"), Ok(Start::Oldest));
        assert_eq!(Start::parse("last:0"), Ok(Start::Last(0)));
        assert_eq!(Start::parse("last:200"), Ok(Start::Last(200)));
        let position = "k3j9x2ab-17".parse().unwrap();
        assert_eq!(Start::parse("k3j9x2ab-17"), Ok(Start::After(position)));
        for text in [
            "", "NOW", "last", "last:", "last:-1", "last:+1", "17", "k3j9x2ab",
        ] {
            assert_eq!(Start::parse(text), Err(StartError), "{text}");
        }
    }

    #[test]
    fn an_id_of_another_stream_is_not_an_error_for_ever() {
        assert_eq!(Start::after_last_event_id("17"), Start::Lost);
    }
}
