//! What comes from the server, as the store takes it in: the wire types of `roomcast_shared` without
//! what a page has no use for.
//!
//! Names and texts are taken as they come: the server has checked them, and a later one may allow more.

use roomcast_shared::person::PersonId;
use roomcast_shared::position::Position;
use roomcast_shared::rich_text::Node;
use roomcast_shared::server_message::GapReason;

/// One message from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The first one of each connection.
    Welcome(Welcome),
    /// Somebody said something.
    Message(Message),
    /// What was said with a nonce is kept for good.
    Said {
        /// The nonce.
        nonce: String,
        /// Where it stands.
        position: Position,
    },
    /// History ends here.
    CaughtUp,
    /// Who is in the room.
    Presence(People),
    /// Who is writing.
    Typing(Vec<PersonId>),
    /// Events are missing here.
    Gap(Gap),
    /// What was sent was not done.
    Refused(Refusal),
    /// Something of a later version of the protocol.
    Unknown {
        /// Its place, if it is an event of the log.
        position: Option<Position>,
    },
}

/// The start of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Who the person at this page is.
    pub you: Person,
    /// The room, by its canonical name.
    pub room: String,
    /// The stream starts after this position.
    pub position: Position,
    /// Who is in the room.
    pub people: People,
    /// How many characters a text may have.
    pub max_text_chars: usize,
}

/// A message in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it stands.
    pub position: Position,
    /// When the server took it, in milliseconds since 1970.
    pub time: u64,
    /// The day of that moment where the page is read, in days since 1970.
    pub day: i64,
    /// Who said it, by the name of then.
    pub person: Person,
    /// What they wrote.
    pub text: String,
    /// What that looks like, where its marks change anything.
    pub rich: Vec<Node>,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub id: PersonId,
    /// What they call themselves.
    pub name: String,
}

/// The people in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// How many there are.
    pub count: usize,
    /// Those who have been here longest.
    pub listed: Vec<PersonPresent>,
}

/// A person in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonPresent {
    /// Who it is.
    pub person: Person,
    /// Whether the name looks like one that somebody else in the room took before.
    pub look_alike: bool,
}

/// A hole in the stream, announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The position that the reader had.
    pub after: Position,
    /// The position after which the stream goes on.
    pub position: Position,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A sentence for people.
    pub detail: String,
    /// The nonce of the message that was refused, if it was one.
    pub nonce: Option<String>,
    /// When to try again, in milliseconds from now.
    pub retry_after: Option<u64>,
}

/// A page of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// Its messages, oldest first.
    pub messages: Vec<Message>,
    /// Whether there are messages before them.
    pub has_older: bool,
    /// Whether it is history of another log than that of the position asked for.
    pub is_of_another_log: bool,
}
