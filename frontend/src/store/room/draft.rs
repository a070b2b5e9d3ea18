//! What a person is writing.

use roomcast_shared::limits::MAX_TEXT_CHARS;

/// By how many characters a text is too long for a message. What it ends with of spaces and line breaks is
/// not sent.
pub fn excess_chars(text: &str) -> usize {
    text.trim_end()
        .chars()
        .count()
        .saturating_sub(MAX_TEXT_CHARS)
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
        let longest = "🦀".repeat(MAX_TEXT_CHARS);
        assert_eq!(excess_chars(&format!("{longest} \n")), 0);
        assert_eq!(excess_chars(&format!("{longest}é!")), 2);
    }

    #[test]
    fn what_is_written_anew_takes_nothing_away() {
        assert_eq!(put_before("one", ""), "one");
        assert_eq!(put_before("one", "two"), "one\ntwo");
    }
}
