//! What somebody says.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_TEXT_CHARS;

/// The text of a message: 1 to 4,000 characters, not white space alone, its line breaks LF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MessageText(String);

/// Why a text is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageTextError {
    /// There is nothing in it.
    #[error("write something: the message is empty")]
    Empty,
    /// It has too many characters.
    #[error("a message has at most {MAX_TEXT_CHARS} characters: split it")]
    TooLong,
}

impl MessageText {
    /// The message that somebody wrote, without line breaks and spaces at its end.
    ///
    /// # Errors
    /// [`MessageTextError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, MessageTextError> {
        let text = text.trim_end();
        if text.is_empty() {
            return Err(MessageTextError::Empty);
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if text.chars().count() > MAX_TEXT_CHARS {
            return Err(MessageTextError::TooLong);
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

    fn try_from(text: String) -> Result<Self, MessageTextError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_thousand_characters_are_taken_and_one_more_is_not() {
        assert!(MessageText::parse(&"語".repeat(4_000)).is_ok());
        assert_eq!(
            MessageText::parse(&"語".repeat(4_001)),
            Err(MessageTextError::TooLong)
        );
    }

    #[test]
    fn white_space_alone_is_no_message() {
        assert_eq!(MessageText::parse(" \r\n\t"), Err(MessageTextError::Empty));
    }

    #[test]
    fn line_breaks_of_every_system_arrive_as_line_feeds() {
        let text = MessageText::parse("a\r\nb\rc\nd\r\n").unwrap();
        assert_eq!(text.as_str(), "a\nb\nc\nd");
    }
}
