//! The name of a room, which is also a part of its URL.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_ROOM_NAME_CHARS;

/// The name of a room: 1 to 64 letters or digits of any script, `-` and `_`, all of them visible, in
/// the one form that stands for all ways to write it (Unicode NFC, case folded).
///
/// Only the server makes names canonical (feature `names`); everybody else takes the name that the
/// server gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RoomName(Box<str>);

/// Why a text is no name of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoomNameError {
    /// It has no character.
    #[error("a room's name has at least one character")]
    Empty,
    /// It has too many characters.
    #[error("a room's name has at most {MAX_ROOM_NAME_CHARS} characters")]
    TooLong,
    /// It has another character than letters, digits, `-` and `_`.
    #[error("a room's name can have letters, digits, - and _, but not {}", named(*.0))]
    Character(char),
    /// It has a character that nobody sees, though Unicode takes it for a letter or a mark.
    #[cfg(feature = "names")]
    #[error("a room's name has visible characters only: leave out U+{:04X}", u32::from(*.0))]
    Invisible(char),
}

/// A character in words or quotes; one that cannot be seen by its number.
fn named(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        c if c.is_whitespace() || c.is_control() => format!("U+{:04X}", u32::from(c)),
        c => format!("\"{c}\""),
    }
}

impl RoomName {
    /// The canonical name for what somebody wrote.
    ///
    /// # Errors
    /// [`RoomNameError`] says what to change.
    #[cfg(feature = "names")]
    pub fn parse(text: &str) -> Result<Self, RoomNameError> {
        use unicode_normalization::UnicodeNormalization as _;
        use unicode_normalization::char::is_combining_mark;

        use crate::invisible::is_invisible;

        // Canonical caseless matching (Unicode, section 3.13): folding decomposed text finds
        // every pair of letters that differ in case alone. Upper and then lower case of single
        // characters folds sharp s and final sigma, as one lower-casing would not.
        let name: String = text
            .chars()
            // More than this can only be too long; the tables need not see it.
            .take(MAX_ROOM_NAME_CHARS * 4)
            .nfd()
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .nfc()
            .collect();
        if text.chars().nth(MAX_ROOM_NAME_CHARS * 4).is_some() {
            return Err(RoomNameError::TooLong);
        }
        if let Some(first) = name.chars().next().filter(|c| is_combining_mark(*c)) {
            return Err(RoomNameError::Character(first));
        }
        let strange =
            |c: &char| !(c.is_alphanumeric() || is_combining_mark(*c) || matches!(c, '-' | '_'));
        if let Some(c) = name.chars().find(strange) {
            return Err(RoomNameError::Character(c));
        }
        // With them a room could look exactly like another one.
        if let Some(c) = name.chars().find(|c| is_invisible(*c)) {
            return Err(RoomNameError::Invisible(c));
        }
        Self::from_canonical(name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_canonical(name: String) -> Result<Self, RoomNameError> {
        if name.is_empty() {
            return Err(RoomNameError::Empty);
        }
        if name.chars().count() > MAX_ROOM_NAME_CHARS {
            return Err(RoomNameError::TooLong);
        }
        Ok(Self(name.into()))
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<RoomName> for String {
    fn from(name: RoomName) -> Self {
        name.0.into()
    }
}

impl TryFrom<String> for RoomName {
    type Error = RoomNameError;

    /// Takes a name that a server gave, which is canonical already.
    fn try_from(name: String) -> Result<Self, RoomNameError> {
        let strange = |c: &char| c.is_whitespace() || c.is_control() || "/\\?#%.".contains(*c);
        match name.chars().find(strange) {
            Some(c) => Err(RoomNameError::Character(c)),
            None => Self::from_canonical(name),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "names")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> String {
        RoomName::parse(text).unwrap().to_string()
    }

    #[test]
    fn ways_to_write_one_name_are_one_room() {
        assert_eq!(name("Lobby"), "lobby");
        assert_eq!(name("STRASSE"), name("straße"));
        assert_eq!(name("ΟΔΟΣ"), name("οδος"));
        assert_eq!(name("ΟΔΟΣ"), name("οδοσ"));
        assert_eq!(name("cafe\u{301}"), name("CAFÉ"));
    }

    #[test]
    fn every_script_has_names() {
        for text in ["ops-2_b", "हिन्दी", "日本語", "עברית", "ไทย"] {
            assert!(RoomName::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_letter_or_digit_is_refused() {
        for c in [' ', '/', '.', '%', '\0', '\u{200d}', '🦀', '\u{202e}'] {
            assert_eq!(
                RoomName::parse(&format!("a{c}")),
                Err(RoomNameError::Character(c))
            );
        }
        assert_eq!(
            RoomName::parse("\u{301}a"),
            Err(RoomNameError::Character('\u{301}'))
        );
    }

    #[test]
    fn what_nobody_sees_is_refused_alone_and_beside_letters() {
        for c in ['\u{3164}', '\u{115f}', '\u{1160}', '\u{ffa0}', '\u{13441}'] {
            let error = RoomNameError::Invisible(c);
            assert_eq!(RoomName::parse(&c.to_string()), Err(error));
        }
        for c in [
            '\u{3164}',
            '\u{34f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{fe0f}',
            '\u{e0100}',
        ] {
            let error = RoomNameError::Invisible(c);
            assert_eq!(RoomName::parse(&format!("ops{c}")), Err(error));
            assert_eq!(RoomName::parse(&format!("o{c}ps")), Err(error));
        }
        assert_eq!(
            RoomNameError::Invisible('\u{34f}').to_string(),
            "a room's name has visible characters only: leave out U+034F"
        );
    }

    #[test]
    fn hyphens_and_underscores_alone_are_a_name() {
        assert_eq!(name("---"), "---");
        assert_eq!(name("_"), "_");
    }

    #[test]
    fn a_name_that_a_server_took_before_is_still_read() {
        assert!(RoomName::try_from("ops\u{fe0f}".to_owned()).is_ok());
    }

    #[test]
    fn the_length_is_limited_on_both_sides() {
        assert_eq!(RoomName::parse(""), Err(RoomNameError::Empty));
        assert!(RoomName::parse("é").is_ok());
        assert!(RoomName::parse(&"é".repeat(64)).is_ok());
        assert_eq!(
            RoomName::parse(&"é".repeat(65)),
            Err(RoomNameError::TooLong)
        );
        assert_eq!(
            RoomName::parse(&"e".repeat(9999)),
            Err(RoomNameError::TooLong)
        );
    }

    proptest! {
        #[test]
        fn a_name_is_its_own_canonical_form(text in r"[\p{L}\p{M}\p{Nd}_-]{1,30}") {
            if let Ok(first) = RoomName::parse(&text) {
                prop_assert_eq!(RoomName::parse(first.as_str()), Ok(first.clone()));
                prop_assert_eq!(RoomName::try_from(String::from(first.clone())), Ok(first));
            }
        }
    }
}
