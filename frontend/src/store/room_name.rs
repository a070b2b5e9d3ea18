//! The name that somebody writes for a new room.

use roomcast_shared::invisible::is_invisible;
use roomcast_shared::limits::MAX_ROOM_NAME_CHARS;

/// What a room's name may be made of, as a regular expression of the browser, which knows the letters
/// of every script; a mark needs something to stand on. Some of them are invisible, and [`advice`] looks
/// for those. [`RoomName`](roomcast_shared::room_name::RoomName) has the rule.
pub const NAME_CHARACTERS: &str = r"(?!^\p{M})[\p{Alphabetic}\p{M}\p{N}_-]";

/// A name with hyphens for spaces, as it stands in the room's address.
pub fn tidied(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("-")
}

/// What is wrong with a tidied name, in a sentence that says what to change; `strange` is what the
/// name has in it beside [`NAME_CHARACTERS`].
pub fn advice(name: &str, strange: &str) -> Option<String> {
    if name.is_empty() {
        return Some("Write a name for the room, such as tea-kitchen.".to_owned());
    }
    let mut strange = strange.chars();
    if let Some(character) = strange
        .next()
        .or_else(|| name.chars().find(|c| is_unseen(*c)))
    {
        return Some(if is_unseen(character) {
            let number = u32::from(character);
            format!("A name has visible characters only: take out U+{number:04X}.")
        } else {
            format!("A name has letters, digits, - and _ only: take out “{character}”.")
        });
    }
    let length = name.chars().count();
    (length > MAX_ROOM_NAME_CHARS).then(|| {
        format!("A name has at most {MAX_ROOM_NAME_CHARS} characters, and this one has {length}.")
    })
}

/// Whether a character shows nothing, and so is named by its number.
fn is_unseen(character: char) -> bool {
    character.is_control() || is_invisible(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_turn_into_hyphens() {
        assert_eq!(tidied("  Tea  kitchen\t2 "), "Tea-kitchen-2");
        assert_eq!(tidied(" \n"), "");
    }

    #[test]
    fn a_name_has_1_to_64_characters() {
        assert!(advice("", "").is_some());
        assert_eq!(advice("é", ""), None);
        assert_eq!(advice(&"é".repeat(64), ""), None);
        let advice = advice(&"é".repeat(65), "").unwrap();
        assert!(
            advice.contains("at most 64") && advice.contains("has 65"),
            "{advice}"
        );
    }

    #[test]
    fn the_first_character_that_may_not_be_there_is_named() {
        let advice = advice("tea!?", "!?").unwrap();
        assert!(advice.ends_with("take out “!”."), "{advice}");
    }

    #[test]
    fn what_nobody_sees_is_named_by_its_number_be_it_a_letter_or_not() {
        for (name, strange, sentence) in [
            ("\u{3164}", "", "take out U+3164."),
            ("o\u{34f}ps", "", "take out U+034F."),
            ("ops\u{e0100}", "", "take out U+E0100."),
            ("ops\u{200d}", "\u{200d}", "take out U+200D."),
            ("ops\u{7}", "\u{7}", "take out U+0007."),
        ] {
            let advice = advice(name, strange).unwrap();
            assert!(
                advice.starts_with("A name has visible characters only: "),
                "{advice}"
            );
            assert!(advice.ends_with(sentence), "{advice}");
        }
        assert_eq!(advice("हिन्दी", ""), None, "marks on letters are seen");
    }
}
