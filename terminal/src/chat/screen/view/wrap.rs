//! Breaking text into lines that fit, by the width that characters have on a terminal. What people
//! see as one character, however many of Unicode it is made of, stays whole (UAX #29, extended
//! grapheme clusters).

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::output::harmless;

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Builds lines of at most `width` columns, each after an indent.
#[derive(Debug)]
pub(super) struct Wrapper {
    width: usize,
    indent: Span<'static>,
    lines: Vec<Line<'static>>,
    line: Vec<Span<'static>>,
    used: usize,
}

impl Wrapper {
    pub(super) fn new(width: usize, indent: Span<'static>) -> Self {
        // A line takes at least one wide character.
        let width = width.saturating_sub(indent.width()).max(2);
        Self {
            width,
            indent,
            lines: Vec::new(),
            line: Vec::new(),
            used: 0,
        }
    }

    /// Appends text, breaking it between words where it can.
    pub(super) fn push(&mut self, text: &str, style: Style) {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.end_line();
            }
            let part = harmless(part).replace('\t', "    ");
            for word in part.split_inclusive(' ') {
                self.push_word(word, style);
            }
        }
    }

    /// Ends the line, even an empty one.
    pub(super) fn end_line(&mut self) {
        let mut spans = vec![self.indent.clone()];
        spans.append(&mut self.line);
        self.lines.push(Line::from(spans));
        self.used = 0;
    }

    /// Ends the line if something stands in it.
    pub(super) fn end_started_line(&mut self) {
        if self.used > 0 {
            self.end_line();
        }
    }

    /// The lines.
    pub(super) fn finish(mut self) -> Vec<Line<'static>> {
        self.end_started_line();
        self.lines
    }

    fn push_word(&mut self, word: &str, style: Style) {
        let visible = width(word.trim_end());
        if self.used > 0 && self.used + visible > self.width {
            self.end_line();
        }
        let mut piece = String::new();
        for cluster in word.graphemes(true) {
            let columns = width(cluster);
            if self.used + columns > self.width {
                if cluster == " " {
                    continue;
                }
                self.push_span(std::mem::take(&mut piece), style);
                self.end_line();
            }
            piece.push_str(cluster);
            self.used += columns;
        }
        self.push_span(piece, style);
    }

    fn push_span(&mut self, text: String, style: Style) {
        if !text.is_empty() {
            self.line.push(Span::styled(text, style));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrap(text: &str, width: usize) -> Vec<String> {
        let mut wrapper = Wrapper::new(width, Span::raw(""));
        wrapper.push(text, Style::default());
        let lines = wrapper.finish();
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_break_between_words_and_inside_a_word_only_when_it_is_too_long() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefgh b", 4), ["a ", "abcd", "efgh", "b"]);
        assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
    }

    #[test]
    fn wide_characters_count_two_columns() {
        assert_eq!(wrap("語語語", 4), ["語語", "語"]);
        assert_eq!(wrap("a語語", 4), ["a語", "語"]);
    }

    /// Characters that are made of several, two columns wide each: a family of four, a woman with a
    /// skin colour at a computer, a flag, a heart in emoji style.
    const JOINED: [&str; 4] = [
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "👩\u{1f3fd}\u{200d}💻",
        "🇩🇪",
        "❤\u{fe0f}",
    ];

    #[test]
    fn joined_characters_stay_whole_and_count_as_one() {
        for one in JOINED {
            let line = one.repeat(2);
            assert_eq!(wrap(&one.repeat(5), 4), [&line, &line, one]);
            assert_eq!(wrap(&format!("abc{one}"), 4), ["abc", one]);
        }
        // A letter with accents is one column.
        let letter = "e\u{301}\u{323}";
        assert_eq!(wrap(&letter.repeat(5), 4), [&letter.repeat(4), letter]);
    }

    proptest! {
        #[test]
        fn no_line_begins_in_the_middle_of_a_character(
            parts in proptest::collection::vec(proptest::sample::select(&[
                JOINED[0], JOINED[1], JOINED[2], JOINED[3], "a", "語", "e\u{301}", " ",
            ]), 0..40),
            columns in 2_usize..12,
        ) {
            let lines = wrap(&parts.concat(), columns);
            for line in &lines {
                prop_assert!(width(line.trim_end()) <= columns, "{line:?}");
                for cluster in line.graphemes(true) {
                    prop_assert!(parts.contains(&cluster), "{cluster:?} in {line:?}");
                }
            }
        }

        #[test]
        fn no_line_is_wider_than_allowed_and_no_letter_is_lost(
            text in "[a-z語é\\n ]{0,80}",
            columns in 2_usize..20,
        ) {
            let lines = wrap(&text, columns);
            for line in &lines {
                prop_assert!(width(line.trim_end()) <= columns, "{line:?}");
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
