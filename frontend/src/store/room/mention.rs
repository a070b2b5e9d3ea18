//! Whom a text speaks to, by `@` and a name.

/// The sign before a name. Chinese, Japanese and Korean input methods write it in full width.
const AT: [char; 2] = ['@', '＠'];

/// Writes a text in small letters, composed (Unicode NFC). The browser knows the letters of all scripts; their
/// tables would be larger than the page.
pub type Fold = fn(&str) -> String;

/// Returns `true` if `text` speaks to the person called `name`: by `@name` or `＠name`, whatever the case of its letters.
///
/// `present` are the names of all who are here: of several that fit, such as `Ann` and `Ann Lee`, the longest is
/// meant. The `@` begins a word, or stands behind a letter of a script that writes words without spaces; so mail
/// addresses, `user@host` and paths speak to nobody. Nothing that goes on with the word may follow the name, unless
/// in such a script: `@Adam` does not mean Ada, `@山田さん` means 山田.
pub fn mentions<'a>(
    text: &str,
    name: &str,
    present: impl Iterator<Item = &'a str>,
    fold: Fold,
) -> bool {
    if !text.contains(AT) {
        return false;
    }
    let (text, name) = (fold(text), fold(name));
    if name.is_empty() {
        return false;
    }
    let is_longer = |other: &String| other.len() > name.len() && other.starts_with(&name);
    let longer: Vec<String> = present.map(fold).filter(is_longer).collect();
    text.match_indices(AT).any(|(at, mark)| {
        let (before, rest) = (&text[..at], &text[at + mark.len()..]);
        let begins = !before.chars().next_back().is_some_and(joins_before);
        begins && is_called(rest, &name) && !longer.iter().any(|longer| is_called(rest, longer))
    })
}

/// Returns `true` if a text begins with a name that ends where a word ends.
fn is_called(text: &str, name: &str) -> bool {
    let behind = text.strip_prefix(name);
    behind.is_some_and(|behind| !behind.chars().next().is_some_and(joins_behind))
}

/// Returns `true` for a character before an `@` that makes it a part of an address or a path.
fn joins_before(char: char) -> bool {
    is_word(char) || matches!(char, '.' | '-' | '_' | '+' | '/' | '=' | '~')
}

