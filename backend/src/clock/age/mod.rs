//! Clock by which ages are measured that lead to a deletion.

mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use state::AgeClockState;
use state::Change;

use super::{Clock, in_words, milliseconds};

/// Time for which a server may be off without a warning when it starts.
const WORTH_A_WARNING: Duration = Duration::from_hours(24);

/// Clock that only goes forward, at the pace of monotonic time.
///
/// Its time is a number of milliseconds that is stored with what may be deleted one day (a stamp).
/// Stamps are in the order in which they were given, whatever the wall clock did. The wall clock
/// counts only for time in which nobody measured: while the server was off, or the machine stood
/// still. A jump of the wall clock forward is kept as a [gap](state::Gap), which makes
/// everything before it older once the clock has been steady for some time. A jump back takes
/// back the gaps that were not yet confirmed, and deletes nothing.
#[derive(Debug)]
pub(crate) struct AgeClock {
    clock: Arc<dyn Clock>,
    /// Running time for which the wall clock must keep pace before a gap counts.
    steady_time: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: AgeClockState,
    /// Monotonic time at which `state` was true.
    read_at: Duration,
    /// How far the wall clock was behind when that was last logged, in milliseconds.
    reported_behind: u64,
}

impl AgeClock {
    /// Returns a clock that goes on from `stored`, or a new one that starts at the wall clock's
    /// time.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        steady_time: Duration,
        stored: Option<AgeClockState>,
    ) -> Self {
        let reading = clock.read();
        let wall = reading.wall.map(milliseconds);
        let state = stored.unwrap_or_else(|| AgeClockState::new(wall));
        let mut inner = Inner {
            state,
            read_at: reading.monotonic,
            reported_behind: 0,
        };
        let change = inner.state.restart(wall, milliseconds(steady_time));
        if let Change::Forward(off) = change
            && off < milliseconds(WORTH_A_WARNING)
        {
            tracing::info!("the server was off for {}", in_words(off));
        } else {
            inner.report(change, steady_time);
        }
        Self {
            clock,
            steady_time,
            inner: Mutex::new(inner),
        }
    }

    /// Returns the stamp of this moment, in milliseconds. Never less than an earlier one.
    pub(crate) fn now(&self) -> u64 {
        let monotonic = self.clock.read().monotonic;
        let inner = self.inner();
        let elapsed = monotonic.saturating_sub(inner.read_at);
        inner.state.now.saturating_add(milliseconds(elapsed))
    }

    /// Returns the stamp before which everything is older than `max_age`.
    pub(crate) fn cutoff(&self, max_age: Duration) -> u64 {
        let now = self.now();
        let inner = self.inner();
        inner
            .state
            .cutoff(now, milliseconds(max_age), milliseconds(self.steady_time))
    }

    /// Compares the wall clock with what is expected of it, and logs a jump. Called about once a
    /// minute. Returns the state, to be stored for the next start.
    pub(crate) fn observe(&self) -> AgeClockState {
        let reading = self.clock.read();
        let mut inner = self.inner();
        // Whole milliseconds, so that no fraction is lost.
        let elapsed = milliseconds(reading.monotonic.saturating_sub(inner.read_at));
        inner.read_at += Duration::from_millis(elapsed);
        let wall = reading.wall.map(milliseconds);
        let steady_time = milliseconds(self.steady_time);
        let change = inner.state.advance(elapsed, wall, steady_time);
        inner.report(change, self.steady_time);
        inner.state.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn report(&mut self, change: Change, steady_time: Duration) {
        let wait = in_words(milliseconds(steady_time));
        match change {
            Change::None => self.reported_behind = 0,
            Change::Forward(by) => tracing::warn!(
                "the wall clock is {} ahead of the time in which this store was in use: what that \
                 makes too old is deleted once the clock has been steady for {wait}",
                in_words(by)
            ),
            Change::Back(by) => tracing::warn!(
                "the wall clock went back by {}: nothing is deleted by the time that it showed",
                in_words(by)
            ),
            Change::Behind(by) => {
                if by.abs_diff(self.reported_behind) > milliseconds(super::steadiness::TOLERANCE) {
                    self.reported_behind = by;
                    tracing::warn!(
                        "the wall clock is {} behind the time of this store: ages are measured by \
                         the time that the server runs",
                        in_words(by)
                    );
                }
            }
            Change::Confirmed(by) => tracing::warn!(
                "the wall clock has been steady for {wait} after it went forward by {}: what was \
                 kept before is older by that",
                in_words(by)
            ),
        }
    }
}
