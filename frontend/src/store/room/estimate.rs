//! How high a row may be, until it is on the page and can be measured.

use super::Room;
use super::timeline::{KeyedRow, Row};

/// Height of a line of text, and what is around the text of a message, in CSS pixels, and how many bytes
/// go into a line.
const LINE_HEIGHT: usize = 24;
const LINE_BYTES: usize = 80;
const AROUND_TEXT: u32 = 8;
const HEAD: u32 = 32;
const OTHER_ROW: u32 = 40;

/// The height of a row, about, in CSS pixels.
pub fn height(room: &Room, row: &KeyedRow) -> u32 {
    let Row::Message { index, is_head } = row.row else {
        return OTHER_ROW;
    };
    let head = if is_head { HEAD } else { 0 };
    let message = room.transcript.messages().get(index);
    head + message.map_or(0, |message| text_height(&message.text))
}

fn text_height(text: &str) -> u32 {
    let lines = 1 + text.len() / LINE_BYTES + text.matches('\n').count();
    AROUND_TEXT + u32::try_from(lines * LINE_HEIGHT).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_and_one_with_breaks_are_higher_than_a_word() {
        let word = text_height("word");
        assert_eq!(word, 32);
        assert_eq!(text_height("one\ntwo"), word + 24);
        assert_eq!(text_height(&"x".repeat(200)), word + 48);
    }
}
