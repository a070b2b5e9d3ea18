//! The one kind of event so far, as the log keeps it.

use bytes::Bytes;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::Person;
use roomcast_shared::rich_text::Node;
use serde::Serialize;

use super::rich_text;

/// What is kept of a message: what goes over the wire, but for the position, which only the log
/// gives. So it is sent as it is read.
#[derive(Serialize)]
#[serde(tag = "type", rename = "message")]
struct KeptMessage<'a> {
    time: u64,
    person: &'a Person,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    look_alike: bool,
    text: &'a MessageText,
    /// Made once here for everybody, and kept: reading marks at each delivery would cost each reader.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rich: Vec<Node>,
}

/// The payload of a message at this time, in milliseconds since 1970. `look_alike` says that its
/// author could be taken for another person who was connected then.
pub(crate) fn payload(time: u64, person: &Person, look_alike: bool, text: &MessageText) -> Bytes {
    let message = KeptMessage {
        time,
        person,
        look_alike,
        text,
        rich: rich_text::read(text.as_str()),
    };
    let json = serde_json::to_vec(&message)
        .expect("the fields have text keys alone and no failing serialisers");
    json.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roomcast_shared::limits::{MAX_ALLOWED_TEXT_CHARS, MAX_EVENT_BYTES};
    use roomcast_shared::person::{PersonId, PersonName};
    use roomcast_shared::position::{Epoch, Position};

    use super::*;
    use crate::transport::format::parse_event;

    #[test]
    fn the_longest_text_that_may_be_allowed_makes_an_event_that_every_reader_takes() {
        let person = Person {
            id: PersonId::from_random([7; 16]),
            name: PersonName::parse(&"\"".repeat(40)).unwrap(),
        };
        let marks = [
            "\"",
            "a\u{1}",
            "🦀",
            "\n\n",
            "*a* ",
            "`a` ",
            "~~a~~ ",
            "- a\n",
            "> a\n\n",
            "1. a\n",
            "> - *`a`*\n\n",
            "http://a.b/🦀 ",
            "[a](//b.c) ",
            "http://a.b/\u{ffff}",
        ];
        for mark in marks {
            let text: String = mark.chars().cycle().take(MAX_ALLOWED_TEXT_CHARS).collect();
            let one_link = format!("http://a.b/{}", text.replace(char::is_whitespace, "🦀"));
            let one_link: String = one_link.chars().take(MAX_ALLOWED_TEXT_CHARS).collect();
            for text in [text, format!("a{one_link}"), one_link] {
                let Ok(text) = MessageText::parse(&text, MAX_ALLOWED_TEXT_CHARS) else {
                    continue;
                };
                let bytes = payload(0, &person, false, &text).len();
                assert!(bytes < MAX_EVENT_BYTES - 1_000, "{mark:?}: {bytes}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_what_was_said(
            time in 0..=roomcast_shared::limits::MAX_JSON_INTEGER,
            offset in 1..=roomcast_shared::limits::MAX_JSON_INTEGER,
            look_alike: bool,
            text in ".{1,100}",
        ) {
            let Ok(text) = MessageText::parse(&text, 100) else { return Ok(()) };
            let person = Person {
                id: PersonId::from_random([7; 16]),
                name: PersonName::parse("Ada \"\\ Lovelace").unwrap(),
            };
            let position = Position { epoch: Epoch::from_random([1; 8]), offset };
            let payload = payload(time, &person, look_alike, &text);
            let event = parse_event(position, &payload).unwrap();
            prop_assert_eq!(event.position, position);
            prop_assert_eq!(event.time, time);
            prop_assert_eq!(event.person, person);
            prop_assert_eq!(event.look_alike, look_alike);
            prop_assert_eq!(event.rich, rich_text::read(text.as_str()));
            prop_assert_eq!(event.text, text);
        }
    }
}
