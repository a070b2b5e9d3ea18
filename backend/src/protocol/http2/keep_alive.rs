//! When a quiet connection is asked for a sign of life, and when it is given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Counts the streams of a connection that are being served, and knows since when there are
/// none.
#[derive(Clone, Debug)]
pub(super) struct ActiveStreams(Arc<Activity>);

#[derive(Debug)]
struct Activity {
    started: Instant,
    count: AtomicUsize,
    idle_since_milliseconds: AtomicU64,
}

impl ActiveStreams {
    pub(super) fn new() -> Self {
        Self(Arc::new(Activity {
            started: Instant::now(),
            count: AtomicUsize::new(0),
            idle_since_milliseconds: AtomicU64::new(0),
        }))
    }

    /// One more stream, until the guard is dropped.
    pub(super) fn begin(&self) -> ActiveStream {
        self.0.count.fetch_add(1, Ordering::Relaxed);
        ActiveStream(self.0.clone())
    }

    /// Since when no stream is open; `None` while one is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        if self.0.count.load(Ordering::Acquire) > 0 {
            return None;
        }
        let milliseconds = self.0.idle_since_milliseconds.load(Ordering::Relaxed);
        Some(self.0.started + Duration::from_millis(milliseconds))
    }
}

/// A stream that is being served.
#[derive(Debug)]
pub(super) struct ActiveStream(Arc<Activity>);

impl Drop for ActiveStream {
    fn drop(&mut self) {
        let milliseconds = u64::try_from(self.0.started.elapsed().as_millis());
        self.0
            .idle_since_milliseconds
            .store(milliseconds.unwrap_or(u64::MAX), Ordering::Relaxed);
        self.0.count.fetch_sub(1, Ordering::Release);
    }
}

/// The times that rule a quiet connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeepAlive {
    /// Silence after which a peer with open streams is pinged.
    pub(super) interval: Duration,
    /// Time for the answer.
    pub(super) timeout: Duration,
    /// Time without any stream.
    pub(super) idle_timeout: Duration,
    /// When a PING was sent that was not answered yet.
    pinged: Option<Instant>,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing before this moment.
    WaitUntil(Instant),
    /// Send a PING.
    Ping,
    /// Nobody asked for anything for too long: say GOAWAY.
    CloseIdle,
    /// The peer is gone.
    CloseDead,
}

impl KeepAlive {
    pub(super) fn new(interval: Duration, timeout: Duration, idle_timeout: Duration) -> Self {
        Self {
            interval,
            timeout,
            idle_timeout,
            pinged: None,
        }
    }

    /// Decides by when the peer was last heard of and since when no stream is open.
    pub(super) fn action(
        &mut self,
        now: Instant,
        last_read: Instant,
        idle_since: Option<Instant>,
    ) -> Action {
        if let Some(pinged) = self.pinged {
            let deadline = pinged + self.timeout;
            if last_read >= pinged {
                self.pinged = None;
            } else if now >= deadline {
                return Action::CloseDead;
            } else {
                return Action::WaitUntil(deadline);
            }
        }
        if let Some(idle_since) = idle_since {
            let deadline = idle_since + self.idle_timeout;
            return if now >= deadline {
                Action::CloseIdle
            } else {
                // A stream may begin and end meanwhile, so look again after an interval.
                Action::WaitUntil(deadline.min(now + self.interval))
            };
        }
        let deadline = last_read + self.interval;
        if now >= deadline {
            self.pinged = Some(now);
            Action::Ping
        } else {
            Action::WaitUntil(deadline)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(20);
    const TIMEOUT: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_mins(2);

    fn keep_alive() -> KeepAlive {
        KeepAlive::new(INTERVAL, TIMEOUT, IDLE)
    }

    #[test]
    fn a_silent_peer_with_open_streams_is_pinged_and_then_given_up() {
        let start = Instant::now();
        let mut rule = keep_alive();
        assert_eq!(
            rule.action(start, start, None),
            Action::WaitUntil(start + INTERVAL)
        );
        assert_eq!(rule.action(start + INTERVAL, start, None), Action::Ping);
        let deadline = start + INTERVAL + TIMEOUT;
        assert_eq!(
            rule.action(start + INTERVAL, start, None),
            Action::WaitUntil(deadline)
        );
        assert_eq!(rule.action(deadline, start, None), Action::CloseDead);
    }

    #[test]
    fn any_sign_of_life_answers_the_ping() {
        let start = Instant::now();
        let mut rule = keep_alive();
        assert_eq!(rule.action(start + INTERVAL, start, None), Action::Ping);
        let heard = start + INTERVAL + TIMEOUT / 2;
        assert_eq!(
            rule.action(start + INTERVAL + TIMEOUT, heard, None),
            Action::WaitUntil(heard + INTERVAL)
        );
    }

    #[test]
    fn pings_of_an_idle_peer_do_not_keep_its_connection_open() {
        let start = Instant::now();
        let chatty = start + IDLE;
        assert_eq!(
            keep_alive().action(start + IDLE, chatty, Some(start)),
            Action::CloseIdle
        );
    }

    #[tokio::test(start_paused = true)]
    async fn idleness_begins_when_the_last_stream_ends() {
        let streams = ActiveStreams::new();
        let (first, second) = (streams.begin(), streams.begin());
        drop(first);
        assert_eq!(streams.idle_since(), None);
        tokio::time::advance(Duration::from_secs(7)).await;
        drop(second);
        assert_eq!(streams.idle_since(), Some(Instant::now()));
    }
}
