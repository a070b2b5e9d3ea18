//! The protocol's state machine, without input or output.

use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::limits::MAX_ALLOWED_TEXT_CHARS;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::{Person, PersonId, PersonName};
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{Gap, MessageEvent, People, Refusal, ServerMessage, Welcome};
use serde::Deserialize;
use tokio::time::Instant;

use crate::room::outbox::{Fate, Nonce, Outbox, Unsent};

/// What a message from the server changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The connection works: who we are, which room it is.
    Welcome(Welcome),
    /// Somebody said something, for the first time here.
    Message(MessageEvent),
    /// The server announces that events are missing.
    Gap(Gap),
    /// Events are missing that the server did not announce: those between the two.
    Hole {
        /// The last event before.
        after: Position,
        /// The first event behind.
        before: Position,
    },
    /// Everything before was history.
    CaughtUp(Position),
    /// Who is here.
    People(People),
    /// We go by a name that we did not ask for: the same person took it elsewhere.
    RenamedElsewhere {
        /// The name before.
        before: PersonName,
        /// The name from now on.
        now: PersonName,
    },
    /// Who is writing.
    Typing(Vec<PersonId>),
    /// A message of ours is kept.
    Said {
        /// Which.
        unsent: Unsent,
        /// Where it stands.
        position: Position,
    },
    /// A message of ours will never be kept.
    NotSaid {
        /// Which.
        unsent: Unsent,
        /// Why, for people.
        detail: String,
    },
    /// A message of ours is refused for now. It stays first in line, and is sent again by itself.
    Delayed(Refusal),
    /// The server refused something that is no message of ours.
    Refused(Refusal),
}

/// One person's state in one room, over any number of connections.
#[derive(Debug, Default)]
pub struct Session {
    you: Option<Person>,
    name: Option<PersonName>,
    /// Names that were asked for and not yet seen, the oldest first. As many as a person typed.
    expected_names: Vec<PersonName>,
    /// The last event or gap that was processed; before there is one, where the stream began.
    position: Option<Position>,
    outbox: Outbox,
    is_welcome: bool,
    is_typing: bool,
    is_renamed: bool,
    max_text_chars: Option<usize>,
}

/// For messages that this client does not know.
#[derive(Deserialize)]
struct AnyMessage {
    #[serde(rename = "type")]
    kind: String,
}

/// The types that must be understood; others are ignored.
const KNOWN_TYPES: [&str; 8] = [
    "welcome",
    "message",
    "said",
    "caught-up",
    "presence",
    "typing",
    "gap",
    "error",
];

impl Session {
    /// Nobody yet, in no room; with a name to go by.
    pub fn new(name: Option<PersonName>) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Whether this connection works: its welcome has come.
    pub fn is_welcome(&self) -> bool {
        self.is_welcome
    }

    /// Who we are, once the server has said so.
    pub fn you(&self) -> Option<&Person> {
        self.you.as_ref()
    }

    /// The name to ask for when connecting.
    pub fn name(&self) -> Option<&PersonName> {
        self.name.as_ref()
    }

    /// Where the next connection resumes; `None` before anything was seen.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// What was said and is not known to be kept, in order.
    pub fn unsent(&self) -> impl ExactSizeIterator<Item = &Unsent> {
        self.outbox.iter()
    }

    /// How many characters the server takes in a message; before it has said so, as many as any may.
    pub fn max_text_chars(&self) -> usize {
        self.max_text_chars.unwrap_or(MAX_ALLOWED_TEXT_CHARS)
    }

    /// Says something; it is sent when the connection allows it.
    pub fn say(&mut self, nonce: Nonce, text: MessageText) {
        self.outbox.push(Unsent { nonce, text });
    }

    /// Tells others that something is being written. Said once: it is no use later.
    pub fn typing(&mut self) {
        self.is_typing = self.is_welcome;
    }

    /// Goes by another name from now on, on later connections too.
    pub fn rename(&mut self, name: PersonName) {
        self.expected_names.push(name.clone());
        self.name = Some(name);
        self.is_renamed = self.is_welcome;
    }

    /// The next message to send. Sending it is for this connection only: when that is lost before
    /// the answer, it is given out again.
    pub fn next_outgoing(&mut self, now: Instant) -> Option<ClientMessage> {
        if !self.is_welcome {
            return None;
        }
        if std::mem::take(&mut self.is_renamed)
            && let Some(name) = &self.name
        {
            return Some(ClientMessage::Rename {
                name: name.to_string(),
            });
        }
        if let Some(say) = self.outbox.next(now) {
            return Some(say);
        }
        std::mem::take(&mut self.is_typing).then_some(ClientMessage::Typing)
    }

