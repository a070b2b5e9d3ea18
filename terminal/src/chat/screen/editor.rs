//! The text being written.

use unicode_segmentation::UnicodeSegmentation as _;

/// A text with a cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Editor {
    text: String,
    /// In bytes, always between two characters as people see them (UAX #29, extended grapheme
    /// clusters).
    cursor: usize,
}

impl Editor {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub(super) fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empties it and gives what was written.
    pub(super) fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Writes at the cursor. Control characters other than line breaks are left out; tabs become
    /// spaces.
    pub(super) fn insert(&mut self, text: &str) {
        let text: String = text
            .replace("\r\n", "\n")
            .chars()
            .filter_map(|c| match c {
                '\r' | '\n' => Some('\n'),
                '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .collect();
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        self.leave_character();
    }

    pub(super) fn backspace(&mut self) {
        self.remove_before(self.character_before());
    }

    pub(super) fn delete(&mut self) {
        self.text.drain(self.cursor..self.character_behind());
        self.leave_character();
    }

    /// Removes the word before the cursor.
    pub(super) fn delete_word(&mut self) {
        let trimmed = self.before_cursor().trim_end();
        let start = trimmed.rfind(char::is_whitespace).map_or(0, |index| {
            index + trimmed[index..].chars().next().map_or(0, char::len_utf8)
        });
        self.remove_before(start);
    }

    /// Removes everything from the beginning of the line to the cursor.
    pub(super) fn delete_to_line_start(&mut self) {
        self.remove_before(self.line_start());
    }

    pub(super) fn left(&mut self) {
        self.cursor = self.character_before();
    }

    pub(super) fn right(&mut self) {
        self.cursor = self.character_behind();
    }

    pub(super) fn home(&mut self) {
        self.cursor = self.line_start();
    }

    pub(super) fn end(&mut self) {
        self.cursor = self.line_end();
    }

    /// Moves a line up; false in the first one.
    pub(super) fn up(&mut self) -> bool {
        let start = self.line_start();
        if start == 0 {
            return false;
        }
        let column = self.text[start..self.cursor].graphemes(true).count();
        self.cursor = start - 1;
        self.move_to_column(column);
        true
    }

    /// Moves a line down; false in the last one.
    pub(super) fn down(&mut self) -> bool {
        let end = self.line_end();
        if end == self.text.len() {
            return false;
        }
        let column = self.text[self.line_start()..self.cursor]
            .graphemes(true)
            .count();
        self.cursor = end + 1;
        self.move_to_column(column);
        true
    }

    fn move_to_column(&mut self, column: usize) {
        let (start, end) = (self.line_start(), self.line_end());
        let line = &self.text[start..end];
        let bytes = line
            .grapheme_indices(true)
            .nth(column)
            .map_or(line.len(), |(index, _)| index);
        self.cursor = start + bytes;
    }

    fn line_start(&self) -> usize {
        self.before_cursor()
            .rfind('\n')
            .map_or(0, |index| index + 1)
    }

    fn line_end(&self) -> usize {
        let rest = &self.text[self.cursor..];
        self.cursor + rest.find('\n').unwrap_or(rest.len())
    }

    fn remove_before(&mut self, start: usize) {
        self.text.drain(start..self.cursor);
        self.cursor = start;
        self.leave_character();
    }

    /// Where the character before the cursor begins.
    fn character_before(&self) -> usize {
        let last = self.before_cursor().graphemes(true).next_back();
        self.cursor - last.map_or(0, str::len)
    }

    /// Where the character behind the cursor ends.
    fn character_behind(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    /// What was written or removed may join what stands around it to one character: the cursor goes
    /// behind it.
    fn leave_character(&mut self) {
        self.cursor = self
            .text
            .grapheme_indices(true)
            .map(|(index, _)| index)
            .find(|index| *index >= self.cursor)
            .unwrap_or(self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.insert(text);
        editor
    }

    #[test]
    fn characters_of_any_script_are_written_and_removed_whole() {
        let mut editor = editor("aé語");
        editor.backspace();
        assert_eq!(editor.text(), "aé");
        editor.left();
        editor.insert("🦀");
        assert_eq!(editor.text(), "a🦀é");
        editor.delete();
        assert_eq!(editor.text(), "a🦀");
        editor.delete();
        assert_eq!(editor.text(), "a🦀");
    }

    #[test]
    fn a_joined_character_is_passed_and_removed_whole() {
        let family = "👨\u{200d}👩\u{200d}👧";
        let mut editor = editor(&format!("a{family}e\u{301}"));
        editor.left();
        assert_eq!(editor.before_cursor(), format!("a{family}"));
        editor.left();
        assert_eq!(editor.before_cursor(), "a");
        editor.delete();
        assert_eq!(editor.text(), "ae\u{301}");
        editor.right();
        editor.backspace();
        assert_eq!(editor.text(), "a");
    }

    #[test]
    fn what_is_written_between_two_halves_leaves_the_cursor_behind_the_whole() {
        let mut editor = editor("👨👩");
        editor.left();
        editor.insert("\u{200d}");
        assert_eq!(editor.before_cursor(), "👨\u{200d}👩");
    }

    #[test]
    fn what_is_pasted_keeps_its_lines_and_nothing_that_plays_with_the_terminal() {
        assert_eq!(editor("a\r\nb\rc\td\u{1b}[2J").text(), "a\nb\nc d[2J");
    }

    #[test]
    fn a_word_and_a_line_are_removed_backwards() {
        let mut editor = editor("one\ntwo three  ");
        editor.delete_word();
        assert_eq!(editor.text(), "one\ntwo ");
        editor.delete_to_line_start();
        assert_eq!(editor.text(), "one\n");
        editor.delete_word();
        assert_eq!(editor.text(), "");
        editor.delete_word();
        editor.backspace();
        assert_eq!(editor.text(), "");
    }

    #[test]
    fn the_cursor_moves_between_lines_and_keeps_its_column_where_it_can() {
        let mut editor = editor("abcd\né\nefgh");
        editor.left();
        assert_eq!(editor.before_cursor(), "abcd\né\nefg");
        assert!(editor.up());
        assert_eq!(editor.before_cursor(), "abcd\né");
        assert!(editor.up());
        assert_eq!(editor.before_cursor(), "a");
        assert!(!editor.up());
        editor.end();
        assert_eq!(editor.before_cursor(), "abcd");
        assert!(editor.down());
        assert!(editor.down());
        assert!(!editor.down());
        editor.home();
        assert_eq!(editor.before_cursor(), "abcd\né\n");
    }
}
