//! A cursor's events in time: paced, kept alive, ended by the stop signal.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use crate::prime::cursor::Cursor;
use crate::prime::search_limit::SearchPermit;
use crate::shutdown::Shutdown;

/// How long a stream may be silent before a comment is sent. The HTML standard advises one about
/// every 15 s, because proxies drop quiet connections (section 9.2.7).
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);

/// A comment without text, which readers ignore.
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// The body of a stream of primes, piece by piece.
///
/// Nothing is computed ahead of the reader but what it gets next.
#[derive(Debug)]
pub struct PrimeStream {
    cursor: Cursor,
    interval: Duration,
    shutdown: Shutdown,
    /// A piece to send before everything else.
    preface: Option<Bytes>,
    next_event: Instant,
    next_heartbeat: Instant,
    /// The reader's place among those who have searches.
    permit: Option<SearchPermit>,
}

impl PrimeStream {
    /// Streams the events of `cursor`: the first one at once, then one every `interval`. When that
    /// is zero, as many at once as are ready, as fast as they are taken.
    pub fn new(cursor: Cursor, interval: Duration, shutdown: Shutdown) -> Self {
        let now = Instant::now();
        Self {
            cursor,
            interval,
            shutdown,
            preface: None,
            next_event: now,
            next_heartbeat: now + HEARTBEAT_INTERVAL,
            permit: None,
        }
    }

    /// Holds a place for searches until the stream is dropped (see [`Primes::admit`]).
    ///
    /// [`Primes::admit`]: crate::prime::Primes::admit
    #[must_use]
    pub fn with_permit(mut self, permit: Option<SearchPermit>) -> Self {
        self.permit = permit;
        self
    }

    /// Sends `preface`, part of an event stream, before the first event.
    #[must_use]
    pub fn with_preface(mut self, preface: Bytes) -> Self {
        self.preface = Some(preface);
        self
    }

    /// The next piece of the body: events or a heartbeat. `None` after the last event, or when the
    /// server stops.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken nothing.
    pub async fn next(&mut self) -> Option<Bytes> {
        if self.shutdown.is_requested() {
            return None;
        }
        if let Some(preface) = self.preface.take() {
            return Some(preface);
        }
        if self.cursor.is_at_end() {
            return None;
        }
        let is_heartbeat = if self.interval.is_zero() && self.cursor.is_ready() {
            false
        } else {
            tokio::select! {
                biased;
                () = self.shutdown.requested() => return None,
                () = due(&mut self.cursor, self.next_event) => false,
                () = sleep_until(self.next_heartbeat) => true,
            }
        };
        let piece = if is_heartbeat { HEARTBEAT } else { self.take() };
        self.next_heartbeat = Instant::now() + HEARTBEAT_INTERVAL;
        Some(piece)
    }

    fn take(&mut self) -> Bytes {
        if self.interval.is_zero() {
            return self.cursor.take(u64::MAX);
        }
        let now = Instant::now();
        self.next_event += self.interval;
        if self.next_event <= now {
            // A reader that was slow gets no burst of what it missed.
            self.next_event = now + self.interval;
        }
        self.cursor.take(1)
    }
}

/// Waits until the next event is both due and computed, so that a long search begins before its
/// event is due.
async fn due(cursor: &mut Cursor, time: Instant) {
    cursor.ready().await;
    if Instant::now() < time {
        sleep_until(time).await;
    }
}