/// Returns `true` for a character behind a name that makes another word or another picture of it. An `@` makes it
/// the name of an account elsewhere: `@ada@host`.
fn joins_behind(char: char) -> bool {
    is_word(char)
        || matches!(char, '@' | '＠' | '_' | '\u{200c}'..='\u{200d}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Returns `true` for a letter, a digit, or an accent on one, of a script with spaces between words.
fn is_word(char: char) -> bool {
    is_accent(char) || (char.is_alphanumeric() && !is_of_script_without_spaces(char))
}

/// Returns `true` for accents, and for the signs of Indian scripts that take away a vowel or stand under a letter;
/// all other signs on letters count as alphanumeric.
fn is_accent(char: char) -> bool {
    let indian = ('\u{900}'..='\u{dff}').contains(&char);
    ('\u{300}'..='\u{36f}').contains(&char)
        || (indian && matches!(u32::from(char) & 0x7f, 0x3c | 0x4d))
}

/// Returns `true` for scripts of South East Asia, Chinese, Japanese and Korean.
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

    fn mentions_among(text: &str, name: &str, present: &[&str]) -> bool {
        super::mentions(text, name, present.iter().copied(), str::to_lowercase)
    }

    fn mentions(text: &str, name: &str) -> bool {
        mentions_among(text, name, &[name])
    }

    #[test]
    fn a_name_behind_an_at_sign_is_a_mention() {
        for text in [
            "@Ada",
            "@ada!",
            "thanks, @ADA.",
            "who is (@ada)?",
            "日本@Ada語",
            "@Ada's",
            "@Ada, @Bob",
            "@@ada",
            "\"@Ada\"",
            "a\n@ada",
            "＠ada",
            "＠Adaさん",
        ] {
            assert!(mentions(text, "Ada"), "{text}");
        }
    }

    #[test]
    fn a_word_without_an_at_sign_is_no_mention() {
        for (text, name) in [
            ("I will do it", "Will"),
            ("in May or March", "May"),
            ("Ada", "Ada"),
            ("@ Ada", "Ada"),
            ("", "Ada"),
            ("@", "Ada"),
            ("@anything", ""),
        ] {
            assert!(!mentions(text, name), "{text}");
        }
    }

    #[test]
    fn a_longer_word_is_another_name() {
        for text in ["@Adam", "@Ada1", "@Ada_b", "@Adaïs", "@Ada\u{301}", "@ad a"] {
            assert!(!mentions(text, "Ada"), "{text}");
        }
        assert!(!mentions("@Иванов", "иван"));
        assert!(!mentions("@अक्", "अक"));
        assert!(!mentions("@👩\u{200d}🚀", "👩"));
        assert!(!mentions("@👍🏽", "👍"));
        assert!(mentions("@👩\u{200d}🚀!", "👩\u{200d}🚀"));
    }

    #[test]
    fn mail_addresses_and_accounts_elsewhere_mention_nobody() {
        for text in [
            "x@ada",
            "x@ada.example",
            "mail 1@ADA",
            "first.last@ada.example",
            "a-@ada a_@ada a+@ada",
            "<é@ada>",
            "e\u{301}@ada",
            "ssh root@ada",
            "https://host/@ada",
            "@ada@host.example",
        ] {
            assert!(!mentions(text, "Ada"), "{text}");
        }
        assert!(mentions("x@ada.example, @Ada", "Ada"));
    }

    #[test]
    fn of_several_names_that_fit_the_longest_is_meant() {
        let present = ["Ann", "Ann Lee", "Anna"];
        for (text, meant) in [
            ("@Ann", "Ann"),
            ("@ann lee, hi", "Ann Lee"),
            ("@ann leeds", "Ann"),
            ("@Anna", "Anna"),
        ] {
            for name in present {
                assert_eq!(
                    mentions_among(text, name, &present),
                    name == meant,
                    "{text} {name}"
                );
            }
        }
        assert!(mentions_among("@Ann Lee and @Ann", "Ann", &present));
        let (both, present) = ("@山田太郎さん", ["山田", "山田太郎"]);
        assert!(!mentions_among(both, "山田", &present));
        assert!(mentions_among(both, "山田太郎", &present));
    }

    #[test]
    fn names_of_all_scripts_and_of_several_words_are_found() {
        for (text, name) in [
            ("そうだね、@花子さん", "花子"),
            ("@山田さん", "山田"),
            ("你好@小明", "小明"),
            ("@안나는 어디에?", "안나"),
            ("ask @ada lovelace about it", "Ada Lovelace"),
            ("@Grace Hopper", "Grace Hopper"),
            ("@שרה, שלום", "שרה"),
            ("يا @ليلى؟", "ليلى"),
            ("@हिन्दी।", "हिन्दी"),
        ] {
            assert!(mentions(text, name), "{text}");
        }
    }

    #[test]
    fn the_case_of_letters_does_not_matter_in_any_script() {
        for (text, name) in [
            ("а где @Иван?", "иван"),
            ("@ÉMILE!", "Émile"),
            ("@ΟΔΥΣΣΕΎΣ ἀνήρ", "Οδυσσεύς"),
            ("@İpek", "i\u{307}pek"),
        ] {
            assert!(mentions(text, name), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whoever_is_spoken_to_by_name_is_mentioned(before in ".*", name in "\\PC+", after in "[^@]*") {
            let text = format!("{before} @{name} {after}");
            prop_assert!(mentions(&text, &name));
        }

        #[test]
        fn without_an_at_sign_nobody_is_mentioned(text in "[^@]*", name in "[^@]{0,5}") {
            prop_assert!(!mentions(&text, &name));
        }
    }
}
