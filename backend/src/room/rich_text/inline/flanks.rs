//! Whether a run of marks may begin or end emphasis, by the characters beside it.

use super::super::script::{closes, is_lone_accent, is_spaceless, is_word, opens};

/// What a run of marks may do where it stands.
#[derive(Clone, Copy)]
pub(super) struct Flanks {
    pub(super) may_open: bool,
    pub(super) close: Close,
    /// It stands between letters without spaces (`这是*强`), where a mark may be a sign of
    /// multiplication.
    pub(super) is_in_text: bool,
    /// Nothing or white space stands before it.
    pub(super) begins_word: bool,
    /// The quotation mark before it.
    pub(super) quote: Option<char>,
}

/// Whether a run of marks may end emphasis.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    No,
    Yes,
    /// Although a word goes on behind it (`**API**s`).
    InWord,
}

impl Flanks {
    /// For a run of a symbol between these characters of its line.
    pub(super) fn of(symbol: u8, length: usize, before: Option<char>, after: Option<char>) -> Self {
        let is_strong = length == 2;
        let is_in_text = before.is_some_and(is_spaceless) && after.is_some_and(is_spaceless);
        // `好~~` is a long word in Chinese and Japanese.
        let is_long_word =
            symbol == b'~' && before.is_some_and(is_spaceless) && !after.is_some_and(opens);
        // `文件_v2_最终` is a name in every script.
        let is_in_name = symbol == b'_' && before.is_some_and(is_word);
        let begins_word = before.is_none_or(char::is_whitespace);
        let may_follow =
            before.is_none_or(|c| may_stand_before(c, is_strong)) && !is_long_word && !is_in_name;
        let goes_on = after.is_some_and(|c| c.is_alphabetic() && !is_spaceless(c));
        let close = match after {
            _ if !before.is_some_and(may_end) => Close::No,
            _ if is_strong && goes_on => Close::InWord,
            Some(after) if symbol == b'_' && is_word(after) => Close::No,
            Some(after) if !may_stand_behind(after, is_strong) => Close::No,
            _ => Close::Yes,
        };
        Self {
            may_open: may_follow && after.is_some_and(may_begin),
            close,
            is_in_text,
            begins_word,
            quote: before.filter(|c| matches!(c, '"' | '\'')),
        }
    }
}

/// `true` for a character behind which emphasis may begin.
fn may_stand_before(c: char, is_strong: bool) -> bool {
    if is_spaceless(c) || c.is_whitespace() {
        return true;
    }
    if c.is_ascii() {
        return "([{\"'*_~".contains(c) || (is_strong && ":,;.!?->|".contains(c));
    }
    !is_word(c)
}

/// `true` for a character with which emphasis may begin.
fn may_begin(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || "*_~\"'`([{<#@$&+-!%".contains(c);
    }
    !c.is_whitespace() && !closes(c) && !is_lone_accent(c)
}

/// `true` for a character with which emphasis may end.
fn may_end(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || "*_~\"')]}>.,!?:;%+#$".contains(c);
    }
    !c.is_whitespace() && !opens(c) && !is_lone_accent(c)
}

/// `true` for a character before which emphasis may end.
fn may_stand_behind(c: char, is_strong: bool) -> bool {
    if is_spaceless(c) || c.is_whitespace() {
        return true;
    }
    if c.is_ascii() {
        return ")]}\"'-:,;.!?*_~".contains(c) || (is_strong && "([".contains(c));
    }
    !is_word(c)
}
