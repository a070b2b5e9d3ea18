//! Whether a text speaks of somebody.

/// Writes a text in small letters. The browser knows the letters of all scripts; their table would be 4 KB of
/// the 100 that a page may have.
pub type Lower = fn(&str) -> String;

/// Whether `name` stands in `text` as a word, with or without an `@`, in whatever case.
///
/// Letters and digits beside it make it a part of another word, but for those of scripts that write words
/// without spaces between them, or put endings on names.
pub fn mentions(text: &str, name: &str, lower: Lower) -> bool {
    let (text, name) = (lower(text), lower(name));
    if name.is_empty() {
        return false;
    }
    let mut before = None;
    text.char_indices().any(|(start, char)| {
        let begins = !before.replace(char).is_some_and(is_word);
        let rest = text.get(start..).and_then(|rest| rest.strip_prefix(&name));
        begins && rest.is_some_and(|rest| !rest.chars().next().is_some_and(is_word))
    })
}

/// Whether a character beside a name makes another word of it. A combining accent does.
fn is_word(char: char) -> bool {
    let is_accent = ('\u{300}'..='\u{36f}').contains(&char);
    is_accent || (char.is_alphanumeric() && !is_of_script_without_spaces(char))
}

/// Scripts of South East Asia, Chinese, Japanese and Korean.
fn is_of_script_without_spaces(char: char) -> bool {
    matches!(char,
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn mentions(text: &str, name: &str) -> bool {
        super::mentions(text, name, str::to_lowercase)
    }

    #[test]
    fn a_name_counts_as_a_word_of_its_own() {
        for text in ["Ada", "@ada!", "thanks, ADA.", "who is (ada)?", "日本Ada語"] {
            assert!(mentions(text, "Ada"), "{text}");
        }
        for text in [
            "",
            "Adam",
            "Canada",
            "ad a",
            "Ada1",
            "Adaïs",
            "éAda",
            "Ada\u{301}",
        ] {
            assert!(!mentions(text, "Ada"), "{text}");
        }
    }

    #[test]
    fn names_of_all_scripts_and_of_several_words_are_found() {
        assert!(mentions("そうだね、花子さん", "花子"));
        assert!(mentions("안나는 어디에?", "안나"));
        assert!(mentions("ask ada lovelace about it", "Ada Lovelace"));
        assert!(!mentions("anything", ""));
    }

    #[test]
    fn the_case_of_letters_does_not_matter_in_any_script() {
        for (text, name) in [
            ("а где Иван?", "иван"),
            ("ÉMILE!", "Émile"),
            ("ΟΔΥΣΣΕΎΣ ἀνήρ", "Οδυσσεύς"),
            ("İpek", "i\u{307}pek"),
        ] {
            assert!(mentions(text, name), "{text}");
        }
        assert!(!mentions("Иванов", "иван"));
    }

    proptest! {
        #[test]
        fn whoever_is_spoken_to_by_name_is_mentioned(before in ".*", name in "\\PC+", after in ".*") {
            let text = format!("{before} {name} {after}");
            prop_assert!(mentions(&text, &name));
        }
    }
}
