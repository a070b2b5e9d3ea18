//! Text from a peer, made safe to print on a terminal.
//!
//! Control characters can move the cursor, bidirectional controls can show text in another order than it
//! has, and invisible characters can hide some of it. Each becomes U+FFFD. What a script or an emoji needs
//! stays: a joiner after a letter of a script that joins, or between two pictures.

use std::fmt::Write as _;

use crate::invisible::is_invisible;

/// The first character of the emoji flags of England, Scotland and Wales.
const BLACK_FLAG: char = '\u{1f3f4}';

/// The most letters or digits in the tags of such a flag (UTS #51, section 5.1).
const MAX_TAGS: usize = 6;

/// Returns `text` with each character that a terminal would obey, reorder by or hide as U+FFFD. Tabs
/// stay; line breaks do not, so split the text at those that may stay.
pub fn harmless(text: &str) -> String {
    replaced(text, |out, c| {
        out.push(match c {
            '\t' => '\t',
            _ => char::REPLACEMENT_CHARACTER,
        });
    })
}

/// Returns the same JSON with those characters as `\u` escapes.
///
/// JSON escapes the control characters of ASCII already, and the others stand in strings alone.
pub fn harmless_json(json: &str) -> String {
    replaced(json, |out, c| {
        if c < ' ' {
            out.push(c);
            return;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// Copies `text`, and has `replace` write something in the place of each unsafe character.
fn replaced(text: &str, mut replace: impl FnMut(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        if is_safe(before, c, behind.chars().next()) {
            let tags = if c == BLACK_FLAG {
                tag_bytes(behind)
            } else {
                0
            };
            let kept = c.len_utf8() + tags;
            out.push_str(&rest[..kept]);
            rest = &rest[kept..];
            before = Some(c);
        } else {
            replace(&mut out, c);
            rest = behind;
            before = None;
        }
    }
    out
}

/// `true` if a terminal shows `c` as itself between these two; `before` is `None` at the beginning and
/// behind a character that was replaced.
fn is_safe(before: Option<char>, c: char, after: Option<char>) -> bool {
    match c {
        ' '..='~' => true,
        '\u{200c}' => before.is_some_and(is_of_joining_script),
        '\u{200d}' => before.is_some_and(|before| {
            let joins_pictures = is_picture(before) || before == '\u{fe0f}';
            is_of_joining_script(before) || joins_pictures && after.is_some_and(is_picture)
        }),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180f}' => {
            before.is_some_and(|before| has_variant(before, c))
        }
        _ => !c.is_control() && !is_hidden(c),
    }
}

/// `true` for characters that change the order of others, break lines, or are not seen. Spaces are seen by
/// what is around them.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}') || !c.is_whitespace() && is_invisible(c)
}

/// `true` for letters and marks of scripts that write words with joiners: Arabic and its relatives, those of
/// India and South-East Asia, and Mongolian.
fn is_of_joining_script(c: char) -> bool {
    matches!(c,
        '\u{620}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{1a20}'..='\u{1aaf}' | '\u{1b00}'..='\u{1c4f}' | '\u{1cd0}'..='\u{1cff}'
        | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// `true` for characters that may be shown as pictures (`Extended_Pictographic` of UTS #51, by blocks), and
/// for the modifiers of their colour.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}'
        | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// `true` if a variation selector chooses among forms of `before`.
fn has_variant(before: char, selector: char) -> bool {
    let is_ideograph = matches!(before,
        '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    match selector {
        '\u{fe0e}' | '\u{fe0f}' => {
            is_picture(before) || matches!(before, '#' | '*' | '0'..='9') || is_ideograph
        }
        '\u{180b}'..='\u{180f}' => matches!(before, '\u{1800}'..='\u{18af}'),
        '\u{fe00}'..='\u{fe0d}' => {
            is_ideograph
                || is_of_joining_script(before)
                || matches!(before, '\u{2200}'..='\u{22ff}' | '\u{2a00}'..='\u{2aff}' | '\u{ff00}'..='\u{ffef}')
        }
        _ => is_ideograph,
    }
}

/// The bytes of the tags with which `behind` makes a flag of the black one before it; 0 if there are none.
fn tag_bytes(behind: &str) -> usize {
    let is_tag = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let tags = behind.chars().take_while(is_tag).count();
    let is_flag = (1..=MAX_TAGS).contains(&tags) && behind.chars().nth(tags) == Some('\u{e007f}');
    // Each tag, and the one that ends them, takes four bytes.
    if is_flag { 4 * (tags + 1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_people_write_stays_as_it_is() {
        for text in [
            "plain, with a\ttab",
            "Grüße, naïve, e\u{301}",
            "日本語、한국어、中文",
            "葛\u{e0100}飾区",
            "שלום עולם",
            "مرحبا بالعالم",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ക\u{d4d}\u{200c}ഷ",
            "ᠠ\u{180b}",
            "👩\u{200d}💻 👩🏽\u{200d}🚀",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦",
            "❤\u{fe0f}\u{200d}🔥 🏳\u{fe0f}\u{200d}🌈 🏴\u{200d}☠\u{fe0f}",
            "👁\u{fe0f}\u{200d}🗨\u{fe0f}",
            "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3} ☺\u{fe0e}",
            "🇩🇪 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}!",
            "¯\\_(ツ)_/¯",
            "a\u{a0}b\u{3000}c",
        ] {
            assert_eq!(harmless(text), text, "{text:?}");
        }
    }

    #[test]
    fn what_a_terminal_obeys_reorders_or_hides_becomes_visible() {
        for (text, shown) in [
            ("a\x1b[2Jb\rc", "a\u{fffd}[2Jb\u{fffd}c"),
            (
                "bell\x07, delete\x7f, C1 \u{9b}2J",
                "bell\u{fffd}, delete\u{fffd}, C1 \u{fffd}2J",
            ),
            (
                "one\ntwo\u{2028}three\u{2029}\u{85}",
                "one\u{fffd}two\u{fffd}three\u{fffd}\u{fffd}",
            ),
            (
                "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            (
                "\u{2066}\u{2067}\u{2068}\u{2069}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("exe\u{202e}gpj.txt", "exe\u{fffd}gpj.txt"),
            (
                "a\u{200e}b\u{200f}c\u{61c}d",
                "a\u{fffd}b\u{fffd}c\u{fffd}d",
            ),
            ("שלום\u{200f}!", "שלום\u{fffd}!"),
            (
                "pay\u{200b}pal\u{2060}\u{feff}",
                "pay\u{fffd}pal\u{fffd}\u{fffd}",
            ),
            ("Donau\u{ad}dampf", "Donau\u{fffd}dampf"),
            ("a\u{200d}b\u{200c}c", "a\u{fffd}b\u{fffd}c"),
            ("\u{200d}💻 💻\u{200d}", "\u{fffd}💻 💻\u{fffd}"),
            ("می\u{200c}\u{200c}\u{200d}خ", "می\u{200c}\u{fffd}\u{fffd}خ"),
            ("a\u{fe0f}b\u{fe00}\u{e0101}", "a\u{fffd}b\u{fffd}\u{fffd}"),
            ("☺\u{fe0f}\u{fe0f}", "☺\u{fe0f}\u{fffd}"),
            ("a\u{e0061}\u{e0062}", "a\u{fffd}\u{fffd}"),
            ("🏴\u{e0061}", "🏴\u{fffd}"),
            (
                "\u{115f}\u{1160}\u{3164}\u{ffa0}\u{34f}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            (
                "\u{2800}\u{13430}\u{1d159}\u{fdd0}\u{fffe}\u{ffff}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("\u{fff9}a\u{fffa}b\u{fffb}", "\u{fffd}a\u{fffd}b\u{fffd}"),
            (
                "\u{2061}\u{2064}\u{206a}\u{206f}\u{180e}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
        ] {
            assert_eq!(harmless(text), shown, "{text:?}");
        }
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let value =
            serde_json::json!({"a": "\u{1b}\u{7f}\u{9b}2J\u{202e}\u{e0061}é👩\u{200d}💻\u{ad}\n"});
        let json = harmless_json(&value.to_string());
        assert_eq!(
            json,
            r#"{"a":"\u001b\u007f\u009b2J\u202e\udb40\udc61é👩‍💻\u00ad\n"}"#
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&json).ok(),
            Some(value)
        );
        let pretty = "{\n\t\"a\": 1\r\n}";
        assert_eq!(harmless_json(pretty), pretty);
    }
}
