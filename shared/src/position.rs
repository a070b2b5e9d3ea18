//! Where something stands in a room's log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_JSON_INTEGER;

/// How long an epoch is, in characters. 36^8 of them: two stores of one address never meet in one.
const EPOCH_CHARS: usize = 8;

/// The birth of a store: a random token of 8 characters from `0-9a-z`. Positions of different
/// epochs have nothing to do with each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Epoch([u8; EPOCH_CHARS]);

/// Why a text is no position or no epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position looks like k3j9x2ab-17: take one that the server gave")]
pub struct PositionError;

impl Epoch {
    /// The epoch that these random bytes stand for.
    pub fn from_random(random: [u8; EPOCH_CHARS]) -> Self {
        const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        Self(random.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Epoch({self})")
    }
}

impl FromStr for Epoch {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let bytes: [u8; EPOCH_CHARS] = text.as_bytes().try_into().map_err(|_| PositionError)?;
        if bytes
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        {
            Ok(Self(bytes))
        } else {
            Err(PositionError)
        }
    }
}

impl From<Epoch> for String {
    fn from(epoch: Epoch) -> Self {
        epoch.to_string()
    }
}

impl TryFrom<String> for Epoch {
    type Error = PositionError;

    fn try_from(text: String) -> Result<Self, PositionError> {
        text.parse()
    }
}

/// The position of an event in its room's log. Its text form, `EPOCH-OFFSET`, is the SSE `id` and
/// the value of `?from=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Position {
    /// The birth of the store.
    pub epoch: Epoch,
    /// How many events the room had had with this one: 1, 2, 3… without holes. 0 stands before
    /// the first event. At most 2^53 − 1, so that every client can count it.
    pub offset: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.offset)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let (epoch, digits) = text.split_once('-').ok_or(PositionError)?;
        let canonical = digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let offset: u64 = digits.parse().map_err(|_| PositionError)?;
        if !canonical || offset > MAX_JSON_INTEGER {
            return Err(PositionError);
        }
        Ok(Self {
            epoch: epoch.parse()?,
            offset,
        })
    }
}

impl From<Position> for String {
    fn from(position: Position) -> Self {
        position.to_string()
    }
}

impl TryFrom<String> for Position {
    type Error = PositionError;

    fn try_from(text: String) -> Result<Self, PositionError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_that_is_not_exactly_what_the_server_writes_is_refused() {
        for text in [
            "",
            "-",
            "k3j9x2ab",
            "k3j9x2ab-",
            "k3j9x2ab-+1",
            "k3j9x2ab-01",
            "k3j9x2a-1",
            "k3j9x2abc-1",
            "K3J9X2AB-1",
            "k3j9x2ab-1 ",
            "k3j9x2ab-9007199254740992",
        ] {
            assert_eq!(text.parse::<Position>(), Err(PositionError), "{text}");
        }
        assert!("k3j9x2ab-9007199254740991".parse::<Position>().is_ok());
        assert!("k3j9x2ab-0".parse::<Position>().is_ok());
    }

    proptest! {
        #[test]
        fn a_position_comes_back_from_its_text(random: [u8; 8], offset in 0..=MAX_JSON_INTEGER) {
            let position = Position { epoch: Epoch::from_random(random), offset };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<Position>();
        }
    }
}
