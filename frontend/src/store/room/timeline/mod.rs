//! The rows of the room: messages grouped by person and day, and the lines between them.

use super::incoming::Message;
use super::outbox::{Delivery, Outbox};
use super::transcript::Transcript;
use roomcast_shared::person::PersonId;

/// Messages of one person stand under one name for this many milliseconds, so that a time is never far.
const GROUP_MILLISECONDS: u64 = 5 * 60 * 1000;

/// Kinds of rows at one offset, in their order from the top.
const GAP: u64 = 0;
const DAY: u64 = 1;
const UNREAD: u64 = 2;
const CONTINUED: u64 = 3;
const HEAD: u64 = CONTINUED + 1;
const KINDS: u64 = 8;

/// The keys of messages on their way begin here, far above 8 × the highest offset.
const UNSENT: u64 = 1 << 60;

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// What is before the first message.
    Start,
    /// Messages are missing: the place of the gap in the transcript.
    Gap(usize),
    /// A new day begins with the message at this place.
    Day(usize),
    /// What follows is unread.
    Unread,
    /// The message at this place of the transcript.
    Message {
        /// The place.
        index: usize,
        /// Whether it begins a group, and so has the name and the time.
        is_head: bool,
    },
    /// A message on its way.
    Unsent {
        /// Its number.
        number: u64,
        /// Whether it begins a group.
        is_head: bool,
    },
}

/// A row and its key. Keys grow from top to bottom, and rows of one key look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyedRow {
    /// The key.
    pub key: u64,
    /// What stands there.
    pub row: Row,
}

impl KeyedRow {
    /// Whether it belongs to the message that the row with this key belongs to, or to a later one.
    pub fn is_of_same_message_or_later(&self, key: u64) -> bool {
        self.key / KINDS >= key / KINDS
    }
}

/// Returns the key of the message at `offset`, as it is where it continues a group.
pub fn message_key(offset: u64) -> u64 {
    offset * KINDS + CONTINUED
}

/// Returns the key that a row has, or would have if it continued a group: one key for each message.
pub fn key_in_group(key: u64) -> u64 {
    if key % KINDS == HEAD { key - 1 } else { key }
}

/// All rows, top to bottom.
pub fn rows(
    transcript: &Transcript,
    outbox: &Outbox,
    unread_line: Option<u64>,
    me: Option<PersonId>,
) -> Vec<KeyedRow> {
    let messages = transcript.messages();
    let mut rows = Vec::with_capacity(messages.len() + 16);
    rows.push(KeyedRow {
        key: 0,
        row: Row::Start,
    });
    let mut gaps = transcript.gaps().iter().enumerate().peekable();
    let mut unread_line = unread_line;
    let mut before: Option<&Message> = None;
    let mut head_time = 0;
    for (index, message) in messages.iter().enumerate() {
        let offset = message.position.offset;
        let key = offset * KINDS;
        let above = rows.len();
        while let Some((gap, _)) = gaps.next_if(|(_, gap)| gap.until < offset) {
            rows.push(KeyedRow {
                key: key + GAP,
                row: Row::Gap(gap),
            });
        }
        if before.is_none_or(|before| before.day != message.day) {
            rows.push(KeyedRow {
                key: key + DAY,
                row: Row::Day(index),
            });
        }
        // The message above which the line stands may be one of a kind that is not shown.
        if unread_line.take_if(|line| *line <= offset).is_some() && before.is_some() {
            rows.push(KeyedRow {
                key: key + UNREAD,
                row: Row::Unread,
            });
        }
        let is_head = rows.len() > above
            || before.is_none_or(|before| before.person != message.person)
            || message.time.saturating_sub(head_time) >= GROUP_MILLISECONDS;
        if is_head {
            head_time = message.time;
        }
        rows.push(KeyedRow {
            key: key + if is_head { HEAD } else { CONTINUED },
            row: Row::Message { index, is_head },
        });
        before = Some(message);
    }
    for (gap, missing) in gaps {
        rows.push(KeyedRow {
            key: (missing.until + 1) * KINDS + GAP,
            row: Row::Gap(gap),
        });
    }
    let mut is_head = before.is_none_or(|before| Some(before.person.id) != me);
    for unsent in outbox.shown() {
        let state = match unsent.state {
            Delivery::Failed(_) => 1,
            _ => 0,
        };
        rows.push(KeyedRow {
            key: UNSENT + unsent.number * KINDS + 2 * state + u64::from(is_head),
            row: Row::Unsent {
                number: unsent.number,
                is_head,
            },
        });
        is_head = false;
    }
    rows
}

#[cfg(test)]
mod tests;
