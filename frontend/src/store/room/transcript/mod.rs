//! What was said, in order, each message once, and where something is missing.

use std::collections::VecDeque;

use roomcast_shared::position::Position;
use roomcast_shared::server_message::GapReason;

use super::incoming::{Gap, HistoryPage, Message};

/// Messages kept on the page of a person who is at the newest ones, so that a tab that stays open for weeks
/// does not grow without end. The older ones can be loaded again.
pub const MAX_MESSAGES: usize = 20_000;

/// Messages kept in any case. A person who has scrolled up may be reading the oldest ones, so it is more
/// than anybody loads by scrolling; a tab that was left there has an end as well.
pub const MAX_MESSAGES_EVER: usize = 60_000;

/// Messages dropped at a time when there are too many.
const DROPPED_MESSAGES: usize = 5_000;

/// What an arriving event was to the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The next one.
    Next,
    /// It was there already, as happens after a reconnect.
    Known,
    /// Events before it are missing and nobody said so: the stream has to be resumed.
    AfterHole,
}

/// What stands before the first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Older messages, which can be loaded.
    Older,
    /// Nothing: it is the first message of the room.
    Nothing,
    /// Messages that are deleted.
    Deleted,
}

/// Messages that are missing between two others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The offset after which the stream went on.
    pub until: u64,
    /// How many events, as far as anybody can say.
    pub events: u64,
    /// Why.
    pub reason: GapReason,
}

/// All that was said, as far as it is loaded.
#[derive(Debug, Default)]
pub struct Transcript {
    messages: VecDeque<Message>,
    gaps: Vec<Missing>,
    /// The highest position up to which nothing is missing.
    position: Option<Position>,
    /// The position that the oldest part starts after.
    start: Option<Position>,
    has_no_older: bool,
    /// Counts the logs that came one after the other.
    generation: u32,
}

impl Transcript {
    /// The messages, oldest first.
    pub fn messages(&self) -> &VecDeque<Message> {
        &self.messages
    }

    /// The holes that were announced, oldest first.
    pub fn gaps(&self) -> &[Missing] {
        &self.gaps
    }

    /// Another number for each log: what an offset meant in one, it does not mean in the next.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The position to resume after: none before the first connection.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Begins after `position`, unless it has begun.
    pub fn begin(&mut self, position: Position) {
        if self.position.is_none() {
            self.position = Some(position);
            self.start = Some(position);
        }
    }

    /// Takes note that an event of any kind stands at `position`.
    pub fn advance(&mut self, position: Position) -> Arrival {
        let Some(reached) = self.position else {
            return Arrival::AfterHole;
        };
        if position.epoch != reached.epoch || position.offset > reached.offset + 1 {
            return Arrival::AfterHole;
        }
        if position.offset <= reached.offset {
            return Arrival::Known;
        }
        self.position = Some(position);
        Arrival::Next
    }

    /// Takes a message in, if it is the next one.
    pub fn accept(&mut self, message: Message) -> Arrival {
        let arrival = self.advance(message.position);
        if arrival == Arrival::Next {
            self.messages.push_back(message);
        }
        arrival
    }

    /// Takes note that messages are missing. Of another log than the one so far nothing fits any more:
    /// what was there is dropped, and everything that there is follows.
    pub fn miss(&mut self, gap: Gap) {
        let is_same_log = gap.reason == GapReason::Expired;
        if !is_same_log {
            self.messages.clear();
            self.gaps.clear();
            self.start = Some(gap.position);
            self.has_no_older = false;
            self.generation += 1;
        }
        self.gaps.push(Missing {
            until: gap.position.offset,
            events: if is_same_log {
                gap.position.offset.saturating_sub(gap.after.offset)
            } else {
                0
            },
            reason: gap.reason,
        });
        self.position = Some(gap.position);
    }

    /// The position before which older messages are to be asked for; none when there are none.
    pub fn oldest(&self) -> Option<Position> {
        let start = self.start?;
        (self.before() == Before::Older).then_some(Position {
            offset: start.offset + 1,
            ..start
        })
    }

    /// What stands before the first message.
    pub fn before(&self) -> Before {
        match self.start {
            Some(start) if start.offset == 0 => Before::Nothing,
            _ if self.has_no_older => Before::Deleted,
            _ => Before::Older,
        }
    }

    /// Puts a page of history that ends before [`Self::oldest`] in front. It says whether it did:
    /// a page that does not fit, for instance because the log was replaced meanwhile, is left out.
    pub fn prepend(&mut self, asked: Position, page: HistoryPage) -> bool {
        if self.oldest() != Some(asked) || page.is_of_another_log {
            return false;
        }
        let mut next = asked.offset;
        for message in page.messages.into_iter().rev() {
            // A message that is before the one before it; anything else is no page of this room.
            if message.position.epoch == asked.epoch && message.position.offset < next {
                next = message.position.offset;
                self.messages.push_front(message);
            }
        }
        self.start = Some(Position {
            offset: next.saturating_sub(1),
            ..asked
        });
        self.has_no_older = !page.has_older;
        true
    }

    /// Drops the oldest messages when there are more than `most`, and some more, so that it is seldom done.
    pub fn trim(&mut self, most: usize) {
        if self.messages.len() <= most {
            return;
        }
        let kept = most.saturating_sub(DROPPED_MESSAGES);
        self.messages.drain(..self.messages.len() - kept);
        if let Some(first) = self.messages.front() {
            let start = Position {
                offset: first.position.offset - 1,
                ..first.position
            };
            self.gaps.retain(|gap| gap.until > start.offset);
            self.start = Some(start);
            self.has_no_older = false;
        }
    }
}

#[cfg(test)]
mod tests;