    /// When [`Self::next_outgoing`] is worth asking again, if only time is missing.
    pub fn ready_at(&self) -> Option<Instant> {
        self.outbox.ready_at().filter(|_| self.is_welcome)
    }

    /// Takes a text message from the server.
    ///
    /// # Errors
    /// What is wrong with a message of a known type.
    pub fn received(&mut self, text: &str, now: Instant) -> Result<Vec<Update>, serde_json::Error> {
        match serde_json::from_str(text) {
            Ok(message) => Ok(self.take(message, now)),
            Err(error) => match serde_json::from_str::<AnyMessage>(text) {
                Ok(any) if !KNOWN_TYPES.contains(&any.kind.as_str()) => Ok(Vec::new()),
                _ => Err(error),
            },
        }
    }

    /// The connection is lost.
    pub fn lost(&mut self) {
        self.is_welcome = false;
        self.is_typing = false;
        self.is_renamed = false;
        self.outbox.lost();
    }

    fn take(&mut self, message: ServerMessage, now: Instant) -> Vec<Update> {
        match message {
            ServerMessage::Welcome(welcome) => {
                self.is_welcome = true;
                self.max_text_chars = Some(welcome.max_text_chars);
                self.position.get_or_insert(welcome.position);
                let renamed = self.own_name(welcome.you.id, &welcome.you.name);
                self.you = Some(welcome.you.clone());
                let welcome = std::iter::once(Update::Welcome(welcome));
                welcome.chain(renamed).collect()
            }
            ServerMessage::Message(message) => self.message(message),
            ServerMessage::Gap(gap) => {
                self.position = Some(gap.position);
                vec![Update::Gap(gap)]
            }
            ServerMessage::CaughtUp { position } => vec![Update::CaughtUp(position)],
            ServerMessage::Presence(people) => {
                let mut updates = Vec::new();
                if let Some(you) = self.you.as_ref().map(|you| you.id)
                    && let Some(listed) = people.listed.iter().find(|person| person.id == you)
                {
                    updates.extend(self.own_name(you, &listed.name));
                }
                updates.push(Update::People(people));
                updates
            }
            ServerMessage::Typing { people } => vec![Update::Typing(people)],
            ServerMessage::Said { nonce, position } => {
                let unsent = self.outbox.said(&nonce);
                let said = unsent.map(|unsent| Update::Said { unsent, position });
                said.into_iter().collect()
            }
            // Whoever holds the socket knows that it lives.
            ServerMessage::Pong => Vec::new(),
            ServerMessage::Error(refusal) => {
                vec![match self.outbox.refused(&refusal, now) {
                    Fate::Returned(unsent) => Update::NotSaid {
                        unsent,
                        detail: refusal.detail,
                    },
                    Fate::Delayed => Update::Delayed(refusal),
                    Fate::NotOurs => Update::Refused(refusal),
                }]
            }
        }
    }

    /// Takes the name that the server knows us by; an update if it changed without our asking.
    fn own_name(&mut self, id: PersonId, now: &PersonName) -> Option<Update> {
        let you = self.you.as_mut().filter(|you| you.id == id)?;
        if you.name == *now {
            return None;
        }
        let before = std::mem::replace(&mut you.name, now.clone());
        // Two names in a row may be seen one after the other, or only the last one.
        if let Some(index) = self.expected_names.iter().position(|name| name == now) {
            self.expected_names.drain(..=index);
            return None;
        }
        (self.name.as_ref() != Some(now)).then(|| Update::RenamedElsewhere {
            before,
            now: now.clone(),
        })
    }

    fn message(&mut self, message: MessageEvent) -> Vec<Update> {
        let here = message.position;
        let mut updates = Vec::new();
        if let Some(after) = self.position
            && after.epoch == here.epoch
        {
            if here.offset <= after.offset {
                return updates;
            }
            if here.offset > after.offset + 1 {
                updates.push(Update::Hole {
                    after,
                    before: here,
                });
            }
        }
        self.position = Some(here);
        updates.push(Update::Message(message));
        updates
    }
}

#[cfg(test)]
mod tests;
