//! Messages for tests.

use roomcast_shared::person::PersonId;
use roomcast_shared::position::{Epoch, Position};

use super::incoming::{Message, Person};

/// A position of the one store that there is, or of the one after it.
pub fn at(offset: u64) -> Position {
    Position {
        epoch: Epoch::from_random([1; 8]),
        offset,
    }
}

/// A position of another store.
pub fn elsewhere(offset: u64) -> Position {
    Position {
        epoch: Epoch::from_random([2; 8]),
        offset,
    }
}

/// A person with a name of one letter.
pub fn person(name: char) -> Person {
    Person {
        id: PersonId::from_random([u8::try_from(name).unwrap_or(0); 16]),
        name: name.to_string(),
    }
}

/// The message at an offset, said by a person one second after the one before it.
pub fn message(offset: u64, name: char) -> Message {
    Message {
        position: at(offset),
        time: offset * 1_000,
        day: 0,
        person: person(name),
        text: format!("text {offset}"),
        rich: Vec::new(),
    }
}
