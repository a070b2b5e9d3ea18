//! Whether a text speaks of somebody.

/// Whether `name` stands in `text` as a word, with or without an `@`, in whatever case its ASCII
/// letters have.
pub fn mentions(text: &str, name: &str) -> bool {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    if name.is_empty() {
        return false;
    }
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.windows(name.len()).enumerate().any(|(start, window)| {
        window.eq_ignore_ascii_case(name)
            && !is_word(start.checked_sub(1).and_then(|before| text.get(before)))
            && !is_word(text.get(start + name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_as_a_word_of_its_own() {
        for text in ["Ada", "@ada!", "thanks, ADA.", "who is (ada)?", "日本Ada語"] {
            assert!(mentions(text, "Ada"), "{text}");
        }
        for text in ["", "Adam", "Canada", "ad a", "Ada1"] {
            assert!(!mentions(text, "Ada"), "{text}");
        }
    }

    #[test]
    fn names_of_all_scripts_and_of_several_words_are_found() {
        assert!(mentions("そうだね、花子さん", "花子"));
        assert!(mentions("ask ada lovelace about it", "Ada Lovelace"));
        assert!(!mentions("anything", ""));
    }
}
