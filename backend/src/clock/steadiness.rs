//! How long the wall clock has kept pace with monotonic time.

use std::time::Duration;

use super::Reading;

/// Difference up to which two clocks keep pace. Slewing moves a clock by up to 43 s a day.
pub(super) const TOLERANCE: Duration = Duration::from_mins(1);

/// Watches the wall clock for jumps.
#[derive(Debug, Default)]
pub(crate) struct Steadiness {
    /// Reading since which the clock has not jumped.
    since: Option<Reading>,
}

impl Steadiness {
    /// Compares a reading with the earlier ones. Returns for how long, in monotonic time, the
    /// wall clock has not jumped; zero while it is not set.
    pub(crate) fn observe(&mut self, reading: Reading) -> Duration {
        let steady = self.since.and_then(|since| {
            let steady = reading.monotonic.checked_sub(since.monotonic)?;
            let expected = since.wall? + steady;
            (reading.wall?.abs_diff(expected) <= TOLERANCE).then_some(steady)
        });
        steady.unwrap_or_else(|| {
            self.since = Some(reading);
            Duration::ZERO
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Clock as _, ManualClock};
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn start() -> Duration {
        Duration::from_hours(500_000)
    }

    #[test]
    fn a_clock_is_steady_for_as_long_as_it_keeps_pace() {
        let clock = ManualClock::at(start());
        let mut steadiness = Steadiness::default();
        assert_eq!(steadiness.observe(clock.read()), Duration::ZERO);
        clock.advance(HOUR);
        clock.jump(30);
        assert_eq!(steadiness.observe(clock.read()), HOUR);
    }

    #[test]
    fn a_jump_in_either_direction_starts_the_count_anew() {
        let clock = ManualClock::at(start());
        let mut steadiness = Steadiness::default();
        for jump in [120, -120, 40 * 86_400, -10 * 365 * 86_400] {
            steadiness.observe(clock.read());
            clock.advance(HOUR);
            clock.jump(jump);
            assert_eq!(steadiness.observe(clock.read()), Duration::ZERO, "{jump}");
        }
        clock.advance(HOUR);
        assert_eq!(steadiness.observe(clock.read()), HOUR);
    }

    #[test]
    fn a_clock_that_is_not_set_is_never_steady() {
        let clock = ManualClock::at(Duration::ZERO);
        let mut steadiness = Steadiness::default();
        steadiness.observe(clock.read());
        clock.advance(HOUR);
        assert_eq!(steadiness.observe(clock.read()), Duration::ZERO);
        clock.set(start());
        assert_eq!(steadiness.observe(clock.read()), Duration::ZERO);
    }
}
