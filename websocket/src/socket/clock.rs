//! What is due when a peer does nothing: pings, and the ends of patience.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

use crate::config::Timeouts;

/// What has become due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The peer was silent and is to be pinged.
    Ping,
    /// The peer did not answer a ping in time.
    PongTimeout,
    /// The peer took nothing of what waits to be written in time.
    WriteTimeout,
    /// The closing handshake was not finished in time.
    CloseTimeout,
}

/// Watches the signs of life of one peer with a single timer.
#[derive(Debug)]
pub(super) struct Clock {
    timeouts: Timeouts,
    /// Armed for the earliest thing due, or for earlier: setting it back on every byte would
    /// cost more than waking once too often.
    timer: Option<Pin<Box<Sleep>>>,
    alive_at: Instant,
    pinged_at: Option<Instant>,
    blocked_at: Option<Instant>,
}

impl Clock {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            timer: None,
            alive_at: Instant::now(),
            pinged_at: None,
            blocked_at: None,
        }
    }

    /// The peer sent something.
    pub(super) fn received(&mut self) {
        self.alive_at = Instant::now();
        self.pinged_at = None;
    }

    /// The peer was pinged.
    pub(super) fn pinged(&mut self) {
        self.pinged_at = Some(Instant::now());
    }

    /// So much was written, and more waits if it `blocked`.
    ///
    /// Progress after being blocked shows that the peer reads, so a slow reader that takes a
    /// long time to come to our ping is not taken for dead.
    pub(super) fn written(&mut self, bytes: usize, blocked: bool) {
        let was_blocked = self.blocked_at.is_some();
        if was_blocked && bytes > 0 {
            self.received();
        }
        if !blocked {
            self.blocked_at = None;
        } else if !was_blocked || bytes > 0 {
            self.blocked_at = Some(Instant::now());
        }
    }

    /// What is written from now on has a new time: the peer gets a last chance to read it.
    pub(super) fn forgive(&mut self) {
        self.blocked_at = None;
    }

    /// When a closing handshake that begins now has to be finished; `None` for never.
    pub(super) fn close_deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(self.timeouts.close_timeout)
    }

    /// Waits for what is due next on an open connection.
    pub(super) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        let life = match (self.blocked_at, self.pinged_at) {
            // A ping waits behind what is blocked: until it is out, only progress counts.
            (Some(_), _) => None,
            (None, Some(at)) => due(at.checked_add(self.timeouts.pong_timeout), Due::PongTimeout),
            (None, None) => due(
                self.alive_at.checked_add(self.timeouts.ping_interval),
                Due::Ping,
            ),
        };
        self.poll_earlier(cx, life)
    }

    /// Waits for what is due next once we have sent a Close frame, or while only writing counts.
    pub(super) fn poll_closing(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<Due> {
        self.poll_earlier(cx, due(deadline, Due::CloseTimeout))
    }

    fn poll_earlier(&mut self, cx: &mut Context<'_>, other: Option<(Instant, Due)>) -> Poll<Due> {
        let write = self.blocked_at.and_then(|at| {
            due(
                at.checked_add(self.timeouts.write_timeout),
                Due::WriteTimeout,
            )
        });
        let Some((at, due)) = write.into_iter().chain(other).min_by_key(|(at, _)| *at) else {
            return Poll::Pending;
        };
        loop {
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if timer.deadline() > at {
                timer.as_mut().reset(at);
            }
            // It is armed for `at` or for earlier, so that as a rule nobody needs to know the time.
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if Instant::now() >= at {
                return Poll::Ready(due);
            }
            timer.as_mut().reset(at);
        }
    }
}

fn due(at: Option<Instant>, due: Due) -> Option<(Instant, Due)> {
    at.map(|at| (at, due))
}
