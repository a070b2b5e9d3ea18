//! From the messages of the wire to what the store takes in.

use roomcast_shared::person::{self as wire_person, PersonId};
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{self as wire, MessageEvent};
use serde::{Deserialize, Deserializer};

use crate::store::room::incoming::{
    Gap, HistoryPage, Incoming, Message, People, Person, PersonPresent, Refusal, Welcome,
};

/// Tells in days since 1970, where the page is read, what day a moment in milliseconds is on.
pub type DayOf = fn(u64) -> i64;

/// What every message has.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    position: Option<Position>,
}

#[derive(Deserialize)]
struct Said {
    nonce: String,
    position: Position,
}

#[derive(Deserialize)]
struct Typing {
    people: Vec<PersonId>,
}

/// A page of history as it is on the wire.
#[derive(Deserialize)]
struct Page {
    messages: Vec<PastEvent>,
    older: Option<Position>,
    gap: Option<wire::Gap>,
}

/// A message in a page of history; nothing in the place of what only a later version knows.
struct PastEvent(Option<MessageEvent>);

impl<'de> Deserialize<'de> for PastEvent {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        // The values of parsed JSON are apart from each other: what one is not, the next one may be.
        Ok(Self(MessageEvent::deserialize(json).ok()))
    }
}

/// One message from the server. None when a field is missing or is something else than it should be.
///
/// Its type is read first, and then its fields as that type has them. The derived `Deserialize` of
/// `ServerMessage` does it in one go, but keeps every field until the type is known; code for which the
/// browser client has no room.
pub fn server_message<'de>(
    json: impl Deserializer<'de> + Clone,
    day_of: DayOf,
) -> Option<Incoming> {
    let Envelope { kind, position } = Envelope::deserialize(json.clone()).ok()?;
    Some(match kind.as_str() {
        "welcome" => {
            let welcome = wire::Welcome::deserialize(json).ok()?;
            Incoming::Welcome(Welcome {
                you: person(welcome.you),
                room: welcome.room.into(),
                position: welcome.position,
                people: people(welcome.people),
                max_text_chars: welcome.max_text_chars,
            })
        }
        // What only a later version allows in a message has its place all the same: should it be left
        // out, the next one would seem to come after a hole, again on every connection.
        "message" => match MessageEvent::deserialize(json) {
            Ok(event) => Incoming::Message(message_of(event, day_of)),
            Err(_) => Incoming::Unknown {
                position: Some(position?),
            },
        },
        "said" => {
            let Said { nonce, position } = Said::deserialize(json).ok()?;
            Incoming::Said { nonce, position }
        }
        "caught-up" => Incoming::CaughtUp,
        "presence" => Incoming::Presence(people(wire::People::deserialize(json).ok()?)),
        "typing" => Incoming::Typing(Typing::deserialize(json).ok()?.people),
        "gap" => {
            let gap = wire::Gap::deserialize(json).ok()?;
            Incoming::Gap(Gap {
                reason: gap.reason,
                after: gap.after,
                position: gap.position,
            })
        }
        "error" => {
            let refusal = wire::Refusal::deserialize(json).ok()?;
            Incoming::Refused(Refusal {
                detail: refusal.detail,
                nonce: refusal.nonce,
                retry_after: refusal.retry_after,
            })
        }
        _ => Incoming::Unknown { position },
    })
}

/// A page of history.
pub fn history_page<'de>(json: impl Deserializer<'de>, day_of: DayOf) -> Option<HistoryPage> {
    let page = Page::deserialize(json).ok()?;
    let events = page.messages.into_iter().filter_map(|past| past.0);
    Some(HistoryPage {
        messages: events.map(|event| message_of(event, day_of)).collect(),
        has_older: page.older.is_some(),
        is_of_another_log: page.gap.is_some(),
    })
}

fn message_of(event: MessageEvent, day_of: DayOf) -> Message {
    Message {
        position: event.position,
        time: event.time,
        day: day_of(event.time),
        person: person(event.person),
        text: event.text.into(),
        rich: event.rich,
    }
}

fn person(person: wire_person::Person) -> Person {
    Person {
        id: person.id,
        name: person.name.into(),
    }
}

fn people(people: wire::People) -> People {
    let present = |present: wire::PersonPresent| PersonPresent {
        person: Person {
            id: present.id,
            name: present.name.into(),
        },
        look_alike: present.look_alike,
    };
    People {
        count: people.count,
        listed: people.listed.into_iter().map(present).collect(),
    }
}

#[cfg(test)]
mod tests;
