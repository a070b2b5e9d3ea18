//! The text of a part of the room, as it is copied: also of messages that are no elements of the page.

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use super::Room;
use super::column::PlacedRow;
use super::incoming::Message;
use super::timeline::{KeyedRow, Row, key_in_group};

/// A place in what a row shows. Places are ordered as a reader meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The key of the row, as [`key_in_group`] returns it.
    pub key: u64,
    /// The number of UTF-16 units of the row's text that follow the place. Counted from the end, it stays the same
    /// when a row gets or loses the name and the time before its text.
    pub from_end: Reverse<u32>,
}

impl Spot {
    /// The place before all rows.
    pub const START: Self = Self {
        key: 0,
        from_end: Reverse(u32::MAX),
    };

    /// The place behind all rows.
    pub const END: Self = Self {
        key: u64::MAX,
        from_end: Reverse(0),
    };
}

/// Writes what the browser knows about a row, for [`excerpt`].
pub trait Script {
    /// Returns the time of a message.
    fn time(&self, message: &Message) -> String;
    /// Returns the day of a message.
    fn day(&self, message: &Message) -> String;
    /// Returns the text of a row's message as the page shows it, without its marks.
    fn shown(&self, row: Row) -> String;
}

/// Returns the part of the room between two places: each message with its time and name, as it was written. Of the
/// first and the last message it has the selected part, as the page shows it.
pub fn excerpt(
    room: &Room,
    rows: &[PlacedRow],
    selected: RangeInclusive<Spot>,
    script: &impl Script,
) -> String {
    let mut excerpt = String::new();
    for PlacedRow { row, .. } in rows {
        let KeyedRow { key, row } = *row;
        let key = key_in_group(key);
        if !(selected.start().key..=selected.end().key).contains(&key) {
            continue;
        }
        let Some((head, text)) = written(room, row, script) else {
            continue;
        };
        let is_day = matches!(row, Row::Day(_));
        let before = if key == selected.start().key {
            selected.start().from_end.0
        } else {
            u32::MAX
        };
        let behind = if key == selected.end().key {
            selected.end().from_end.0
        } else {
            0
        };
        let part = if is_day || (before == u32::MAX && behind == 0) {
            None
        } else {
            part(&script.shown(row), before, behind)
        };
        if !excerpt.is_empty() {
            excerpt.push('\n');
        }
        // A part of one message is a quote: it begins with its first word.
        if selected.start().key != selected.end().key {
            excerpt.push_str(&head);
        }
        excerpt.push_str(part.as_deref().unwrap_or(text));
    }
    excerpt
}

/// Returns what stands before the text of a row, and that text as it was written.
fn written<'a>(room: &'a Room, row: Row, script: &impl Script) -> Option<(String, &'a str)> {
    let messages = room.transcript.messages();
    Some(match row {
        Row::Day(index) => (script.day(messages.get(index)?), ""),
        Row::Message { index, .. } => {
            let message = messages.get(index)?;
            let mut head = String::from("[");
            head.push_str(&script.time(message));
            head.push_str("] ");
            head.push_str(&message.person.name);
            head.push_str(": ");
            (head, &message.text)
        }
        Row::Unsent { number, .. } => {
            let unsent = room.outbox.get(number)?;
            let me = room.me.as_ref().map_or("", |me| &me.name);
            let mut head = String::from("[not sent] ");
            head.push_str(me);
            head.push_str(": ");
            (head, &unsent.text)
        }
        Row::Start | Row::Gap(_) | Row::Unread => return None,
    })
}

/// Returns the part of a text between two places, given by the numbers of UTF-16 units that follow each; `None` if it
/// is the whole text.
pub fn part(text: &str, before: u32, behind: u32) -> Option<String> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let place = |from_end: u32| {
        units
            .len()
            .saturating_sub(usize::try_from(from_end).unwrap_or(usize::MAX))
    };
    let (start, end) = (place(before), place(behind));
    let is_whole = start == 0 && end == units.len();
    (!is_whole).then(|| String::from_utf16_lossy(units.get(start..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
