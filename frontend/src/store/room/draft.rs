//! What a person is writing.

/// By how many characters a text is too long for a message of at most `max_chars`. What it ends with of
/// spaces and line breaks is not sent.
pub fn excess_chars(text: &str, max_chars: usize) -> usize {
    text.trim_end().chars().count().saturating_sub(max_chars)
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
    fn what_is_written_anew_takes_nothing_away() {
        assert_eq!(put_before("one", ""), "one");
        assert_eq!(put_before("one", "two"), "one\ntwo");
    }
}
