//! Publishing: from a person's words to a position in the log.

use std::net::IpAddr;
use std::sync::Arc;

use roomcast_shared::limits::MAX_NONCE_CHARS;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::{Person, PersonId};
use roomcast_shared::position::Position;
use roomcast_shared::room_name::RoomName;

use super::rate_limit::TooFast;
use super::registry::Rooms;
use super::{Room, message};
use crate::clock::wall_milliseconds;
use crate::event_log::{Digest, IdempotencyKey, LogError, NewEntry, Outcome, ReadLimit};
use crate::transport::format::parse_event;

/// Who says something, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Whose messages theirs are counted with.
    pub counted: CountedWith,
    /// Where they are, if that is known: each address has a limit too, since a cookie is had for the
    /// asking.
    pub address: Option<IpAddr>,
}

/// Whose messages are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountedWith {
    /// Those of a person who showed their cookie.
    Themselves(PersonId),
    /// Those of everybody at one address who has none.
    Strangers(IpAddr),
}

/// A token by which a message that is sent again is known: 1 to 64 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

/// Why a text is no nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nonce or idempotency key has 1 to {MAX_NONCE_CHARS} visible ASCII characters")]
pub struct NonceError;

impl Nonce {
    /// Takes what a client sent.
    ///
    /// # Errors
    /// [`NonceError`].
    pub fn parse(text: &str) -> Result<Self, NonceError> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > MAX_NONCE_CHARS || !visible {
            return Err(NonceError);
        }
        Ok(Self(text.to_owned()))
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Where it stands.
    pub position: Position,
    /// How many connections read the room.
    pub readers: usize,
    /// Whether it was published now, and not before with the same nonce.
    pub is_new: bool,
}

/// Why a message was not published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The sender says too much.
    #[error(transparent)]
    TooFast(#[from] TooFast),
    /// Another text was published with the nonce.
    #[error("another message was published with this nonce or key; take a new one")]
    NonceReused,
    /// The log did not take it.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Rooms {
    /// Publishes a message. Returns once it is durable.
    ///
    /// # Errors
    /// [`PublishError`].
    ///
    /// # Cancel safety
    /// A dropped call may have published the message or not; the nonce makes it safe to try again.
    pub async fn publish(
        &self,
        room: &RoomName,
        sender: Sender,
        person: &Person,
        text: &MessageText,
        nonce: Option<&Nonce>,
    ) -> Result<Published, PublishError> {
        self.rates.take(sender.counted)?;
        if let Some(address) = sender.address {
            self.address_rates.take(address)?;
        }
        let time = wall_milliseconds();
        let is_look_alike = |room: Arc<Room>| room.is_look_alike(person);
        let look_alike = self.find(room).is_some_and(is_look_alike);
        let entry = NewEntry {
            time,
            payload: message::payload(time, person, look_alike, text),
            key: nonce.map(|nonce| IdempotencyKey {
                key: nonce.0.clone(),
                digest: digest(text),
            }),
        };
        let appended = self.log.append(room, vec![entry]).await?;
        let Some(appended) = appended.first() else {
            return Err(LogError::Failed("it did not answer".to_owned()).into());
        };
        let position = Position {
            epoch: self.log.epoch(),
            offset: appended.offset,
        };
        match appended.outcome {
            Outcome::New => self.lobby_changed(),
            Outcome::Repeated => {}
            Outcome::KeyKnown if self.says(room, position, text).await? => {}
            Outcome::KeyReused | Outcome::KeyKnown => return Err(PublishError::NonceReused),
        }
        Ok(Published {
            position,
            readers: self.find(room).map_or(0, |room| room.readers()),
            is_new: appended.outcome == Outcome::New,
        })
    }

    /// Returns `false` if the message at this position has another text, as far as that can still
    /// be known.
    async fn says(
        &self,
        room: &RoomName,
        position: Position,
        text: &MessageText,
    ) -> Result<bool, LogError> {
        let before = position.offset - 1;
        let limit = ReadLimit::entries(1);
        let entries = self.log.read_after(room, before, limit).await?;
        let kept = entries
            .first()
            .filter(|entry| entry.offset == position.offset)
            .and_then(|entry| parse_event(position, &entry.payload));
        Ok(kept.is_none_or(|event| event.text == *text))
    }
}

/// Digest by which a text is recognized that is sent again.
fn digest(text: &MessageText) -> Digest {
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_str().as_bytes());
    let mut digest = Digest::default();
    digest.copy_from_slice(hash.as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use roomcast_shared::person::PersonName;
    use roomcast_shared::position::Epoch;

    use super::*;
    use crate::config::RoomOptions;
    use crate::event_log::memory::MemoryLog;
    use crate::room::RoomLimits;

    #[tokio::test(start_paused = true)]
    async fn one_address_has_the_share_of_so_many_people_however_many_cookies_it_shows() {
        let limits = RoomLimits {
            messages_per_second: 1,
            message_burst: 2,
            people_per_address: 3,
            ..RoomOptions::default().limits()
        };
        let log = MemoryLog::new(Epoch::from_random([1; 8]), 10);
        let rooms = Rooms::new(Arc::new(log), limits);
        let room = RoomName::parse("lobby").unwrap();
        let text = MessageText::parse("hello", 10).unwrap();
        let publish = async |number: u8, address: [u8; 4]| {
            let id = PersonId::from_random([number; 16]);
            let name = PersonName::parse("Ada").unwrap();
            let sender = Sender {
                counted: CountedWith::Themselves(id),
                address: Some(address.into()),
            };
            let person = Person { id, name };
            let published = rooms.publish(&room, sender, &person, &text, None).await;
            published.map(|_| ())
        };
        let here = [192, 0, 2, 1];
        for person in [1, 1, 2, 2, 3, 3] {
            publish(person, here).await.unwrap();
        }
        let retry_after = Duration::from_secs(1) / 3;
        let refused = PublishError::TooFast(TooFast { retry_after });
        assert_eq!(publish(4, here).await, Err(refused));
        assert!(publish(5, [192, 0, 2, 2]).await.is_ok());
        tokio::time::advance(retry_after).await;
        assert!(publish(4, here).await.is_ok());
    }

    #[test]
    fn a_nonce_has_1_to_64_visible_characters() {
        for text in ["n", &"n".repeat(MAX_NONCE_CHARS), "!~"] {
            assert!(Nonce::parse(text).is_ok(), "{text}");
        }
        for text in ["", &"n".repeat(MAX_NONCE_CHARS + 1), "a b", "ä", "\u{7f}"] {
            assert_eq!(Nonce::parse(text), Err(NonceError), "{text}");
        }
    }
}
