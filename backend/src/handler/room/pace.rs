//! How fast one client is listened to.

use std::time::Duration;

use tokio::time::Instant;

use crate::defaults::CLIENT_MESSAGES_PER_SECOND;

/// How many messages a client may send at once before it is read at the steady rate, as time.
const BURST: Duration = Duration::from_secs(2);

/// Lets a client that sends without a break wait: then its socket fills, and it stops.
#[derive(Debug)]
pub(super) struct Pace {
    /// How far the client is ahead of the steady rate.
    ahead_until: Instant,
}

impl Pace {
    /// The pace of a client that has sent nothing.
    pub(super) fn new() -> Self {
        Self {
            ahead_until: Instant::now(),
        }
    }

    /// Counts a message; says when it may be heard, if not at once.
    pub(super) fn count(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.ahead_until =
            self.ahead_until.max(now) + Duration::from_secs(1) / CLIENT_MESSAGES_PER_SECOND;
        let until = self.ahead_until.checked_sub(BURST);
        until.filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep_until;

    use super::*;

    impl Pace {
        async fn keep(&mut self) {
            if let Some(until) = self.count() {
                sleep_until(until).await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn two_seconds_worth_of_messages_are_read_at_once_and_then_fifty_a_second() {
        let started = Instant::now();
        let mut pace = Pace::new();
        for _ in 0..100 {
            pace.keep().await;
        }
        assert_eq!(started.elapsed(), Duration::ZERO);
        for _ in 0..50 {
            pace.keep().await;
        }
        assert_eq!(started.elapsed().as_millis(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_quiet_may_say_much_at_once_again() {
        let mut pace = Pace::new();
        for _ in 0..100 {
            pace.keep().await;
        }
        tokio::time::advance(BURST).await;
        let started = Instant::now();
        for _ in 0..100 {
            pace.keep().await;
        }
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
