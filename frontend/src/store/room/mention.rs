//! Whether a text speaks of somebody.

/// Writes a text in small letters. The browser knows the letters of all scripts; their table would be 4 KB of
/// the 100 that a page may have.
pub type Lower = fn(&str) -> String;

/// Whether `name` stands in `text` as a word, with or without an `@`, in whatever case.
///
/// Letters and digits beside it make it a part of another word, but for those of scripts that write words
/// without spaces between them, or put endings on names. An `@` directly behind a word belongs to a mail
/// address, and what follows it is the name of a server: nobody is called by that.
pub fn mentions(text: &str, name: &str, lower: Lower) -> bool {
    let (text, name) = (lower(text), lower(name));
    if name.is_empty() {
        return false;
    }
    let mut before = Before::default();
    text.char_indices().any(|(start, char)| {
        let begins = !before.joins();
        before.pass(char);
        let rest = text.get(start..).and_then(|rest| rest.strip_prefix(&name));
        begins && rest.is_some_and(|rest| !rest.chars().next().is_some_and(is_word))
    })
}

/// What stands before a place in a text.
#[derive(Default)]
struct Before {
    /// A character of a word stands directly before it.
    is_word: bool,
    /// The `@` of a mail address does.
    is_mail: bool,
}

impl Before {
    /// Whether what follows is a part of what stands before.
    fn joins(&self) -> bool {
        self.is_word || self.is_mail
    }

    /// Goes on behind this character.
    fn pass(&mut self, char: char) {
        self.is_mail = self.is_word && char == '@';
        self.is_word = is_word(char);
    }
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
    fn who_has_the_name_of_a_mail_server_is_not_meant_by_its_addresses() {
        for text in ["x@zoë.com", "mail 1@ZOË", "<é@zoë.example>", "e\u{301}@zoë"] {
            assert!(!mentions(text, "Zoë"), "{text}");
        }
        for text in [
            "@zoë",
            "hi @Zoë!",
            "(@zoë)",
            "x @zoë.com",
            "日本@zoë",
            "@@zoë",
            "x@zoë.com, Zoë",
        ] {
            assert!(mentions(text, "Zoë"), "{text}");
        }
        assert!(mentions("ask x@y", "x@y"), "a name with an @ in it");
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
