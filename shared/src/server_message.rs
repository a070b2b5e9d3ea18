//! What the server sends: over a WebSocket as JSON text messages, over SSE as the data of events
//! of the same types.

use serde::{Deserialize, Serialize};

use crate::limits::MAX_TEXT_CHARS;
use crate::message_text::MessageText;
use crate::person::{Person, PersonId, PersonName};
use crate::position::Position;
use crate::rich_text::Node;
use crate::room_name::RoomName;

/// One message from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ServerMessage {
    /// The first one: who you are, and where the stream starts.
    Welcome(Welcome),
    /// Somebody said something.
    Message(MessageEvent),
    /// What you said is kept for good.
    Said {
        /// The nonce of your `say`.
        nonce: String,
        /// Where it stands.
        position: Position,
    },
    /// Everything up to here was history; from here on it is live.
    CaughtUp {
        /// The last event that was history.
        position: Position,
    },
    /// Who is in the room, replacing what was said about it before.
    Presence(People),
    /// Who is writing, replacing what was said about it before.
    Typing {
        /// Their ids; at most
        /// [`MAX_LISTED_TYPING`](crate::limits::MAX_LISTED_TYPING) of them.
        people: Vec<PersonId>,
    },
    /// Events are missing here; the stream goes on after `position`.
    Gap(Gap),
    /// What you sent was not done.
    Error(Refusal),
    /// The answer to your `ping`.
    Pong,
}

/// The start of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Who you are.
    pub you: Person,
    /// The room, by its canonical name.
    pub room: RoomName,
    /// The stream starts after this position.
    pub position: Position,
    /// The newest event of the room as of now.
    pub head: Position,
    /// Who is in the room.
    pub people: People,
    /// How many characters a text may have.
    #[serde(default = "usual_text_chars")]
    pub max_text_chars: usize,
}

/// What was allowed before there was anything to choose.
fn usual_text_chars() -> usize {
    MAX_TEXT_CHARS
}

/// A message in a room's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageEvent {
    /// Where it stands.
    pub position: Position,
    /// When the server took it, in milliseconds since 1970.
    pub time: u64,
    /// Who said it, by the name of then.
    pub person: Person,
    /// Whether somebody else was in the room then who had a name first that looks like theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub look_alike: bool,
    /// What they said.
    pub text: MessageText,
    /// What that looks like, where its marks change anything; nothing means that `text` is shown as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rich: Vec<Node>,
}

/// The people in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// How many there are.
    pub count: usize,
    /// Those who have been here longest; at most
    /// [`MAX_LISTED_PEOPLE`](crate::limits::MAX_LISTED_PEOPLE) of them.
    pub listed: Vec<PersonPresent>,
}

/// A person in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPresent {
    /// Who it is.
    pub id: PersonId,
    /// What they call themselves.
    pub name: PersonName,
    /// Whether the name looks like one that somebody else in the room took before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub look_alike: bool,
}

/// A hole in the stream, announced: what came after `after`, if it was ever there, is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The position that the reader had.
    pub after: Position,
    /// The position after which the stream goes on.
    pub position: Position,
}

/// Why events are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// They were too old or too many, and are deleted.
    Expired,
    /// The reader's position is from a store that this server no longer has.
    StoreReplaced,
    /// The room never had an event at the reader's position; or a reason from a later version, with
    /// which as little is known.
    #[serde(other)]
    UnknownPosition,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind of refusal it is, for programs.
    pub code: RefusalCode,
    /// One sentence that says what to do, for people.
    pub detail: String,
    /// The nonce of the `say` that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// When to try again, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalCode {
    /// The message is not one that the protocol knows.
    Invalid,
    /// The text is empty or too long.
    InvalidText,
    /// The name is not one that a person may take.
    InvalidName,
    /// The nonce is empty, too long, or has other characters than visible ASCII.
    InvalidNonce,
    /// Another text was published with this nonce.
    NonceReused,
    /// Too many messages; `retry_after` says when there is room for one.
    TooFast,
    /// The server cannot keep messages now; what is there can be read.
    Unavailable,
    /// A kind from a later version.
    #[serde(other)]
    Unknown,
}
