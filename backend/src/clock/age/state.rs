//! Arithmetic of the [`AgeClock`](super::AgeClock), without a clock.

use serde::{Deserialize, Serialize};

use crate::clock::milliseconds;
use crate::clock::steadiness::TOLERANCE;

/// Most gaps that are remembered. Each is more than [`TOLERANCE`], and a server that starts once
/// a day makes one a day.
const MAX_GAPS: usize = 1_000;

/// State of the clock, as it is stored. All times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AgeClockState {
    /// Stamp of the moment.
    pub(crate) now: u64,
    /// Difference of the wall clock to `now` and the gaps. `None` until the wall clock is set.
    pub(super) wall_offset: Option<i64>,
    /// Time that passed although nobody measured it, oldest first.
    pub(super) gaps: Vec<Gap>,
}

/// Time by which the wall clock went forward more than monotonic time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gap {
    /// Last stamp before the gap.
    pub(super) after: u64,
    /// Length of the gap.
    pub(super) length: u64,
    /// Running time for which the wall clock has kept pace since.
    pub(super) steady: u64,
}

/// Change that was found when the wall clock was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The clock keeps pace.
    None,
    /// It is ahead by so much, which nothing explains yet.
    Forward(u64),
    /// It went back by so much of what was not confirmed.
    Back(u64),
    /// It is behind by so much.
    Behind(u64),
    /// A gap of so much counts from now on.
    Confirmed(u64),
}

impl AgeClockState {
    /// Returns the state of a new store.
    pub(crate) fn new(wall: Option<u64>) -> Self {
        Self {
            now: wall.unwrap_or_default(),
            wall_offset: wall.map(|_| 0),
            gaps: Vec::new(),
        }
    }

    /// Returns the state of a store whose stamps were times of the wall clock, the newest of them
    /// at `now`.
    pub(crate) fn from_wall_times(now: u64) -> Self {
        Self {
            now,
            wall_offset: Some(0),
            gaps: Vec::new(),
        }
    }

    /// Goes on in a new process. The server was off for as long as the wall clock says, if that
    /// proves right. Gaps from before go on being confirmed.
    pub(super) fn restart(&mut self, wall: Option<u64>, steady_time: u64) -> Change {
        let before = self.now;
        // Stamps from now on are after a gap that begins here.
        self.now = self.now.saturating_add(1);
        self.compare(before, wall, steady_time)
    }

    /// Lets `elapsed` monotonic time pass, then compares the wall clock with what is expected.
    pub(super) fn advance(&mut self, elapsed: u64, wall: Option<u64>, steady_time: u64) -> Change {
        let before = self.now;
        self.now = self.now.saturating_add(elapsed);
        let change = self.compare(before, wall, steady_time);
        match change {
            Change::None if wall.is_some() => self.confirm(elapsed, steady_time),
            Change::Forward(by) if by > 2 * milliseconds(TOLERANCE) => {
                // A clock that jumps about is not to be trusted with earlier gaps either.
                for gap in self.pending(steady_time) {
                    gap.steady = 0;
                }
                change
            }
            _ => change,
        }
    }

    /// Returns the stamp before which everything is older than `max_age` at the moment `now`,
    /// counting the gaps that were confirmed.
    pub(super) fn cutoff(&self, now: u64, max_age: u64, steady_time: u64) -> u64 {
        let (mut end, mut left) = (now, max_age);
        let confirmed = |gap: &&Gap| gap.steady >= steady_time;
        for gap in self.gaps.iter().rev().filter(confirmed) {
            let since = end.saturating_sub(gap.after);
            if left <= since {
                break;
            }
            left -= since;
            end = gap.after;
            if left <= gap.length {
                return end.saturating_add(1);
            }
            left -= gap.length;
        }
        end.saturating_sub(left)
    }

    /// Compares the wall clock with what is expected of it at `self.now`. `before` is the newest
    /// stamp at which it was known to be right.
    fn compare(&mut self, before: u64, wall: Option<u64>, steady_time: u64) -> Change {
        let Some(wall) = wall.and_then(|wall| i64::try_from(wall).ok()) else {
            return Change::None;
        };
        let gaps = self.gaps.iter().map(|gap| gap.length).sum::<u64>();
        let measured = i64::try_from(self.now.saturating_add(gaps)).unwrap_or(i64::MAX);
        let Some(offset) = self.wall_offset else {
            self.wall_offset = Some(wall.saturating_sub(measured));
            return Change::None;
        };
        let deviation = wall.saturating_sub(measured).saturating_sub(offset);
        let size = deviation.unsigned_abs();
        if size <= milliseconds(TOLERANCE) {
            Change::None
        } else if deviation > 0 {
            self.add_gap(Gap {
                after: before,
                length: size,
                steady: 0,
            });
            Change::Forward(size)
        } else {
            self.take_back(size, steady_time)
        }
    }

    fn add_gap(&mut self, gap: Gap) {
        if self.gaps.len() >= MAX_GAPS {
            // What is older than that gap counts as younger from now on: it is kept for longer.
            let oldest = self.gaps.remove(0);
            let length = i64::try_from(oldest.length).unwrap_or(i64::MAX);
            self.wall_offset = self.wall_offset.map(|offset| offset.saturating_add(length));
        }
        self.gaps.push(gap);
    }

    fn pending(&mut self, steady_time: u64) -> impl Iterator<Item = &mut Gap> {
        let is_pending = move |gap: &&mut Gap| gap.steady < steady_time;
        self.gaps.iter_mut().filter(is_pending)
    }

    /// Counts time in which the wall clock kept pace.
    fn confirm(&mut self, elapsed: u64, steady_time: u64) -> Change {
        let mut confirmed = 0_u64;
        for gap in self.pending(steady_time) {
            gap.steady = gap.steady.saturating_add(elapsed);
            if gap.steady >= steady_time {
                confirmed = confirmed.saturating_add(gap.length);
            }
        }
        if confirmed > 0 {
            Change::Confirmed(confirmed)
        } else {
            Change::None
        }
    }

    /// Shortens the newest gaps that were not confirmed, as the wall clock is behind by `size`.
    /// What was confirmed stays: ages do not shrink.
    fn take_back(&mut self, size: u64, steady_time: u64) -> Change {
        let mut left = size;
        while left > 0
            && let Some(gap) = self.gaps.last_mut()
            && gap.steady < steady_time
        {
            let taken = gap.length.min(left);
            gap.length -= taken;
            gap.steady = 0;
            left -= taken;
            if gap.length > 0 {
                break;
            }
            self.gaps.pop();
        }
        if left < size {
            Change::Back(size - left)
        } else {
            Change::Behind(size)
        }
    }
}
