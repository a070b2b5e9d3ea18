//! The event of a stream of primes: `{"id":1,"number":2}`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::limits::{MAX_JSON_INTEGER, MAX_NUMBER_DIGITS};

/// One prime of a stream.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PrimeEvent {
    /// Which prime of its stream this is: 1, 2, 3, …, without holes.
    pub id: u64,
    /// The prime.
    pub number: Number,
}

/// A natural number of at most [`MAX_NUMBER_DIGITS`] digits.
///
/// In JSON it is a number up to 2^53 − 1 and a string of decimal digits above; when reading, both
/// forms are taken at every size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Repr);

/// Invariant: `Decimal` is used only for what `Word` cannot hold, and has no leading zero, so that
/// equal numbers have equal representations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Word(u64),
    Decimal(Box<str>),
}

/// Why a text is not a [`Number`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// There is nothing to read.
    #[error("it is empty")]
    Empty,
    /// Something other than `0` to `9` is in it.
    #[error("it has something else than the digits 0 to 9 in it")]
    NotDigits,
    /// It has more digits than a number may have.
    #[error("it has {digits} digits, and at most {max} are allowed")]
    TooLong {
        /// How many digits there are.
        digits: usize,
        /// How many there may be.
        max: usize,
    },
}

impl Number {
    /// Reads decimal digits, at most `max_digits` of them, leading zeros included.
    ///
    /// # Errors
    /// [`NumberError`] for anything else.
    pub fn from_decimal(text: &str, max_digits: usize) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::NotDigits);
        }
        if text.len() > max_digits {
            return Err(NumberError::TooLong {
                digits: text.len(),
                max: max_digits,
            });
        }
        let significant = text.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self::from(0));
        }
        Ok(match significant.parse::<u64>() {
            Ok(word) => Self::from(word),
            Err(_) => Self(Repr::Decimal(significant.into())),
        })
    }

    /// The number as a machine word, if it is below 2^64.
    pub fn to_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Word(word) => Some(word),
            Repr::Decimal(_) => None,
        }
    }
}

impl From<u64> for Number {
    fn from(word: u64) -> Self {
        Self(Repr::Word(word))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        Self::from_decimal(text, MAX_NUMBER_DIGITS)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Word(word) => word.fmt(formatter),
            Repr::Decimal(text) => text.fmt(formatter),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Word(one), Repr::Word(two)) => one.cmp(two),
            (Repr::Word(_), Repr::Decimal(_)) => Ordering::Less,
            (Repr::Decimal(_), Repr::Word(_)) => Ordering::Greater,
            (Repr::Decimal(one), Repr::Decimal(two)) => {
                one.len().cmp(&two.len()).then_with(|| one.cmp(two))
            }
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Repr::Word(word) if word <= MAX_JSON_INTEGER => serializer.serialize_u64(word),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl Visitor<'_> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a natural number, or a string of decimal digits")
            }

            fn visit_u64<E: de::Error>(self, word: u64) -> Result<Number, E> {
                Ok(Number::from(word))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberVisitor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(id: u64, number: &str) -> String {
        let number = number.parse().unwrap();
        serde_json::to_string(&PrimeEvent { id, number }).unwrap()
    }

    fn read(json: &str) -> Option<String> {
        let event: PrimeEvent = serde_json::from_str(json).ok()?;
        Some(event.number.to_string())
    }

    #[test]
    fn the_first_event_is_written_as_in_the_book() {
        assert_eq!(json(1, "2"), r#"{"id":1,"number":2}"#);
    }

    #[test]
    fn a_number_is_a_json_number_up_to_2_to_the_53_minus_1_and_a_string_above() {
        assert_eq!(
            json(3, "9007199254740991"),
            r#"{"id":3,"number":9007199254740991}"#
        );
        assert_eq!(
            json(3, "9007199254740992"),
            r#"{"id":3,"number":"9007199254740992"}"#
        );
        assert_eq!(
            json(3, "18446744073709551629"),
            r#"{"id":3,"number":"18446744073709551629"}"#
        );
    }

    #[test]
    fn both_forms_are_read_at_every_size_a_word_can_hold() {
        for number in [
            "2",
            "9007199254740991",
            "9007199254740993",
            "18446744073709551557",
        ] {
            assert_eq!(
                read(&format!(r#"{{"id":1,"number":{number}}}"#)).unwrap(),
                number
            );
            assert_eq!(
                read(&format!(r#"{{"id":1,"number":"{number}"}}"#)).unwrap(),
                number
            );
        }
    }

    #[test]
    fn what_is_not_a_natural_number_is_refused() {
        for number in [
            "-1", "2.5", "1e3", "null", "\"\"", "\"-1\"", "\"2 \"", "\"0x2\"", "[]",
        ] {
            assert_eq!(
                read(&format!(r#"{{"id":1,"number":{number}}}"#)),
                None,
                "{number}"
            );
        }
    }

    #[test]
    fn a_number_has_at_most_1001_digits() {
        let longest = "9".repeat(MAX_NUMBER_DIGITS);
        assert_eq!(longest.parse::<Number>().unwrap().to_string(), longest);
        let too_long = "9".repeat(MAX_NUMBER_DIGITS + 1);
        assert_eq!(
            too_long.parse::<Number>(),
            Err(NumberError::TooLong {
                digits: 1_002,
                max: 1_001
            })
        );
    }

    #[test]
    fn leading_zeros_do_not_count_as_part_of_the_number() {
        assert_eq!("007".parse(), Ok(Number::from(7)));
        assert_eq!("0000".parse(), Ok(Number::from(0)));
        let zeros = "00000000000000000000018446744073709551616";
        assert_eq!(
            zeros.parse::<Number>().unwrap().to_string(),
            "18446744073709551616"
        );
    }

    #[test]
    fn the_largest_word_is_a_word_and_the_next_number_is_not() {
        assert_eq!(
            u64::MAX.to_string().parse::<Number>().unwrap().to_u64(),
            Some(u64::MAX)
        );
        assert_eq!(
            "18446744073709551616".parse::<Number>().unwrap().to_u64(),
            None
        );
    }

    proptest! {
        #[test]
        fn every_number_survives_the_wire(text in "[1-9][0-9]{0,60}", id: u64) {
            let event = PrimeEvent { id, number: text.parse().unwrap() };
            let json = serde_json::to_string(&event).unwrap();
            prop_assert_eq!(serde_json::from_str::<PrimeEvent>(&json).unwrap(), event);
        }

        #[test]
        fn numbers_are_ordered_by_value(one: u128, two: u128) {
            let number = |value: u128| value.to_string().parse::<Number>().unwrap();
            prop_assert_eq!(number(one).cmp(&number(two)), one.cmp(&two));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".*") {
            let _ = text.parse::<Number>();
            let _ = serde_json::from_str::<PrimeEvent>(&text);
        }
    }
}
