//! What somebody says.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::invisible::is_blank;
use crate::limits::MAX_ALLOWED_TEXT_CHARS;

/// The text of a message: not empty, at most [`MAX_ALLOWED_TEXT_CHARS`], its line breaks LF, without a
/// byte order mark. How many characters may be said is the server's to tell.
///
/// A character of a limit is a Unicode code point: one number on both sides, whatever version of
/// Unicode they know, and a bound on the size. Whatever is cut, moved over or abbreviated goes by
/// grapheme clusters instead (UAX #29), whose bounds differ between versions and whose size has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MessageText(String);

/// Why a text is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageTextError {
    /// There is nothing in it that anybody would see.
    #[error("write something: the message is empty")]
    Empty,
    /// It has NUL characters, as text in UTF-16 does that is taken for UTF-8.
    #[error(
        "leave out the NUL characters, and send text in UTF-8: UTF-16 has them between its letters"
    )]
    Nul,
    /// It has too many characters.
    #[error(
        "a message has at most {max_chars} characters (Unicode code points), and this one has {chars}: split it"
    )]
    TooLong {
        /// So many would have been taken.
        max_chars: usize,
        /// So many it has.
        chars: usize,
    },
}

impl MessageText {
    /// The message that somebody wrote, without line breaks and spaces at its end, where at most
    /// `max_chars` characters may be said.
    ///
    /// # Errors
    /// [`MessageTextError`] says what to change.
    pub fn parse(text: &str, max_chars: usize) -> Result<Self, MessageTextError> {
        if is_blank(text) {
            return Err(MessageTextError::Empty);
        }
        if text.contains('\0') {
            return Err(MessageTextError::Nul);
        }
        Self::normalized(text, max_chars)
    }

    /// The text in the form in which it is kept, by the rules that every kept message has met.
    fn normalized(text: &str, max_chars: usize) -> Result<Self, MessageTextError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end();
        if text.is_empty() {
            return Err(MessageTextError::Empty);
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let max_chars = max_chars.min(MAX_ALLOWED_TEXT_CHARS);
        let chars = text.chars().count();
        if chars > max_chars {
            return Err(MessageTextError::TooLong { max_chars, chars });
        }
        Ok(Self(text))
    }

    /// The message as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<MessageText> for String {
    fn from(text: MessageText) -> Self {
        text.0
    }
}

impl TryFrom<String> for MessageText {
    type Error = MessageTextError;

    /// Takes the text of a kept message: older servers took text of which nothing is seen.
    fn try_from(text: String) -> Result<Self, MessageTextError> {
        Self::normalized(&text, MAX_ALLOWED_TEXT_CHARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_characters_as_may_be_said_are_taken_and_one_more_is_not() {
        for max_chars in [1, 4_000, MAX_ALLOWED_TEXT_CHARS] {
            assert!(MessageText::parse(&"語".repeat(max_chars), max_chars).is_ok());
            assert_eq!(
                MessageText::parse(&"語".repeat(max_chars + 1), max_chars),
                Err(MessageTextError::TooLong {
                    max_chars,
                    chars: max_chars + 1
                })
            );
        }
    }

    #[test]
    fn no_server_takes_or_sends_more_than_may_be_allowed() {
        let too_long = "語".repeat(MAX_ALLOWED_TEXT_CHARS + 1);
        let max_chars = MAX_ALLOWED_TEXT_CHARS;
        assert_eq!(
            MessageText::parse(&too_long, usize::MAX),
            Err(MessageTextError::TooLong {
                max_chars,
                chars: max_chars + 1
            })
        );
        assert!(MessageText::try_from(too_long).is_err());
    }

    #[test]
    fn a_text_of_which_nothing_is_seen_is_no_message() {
        for text in [" \r\n\t", "\u{200b}", "\u{3164}\u{2800}", "\0"] {
            let error = MessageText::parse(text, 10);
            assert_eq!(error, Err(MessageTextError::Empty), "{text:?}");
        }
    }

    #[test]
    fn a_message_that_was_kept_when_more_was_taken_is_still_one() {
        for text in ["\u{200b}", "a\0b"] {
            assert_eq!(
                MessageText::try_from(text.to_owned()).unwrap().as_str(),
                text
            );
        }
    }

    #[test]
    fn text_in_utf16_is_no_message() {
        assert_eq!(MessageText::parse("h\0i\0", 10), Err(MessageTextError::Nul));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_message() {
        let text = MessageText::parse("\u{feff}a\u{feff}", 10).unwrap();
        assert_eq!(text.as_str(), "a\u{feff}");
        assert_eq!(
            MessageText::parse("\u{feff}", 10),
            Err(MessageTextError::Empty)
        );
    }

    #[test]
    fn a_text_that_is_too_long_says_how_long_it_is() {
        let error = MessageText::parse("👨\u{200d}👩", 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a message has at most 2 characters (Unicode code points), and this one has 3: split it"
        );
    }

    #[test]
    fn line_breaks_of_every_system_arrive_as_line_feeds() {
        let text = MessageText::parse("a\r\nb\rc\nd\r\n", 10).unwrap();
        assert_eq!(text.as_str(), "a\nb\nc\nd");
    }
}
