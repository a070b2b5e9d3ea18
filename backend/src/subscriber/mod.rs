//! The one way in which anybody receives a room: read after the cursor, hand it over, wait.
//!
//! A [`Subscriber`] owns a cursor and nothing else that grows. Whoever has the socket asks it for
//! the [next](Subscriber::next) bytes when the socket takes some, so a slow reader is just a
//! cursor further behind: it finds the newest events in memory and older ones in the log, and is
//! told of a gap when they are deleted.

mod start;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use roomcast_shared::server_message::{Gap, GapReason, ServerMessage};

use crate::event_log::LogError;
use crate::room::page::Page;
use crate::room::{Lease, Outlet, Room, Signal, Waiter};
use crate::transport::Format;
pub use start::{Start, StartError};

/// Small pieces that are there at once are handed over together, up to this length, in bytes:
/// copying them costs less than a write for each.
const MAX_GATHERED_BYTES: usize = 16 * 1024;

/// A piece from this length on, in bytes, is handed over alone: a write for it costs no more than
/// a copy for each reader.
const MIN_SHARED_BYTES: usize = 4 * 1024;

/// A place in a room's log, and what was said since.
pub struct Subscriber {
    lease: Lease,
    format: Format,
    waiter: Waiter,
    /// What is to be said before everything else.
    opening: Option<Bytes>,
    /// The offset of the last event that was handed over.
    cursor: u64,
    /// Until the cursor is here, events are history; then that is said, once.
    history_ends_at: Option<u64>,
    /// The announcements that were handed over.
    people: u64,
    typing: u64,
    /// While events are read from the log, nothing is handed over that would come after them.
    reading: Option<Reading>,
}

/// Reads events that are no longer in memory, and says where the head was then.
type Reading = Pin<Box<dyn Future<Output = Result<(Option<Arc<Page>>, u64), LogError>> + Send>>;

impl Subscriber {
    /// The next bytes for the reader: everything that is there, as far as it stands together in
    /// memory. Waits when there is nothing. Never empty.
    ///
    /// # Errors
    /// [`LogError`] when older events cannot be read. The cursor stays where it was.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has moved nothing.
    pub async fn next(&mut self) -> Result<Bytes, LogError> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`Subscriber::next`] for those who poll.
    ///
    /// # Errors
    /// As [`Subscriber::next`].
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, LogError>> {
        loop {
            if let Some(bytes) = self.next_in_memory() {
                return Poll::Ready(Ok(bytes));
            }
            if let Some(reading) = &mut self.reading {
                let read = ready!(reading.as_mut().poll(cx));
                self.reading = None;
                let (page, head) = read?;
                let bytes = self.take_from_log(page.as_deref(), head);
                if !bytes.is_empty() {
                    return Poll::Ready(Ok(bytes));
                }
                continue;
            }
            let head = self.waiter.signal().head;
            if self.cursor < head {
                let (room, cursor) = (self.room().clone(), self.cursor);
                let read = async move { Ok((room.older_page(cursor).await?, head)) };
                self.reading = Some(Box::pin(read));
                continue;
            }
            let (cursor, people, typing) = (self.cursor, self.people, self.typing);
            let is_news = |signal: Signal| {
                signal.head > cursor || signal.people > people || signal.typing > typing
            };
            ready!(self.waiter.poll_for(cx, is_news));
        }
    }

    /// From the first wait on, what is new is handed to `outlet`, which asks for it by
    /// [`Subscriber::next_in_memory`], and the task that waits is woken by nobody else.
    pub(crate) fn deliver_to(&mut self, outlet: Weak<dyn Outlet>) {
        self.waiter.deliver_to(outlet);
    }

    /// Whether there are events that [`Subscriber::next_in_memory`] does not have.
    pub(crate) fn is_behind(&self) -> bool {
        self.cursor < self.waiter.signal().head
    }

    /// The next bytes if they are there without waiting.
    pub fn next_in_memory(&mut self) -> Option<Bytes> {
        if self.reading.is_some() {
            return None;
        }
        let first = self.next_piece()?;
        if first.len() >= MIN_SHARED_BYTES {
            return Some(first);
        }
        let mut gathered = BytesMut::new();
        while gathered.len() + first.len() < MAX_GATHERED_BYTES {
            let Some(piece) = self.next_piece() else {
                break;
            };
            if gathered.is_empty() {
                gathered.extend_from_slice(&first);
            }
            gathered.extend_from_slice(&piece);
        }
        // One piece alone, the usual case, is shared with all other readers.
        Some(if gathered.is_empty() {
            first
        } else {
            gathered.freeze()
        })
    }

    /// The person leaves for good.
    pub fn say_goodbye(self) {
        self.lease.say_goodbye();
    }

    /// The room that is read.
    pub fn room(&self) -> &Arc<Room> {
        self.lease.room()
    }

    /// What is there without reading the log, one piece of it; never empty.
    fn next_piece(&mut self) -> Option<Bytes> {
        loop {
            if let Some(opening) = self.opening.take() {
                return Some(opening);
            }
            let signal = self.waiter.signal();
            let bytes = if self.cursor < signal.head {
                let page = self.room().recent_page(self.cursor)?;
                let bytes = page.after(self.cursor, self.format);
                self.cursor = page.last();
                bytes
            } else if self.history_ends_at.is_some_and(|end| self.cursor >= end) {
                self.history_ends_at = None;
                let position = self.room().position(self.cursor);
                self.format.encode(&ServerMessage::CaughtUp { position })
            } else if self.people < signal.people {
                self.people = signal.people;
                let people = self.room().people_announcement(signal.people);
                people.encoded(self.format)
            } else if self.typing < signal.typing {
                self.typing = signal.typing;
                let typing = self.room().typing_announcement(signal.typing);
                typing.encoded(self.format)
            } else {
                return None;
            };
            // Not every format has a place for everything.
            if !bytes.is_empty() {
                return Some(bytes);
            }
        }
    }

    /// Events that are no longer in memory, or the gap where they are no longer anywhere.
    fn take_from_log(&mut self, page: Option<&Page>, head: u64) -> Bytes {
        let first = page.map_or(head + 1, Page::first);
        if first > self.cursor + 1 {
            let gap = Gap {
                reason: GapReason::Expired,
                after: self.room().position(self.cursor),
                position: self.room().position(first - 1),
            };
            self.cursor = first - 1;
            return self.format.encode(&ServerMessage::Gap(gap));
        }
        let Some(page) = page else {
            return Bytes::new();
        };
        let bytes = page.after(self.cursor, self.format);
        self.cursor = page.last();
        bytes
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("lease", &self.lease)
            .field("format", &self.format)
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}
