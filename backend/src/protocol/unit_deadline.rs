//! A deadline for what a peer has begun to send: a request's head, a chunk's first line, a header block.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Times one unit of input after another, each from its first byte on. Keeps no timer while nothing is begun.
#[derive(Debug)]
pub(super) struct UnitDeadline {
    timeout: Duration,
    /// The unit that is timed, by its number.
    running: Option<(u64, Pin<Box<Sleep>>)>,
}

impl UnitDeadline {
    /// Gives each unit this much time.
    pub(super) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            running: None,
        }
    }

    /// Says which unit is begun and not complete, if any; the time of another one starts now.
    pub(super) fn note(&mut self, unit: Option<u64>) {
        let running = self.running.as_ref().map(|(unit, _)| *unit);
        if unit != running {
            let deadline = Instant::now() + self.timeout;
            self.running = unit.map(|unit| (unit, Box::pin(sleep_until(deadline))));
        }
    }

    /// Ready once the time of the unit is over.
    pub(super) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.running {
            Some((_, timer)) => timer.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn each_unit_has_its_time_from_when_it_began() {
        let mut deadline = UnitDeadline::new(TIMEOUT);
        let begin = Instant::now();
        deadline.note(Some(1));
        tokio::time::advance(TIMEOUT / 2).await;
        deadline.note(Some(1));
        tokio::time::advance(TIMEOUT / 4).await;
        deadline.note(Some(2));

        poll_fn(|cx| deadline.poll_elapsed(cx)).await;

        assert_eq!(begin.elapsed(), TIMEOUT * 3 / 4 + TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_timed_between_units() {
        let mut deadline = UnitDeadline::new(TIMEOUT);
        deadline.note(Some(1));
        deadline.note(None);
        let waiting = poll_fn(|cx| deadline.poll_elapsed(cx));
        let result = tokio::time::timeout(TIMEOUT * 9, waiting).await;
        assert!(result.is_err());
    }
}
