//! What a person is writing.

/// Length of a draft in UTF-16 units. Every text that a server may allow fits (20,000 characters); a field with
/// more of them is slow at every key.
pub const MAX_DRAFT_UNITS: u32 = 65_536;

/// Length up to which a draft is measured for the height of its field, in UTF-16 units. A longer one fills more
/// lines than the field shows, on every screen.
pub const MAX_MEASURED_UNITS: u32 = 4_000;

/// Number of characters among which the direction of a text is looked for.
const DIRECTION_CHARS: usize = 1_000;

/// Returns the direction of a text, `"ltr"` or `"rtl"`: that of its first letter.
pub fn direction(text: &str) -> &'static str {
    let mut chars = text.chars().take(DIRECTION_CHARS);
    let first = chars.find(|char| char.is_alphabetic() || *char == '\u{200f}');
    if first.is_some_and(is_right_to_left) {
        "rtl"
    } else {
        "ltr"
    }
}

/// Returns `true` for the letters of scripts that run from right to left (Unicode, bidi classes R and AL).
fn is_right_to_left(char: char) -> bool {
    matches!(char,
        '\u{590}'..='\u{8ff}'
        | '\u{200f}'
        | '\u{fb1d}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// By how many characters a text is too long for a message of at most `max_chars`. What it ends with of
/// spaces and line breaks is not sent.
pub fn excess_chars(text: &str, max_chars: usize) -> usize {
    text.trim_end().chars().count().saturating_sub(max_chars)
}

/// What a text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// To be said as it is.
    Text(&'a str),
    /// A command by its name, and what follows it.
    Command(&'a str, &'a str),
}

/// Tells commands from texts. A slash and a word of small letters begin a command, also after blanks; two slashes there
/// are one that begins none. Paths and comments in code are texts.
pub fn meaning(text: &str) -> Meaning<'_> {
    let Some(rest) = text.trim_start().strip_prefix('/') else {
        return Meaning::Text(text);
    };
    if command(rest.strip_prefix('/').unwrap_or("")).is_some() {
        return Meaning::Text(rest);
    }
    command(rest).unwrap_or(Meaning::Text(text))
}

fn command(text: &str) -> Option<Meaning<'_>> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    is_word.then_some(Meaning::Command(word, rest))
}

/// A text that is to be written anew, before what is being written.
pub fn put_before(text: &str, draft: &str) -> String {
    let mut both = text.to_owned();
    if !draft.is_empty() {
        both.push('\n');
        both.push_str(draft);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_in_characters_without_the_spaces_at_its_end() {
        assert_eq!(excess_chars("🦀🦀🦀 \n", 3), 0);
        assert_eq!(excess_chars("🦀🦀🦀é!", 3), 2);
    }

    #[test]
    fn a_slash_and_a_word_begin_a_command() {
        for (text, word, rest) in [
            ("/help", "help", ""),
            ("/name Ada Lovelace", "name", "Ada Lovelace"),
            ("/me\nwaves", "me", "waves"),
            ("  /help", "help", ""),
            ("\n\u{a0}/name Ada", "name", "Ada"),
        ] {
            assert_eq!(meaning(text), Meaning::Command(word, rest), "{text}");
        }
    }

    #[test]
    fn two_slashes_and_a_word_are_a_text_with_one() {
        assert_eq!(meaning("//help me"), Meaning::Text("/help me"));
        assert_eq!(meaning("  //help me"), Meaning::Text("/help me"));
    }

    #[test]
    fn paths_and_comments_are_texts() {
        for text in [
            "help",
            "a /help",
            "  /usr/bin",
            "/",
            "//",
            "/usr/bin/env",
            "/Help",
            "/1",
            "/s/a/b/",
            "// to do",
            "//host/share",
            "///",
        ] {
            assert_eq!(meaning(text), Meaning::Text(text), "{text}");
        }
    }

    #[test]
    fn the_first_letter_decides_the_direction() {
        for text in ["", "1 2 3", "hello", "(1) hello שלום", "こんにちは"] {
            assert_eq!(direction(text), "ltr", "{text}");
        }
        for text in ["שלום", "1. مرحبا hello", "\u{200f}hello", "🦀 ﷺ", "𞤀"] {
            assert_eq!(direction(text), "rtl", "{text}");
        }
    }

    #[test]
    fn the_direction_of_a_long_text_is_found_without_reading_it() {
        let digits = "1".repeat(DIRECTION_CHARS);
        assert_eq!(direction(&format!("{digits}ש")), "ltr");
        assert_eq!(direction(&format!("{}ש", &digits[1..])), "rtl");
    }

    #[test]
    fn what_is_written_anew_takes_nothing_away() {
        assert_eq!(put_before("one", ""), "one");
        assert_eq!(put_before("one", "two"), "one\ntwo");
    }
}
