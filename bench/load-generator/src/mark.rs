//! What a message carries, so that whoever gets it knows which one it is and how old.

use std::fmt::Write as _;

/// Stands before the two numbers. Nothing else that servers add to a message has it.
const SIGN: u8 = b'=';

/// Hexadecimal digits of the message's number.
const NUMBER_DIGITS: usize = 8;

/// Hexadecimal digits of the time, in microseconds since the load generator began.
const TIME_DIGITS: usize = 12;

/// How long a mark is, in bytes.
pub(crate) const MARK_BYTES: usize = 1 + NUMBER_DIGITS + TIME_DIGITS;

/// A message's number, and when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Counts the messages from 0.
    pub(crate) number: u32,
    /// In microseconds since the load generator began.
    pub(crate) sent_at: u64,
}

impl Mark {
    /// A text of so many bytes, or of the mark's own length, with the mark at its end.
    pub(crate) fn to_text(self, bytes: usize) -> String {
        let Self { number, sent_at } = self;
        let mut text = "x".repeat(bytes.saturating_sub(MARK_BYTES));
        text.push(char::from(SIGN));
        // Writing to a string cannot fail.
        let _ = write!(text, "{number:0NUMBER_DIGITS$x}{sent_at:0TIME_DIGITS$x}");
        text
    }

    /// The mark in a whole message, which stands at or near its end.
    pub(crate) fn find_last(message: &[u8]) -> Option<Self> {
        let at = message.iter().rposition(|byte| *byte == SIGN)?;
        Self::parse(message.get(at..at + MARK_BYTES)?)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (number, sent_at) = bytes.get(1..MARK_BYTES)?.split_at(NUMBER_DIGITS);
        let hexadecimal = |digits| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        Some(Self {
            number: u32::try_from(hexadecimal(number)?).ok()?,
            sent_at: hexadecimal(sent_at)?,
        })
    }
}

/// Finds marks in a stream that may be cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The beginning of a mark whose end has not come.
    rest: Vec<u8>,
}

impl Scanner {
    /// Hands each mark that is complete to `take`.
    pub(crate) fn read(&mut self, input: &[u8], mut take: impl FnMut(Mark)) {
        let joined;
        let mut input = if self.rest.is_empty() {
            input
        } else {
            joined = [&self.rest, input].concat();
            self.rest.clear();
            &joined
        };
        while let Some(at) = input.iter().position(|byte| *byte == SIGN) {
            input = &input[at..];
            if input.len() < MARK_BYTES {
                self.rest.extend_from_slice(input);
                return;
            }
            let (mark, after) = input.split_at(MARK_BYTES);
            match Mark::parse(mark) {
                Some(mark) => {
                    take(mark);
                    input = after;
                }
                None => input = &input[1..],
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_has_the_length_that_was_asked_for_and_its_mark_is_found() {
        let mark = Mark {
            number: 77,
            sent_at: 123_456_789,
        };
        let text = mark.to_text(128);
        assert_eq!(text.len(), 128);
        let json = format!(r#"{{"position":"k3j9x2ab-1","text":"{text}"}}"#);
        assert_eq!(Mark::find_last(json.as_bytes()), Some(mark));
        assert_eq!(Mark::find_last(b"{\"type\":\"presence\"}"), None);
        assert_eq!(Mark::find_last(b"=00"), None);
        assert_eq!(Mark::find_last(b"==========================="), None);
    }

    proptest! {
        #[test]
        fn every_mark_of_a_stream_is_found_once_wherever_it_is_cut(
            numbers in proptest::collection::vec(any::<u32>(), 0..20), piece in 1_usize..64,
        ) {
            let marks: Vec<_> = numbers
                .into_iter()
                .map(|number| Mark { number, sent_at: u64::from(number) * 3 })
                .collect();
            let events: Vec<_> = marks
                .iter()
                .map(|mark| format!("id: 1=0\ndata: {}\n\n", mark.to_text(30)))
                .collect();
            let stream = events.concat();
            let mut scanner = Scanner::default();
            let mut found = Vec::new();
            for piece in stream.as_bytes().chunks(piece) {
                scanner.read(piece, |mark| found.push(mark));
            }
            prop_assert_eq!(found, marks);
        }
    }
}
