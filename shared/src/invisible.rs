//! Characters that show nothing, alone or in the middle of others.

/// Characters that show nothing: white space, the default ignorable code points (Unicode, section
/// 5.21), what only arranges notes and hieroglyphs or stands for an empty place, and code points
/// that are no characters.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{13442}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns `true` if nothing is seen of `text`, control characters included.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_control() || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_which_nothing_is_seen_is_blank() {
        for text in [
            "",
            " \r\n\t",
            "\u{a0}\u{3000}\u{2003}",
            "\u{200b}",
            "\u{200d}",
            "\u{2060}",
            "\u{feff}",
            "\u{3164}",
            "\u{ad}",
            "\u{202e}",
            "\u{2800}",
            "\u{fe0f}",
            "\u{1}\u{7f}",
            "\u{e0061}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [".", "\u{200b}a", "\u{2801}", "\u{301}", "🏴", "ㅤㄱ"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
