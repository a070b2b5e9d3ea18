//! Who somebody is: a stable id, and a name that they choose.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
#[cfg(feature = "names")]
use unicode_normalization::char::is_combining_mark;

use crate::invisible::is_invisible;
use crate::limits::MAX_PERSON_NAME_CHARS;

/// How long an id is, in characters of 5 bits each: 80 bits are never drawn twice.
const ID_CHARS: usize = 16;

/// Name of the cookie by which a server knows a person again. An underscore and the server's id follow it,
/// since the servers of one host share its cookies.
pub const PERSON_COOKIE: &str = "roomcast_person";

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The id of a person: 16 characters, the same in all their tabs and for as long as they keep
/// their cookie. It is public; what proves it is the cookie's signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PersonId([u8; ID_CHARS]);

/// Why a text is no id of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no id of a person")]
pub struct PersonIdError;

impl PersonId {
    /// The id that these random bytes stand for.
    pub fn from_random(random: [u8; ID_CHARS]) -> Self {
        Self(random.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]))
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonId({self})")
    }
}

impl FromStr for PersonId {
    type Err = PersonIdError;

    fn from_str(text: &str) -> Result<Self, PersonIdError> {
        let bytes: [u8; ID_CHARS] = text.as_bytes().try_into().map_err(|_| PersonIdError)?;
        if bytes.iter().all(|byte| ALPHABET.contains(byte)) {
            Ok(Self(bytes))
        } else {
            Err(PersonIdError)
        }
    }
}

impl From<PersonId> for String {
    fn from(id: PersonId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for PersonId {
    type Error = PersonIdError;

    fn try_from(text: String) -> Result<Self, PersonIdError> {
        text.parse()
    }
}

/// The name of a person: 1 to 40 characters of any script, at least one of them visible and no
/// combining mark, no control characters and none that turn the direction of what is around them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PersonName(Box<str>);

/// Why a text is no name of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// There is nothing to see.
    #[error("a name needs at least one visible character")]
    Invisible,
    /// It has too many characters.
    #[error("a name has at most {MAX_PERSON_NAME_CHARS} characters")]
    TooLong,
    /// It has a control character or one that changes the direction of writing.
    #[error("a name has no control characters: leave out {0:?}")]
    Character(char),
}

impl PersonName {
    /// The name that somebody wrote, without white space around it and with single spaces inside;
    /// in Unicode NFC with the feature `names`.
    ///
    /// # Errors
    /// [`PersonNameError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        let mut name = String::new();
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                name.push(' ');
            }
            name.push_str(word);
            if name.len() > MAX_PERSON_NAME_CHARS * 16 {
                return Err(PersonNameError::TooLong);
            }
        }
        #[cfg(feature = "names")]
        let name: String =
            unicode_normalization::UnicodeNormalization::nfc(name.as_str()).collect();
        if let Some(c) = name.chars().find(|c| c.is_control() || turns_direction(*c)) {
            return Err(PersonNameError::Character(c));
        }
        if name
            .chars()
            .all(|c| is_invisible(c) || is_combining_mark(c))
        {
            return Err(PersonNameError::Invisible);
        }
        if name.chars().count() > MAX_PERSON_NAME_CHARS {
            return Err(PersonNameError::TooLong);
        }
        Ok(Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0.into()
    }
}

impl TryFrom<String> for PersonName {
    type Error = PersonNameError;

    fn try_from(text: String) -> Result<Self, PersonNameError> {
        Self::parse(&text)
    }
}

/// The characters that embed, override or isolate a direction (Unicode annex 9, section 2), and
/// the separators that count as line breaks.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The commonest marks: the table of all of them is the server's, which has the last word.
#[cfg(not(feature = "names"))]
fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A person as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who it is.
    pub id: PersonId,
    /// What they call themselves.
    pub name: PersonName,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_around_and_between_words_is_tidied() {
        let name = PersonName::parse("  Ada \t\n Lovelace ").unwrap();
        assert_eq!(name.as_str(), "Ada Lovelace");
    }

    #[test]
    fn a_name_that_nobody_sees_is_refused() {
        for text in [
            "",
            " ",
            "\u{200b}",
            "\u{3164}\u{2800}",
            "\u{fe0f}\u{200d}",
            "\u{301}",
            "\u{34f}\u{1d159}",
            "\u{13439}\u{13441}",
            "\u{fdd0}",
            "\u{ffff}",
            "\u{10fffe}",
        ] {
            assert_eq!(
                PersonName::parse(text),
                Err(PersonNameError::Invisible),
                "{text:?}"
            );
        }
    }

    #[test]
    #[cfg(feature = "names")]
    fn combining_marks_alone_are_no_name_and_on_letters_they_are() {
        for mark in ['\u{5b0}', '\u{93e}', '\u{1ab0}', '\u{20d0}', '\u{3099}'] {
            assert_eq!(
                PersonName::parse(&format!("{mark} {mark}")),
                Err(PersonNameError::Invisible),
                "{mark:?}"
            );
            assert!(PersonName::parse(&format!("a{mark}")).is_ok(), "{mark:?}");
        }
    }

    #[test]
    fn what_is_seen_is_a_name_in_every_script() {
        for text in [
            "é",
            "हिन्दी",
            "שָׁלוֹם",
            "がく",
            "❤\u{fe0f}",
            "👩\u{200d}🚀",
            "𓀀",
            "?",
        ] {
            assert!(PersonName::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_name_that_plays_with_the_page_is_refused() {
        for c in ['\0', '\u{1b}', '\u{7f}', '\u{202e}', '\u{2066}'] {
            assert_eq!(
                PersonName::parse(&format!("a{c}b")),
                Err(PersonNameError::Character(c))
            );
        }
    }

    #[test]
    fn forty_characters_are_taken_and_one_more_is_not() {
        assert!(PersonName::parse(&"語".repeat(40)).is_ok());
        assert_eq!(
            PersonName::parse(&"語".repeat(41)),
            Err(PersonNameError::TooLong)
        );
        assert_eq!(
            PersonName::parse(&"a ".repeat(9999)),
            Err(PersonNameError::TooLong)
        );
    }

    proptest! {
        #[test]
        fn an_id_comes_back_from_its_text(random: [u8; 16]) {
            let id = PersonId::from_random(random);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn a_name_that_was_taken_is_taken_unchanged_again(text in ".{0,50}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
