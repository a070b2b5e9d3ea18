//! Time: the wall clock, which may jump, and monotonic time, which cannot.
//!
//! A single reading of the wall clock must not decide about anything that cannot be undone. Ages
//! that lead to a deletion are measured by an `AgeClock`; a decision that can wait until the
//! wall clock has proved steady asks a `Steadiness`.

mod age;
mod steadiness;

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

pub(crate) use age::{AgeClock, AgeClockState};
pub(crate) use steadiness::Steadiness;

/// Wall clocks before this moment, 2020-01-01, have not been set: machines without a battery start
/// in 1970 or at the date of their firmware.
pub(crate) const UNSET_BEFORE: Duration = Duration::from_hours(438_288);

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Time since 1970 by the wall clock, or `None` while that clock has not been set.
    pub wall: Option<Duration>,
    /// Time since some moment in the past. It never goes back, and counts the time in which the
    /// machine was suspended where the system can tell.
    pub monotonic: Duration,
}

/// Source of readings, passed in so that tests own the time.
pub trait Clock: Debug + Send + Sync {
    /// Returns both clocks as they are now.
    fn read(&self) -> Reading;
}

/// Clocks of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn read(&self) -> Reading {
        let wall = since_1970();
        Reading {
            wall: (wall >= UNSET_BEFORE).then_some(wall),
            monotonic: monotonic(),
        }
    }
}

/// Returns the wall clock's time in milliseconds since 1970, for people to read. It may be wrong,
/// so nothing is deleted by it.
pub(crate) fn wall_milliseconds() -> u64 {
    milliseconds(since_1970())
}

fn since_1970() -> Duration {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn monotonic() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    // `Instant` stands still while the machine is suspended.
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanoseconds)
}

#[cfg(not(target_os = "linux"))]
fn monotonic() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Returns whole milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Returns a duration in its largest fitting unit, such as `40 days`, for the log.
fn in_words(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (number, unit) = match seconds {
        0..120 => (seconds, "s"),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{number} {unit}")
}

/// Clock that stands still until a test moves it.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct ManualClock(std::sync::Mutex<Reading>);

#[cfg(test)]
impl ManualClock {
    /// Returns a clock that shows `wall` since 1970.
    pub(crate) fn at(wall: Duration) -> std::sync::Arc<Self> {
        let reading = Reading {
            wall: (wall >= UNSET_BEFORE).then_some(wall),
            monotonic: Duration::from_secs(1_000),
        };
        std::sync::Arc::new(Self(std::sync::Mutex::new(reading)))
    }

    /// Lets time pass on both clocks.
    pub(crate) fn advance(&self, time: Duration) {
        let mut reading = self.0.lock().unwrap();
        reading.wall = reading.wall.map(|wall| wall + time);
        reading.monotonic += time;
    }

    /// Sets the wall clock forward, or back.
    pub(crate) fn jump(&self, seconds: i64) {
        let mut reading = self.0.lock().unwrap();
        let by = Duration::from_secs(seconds.unsigned_abs());
        reading.wall = reading.wall.map(|wall| {
            if seconds < 0 {
                wall.saturating_sub(by)
            } else {
                wall + by
            }
        });
    }

    /// Sets the wall clock for the first time.
    pub(crate) fn set(&self, wall: Duration) {
        self.0.lock().unwrap().wall = Some(wall);
    }

    /// Starts monotonic time anew, as a restart of the machine does.
    pub(crate) fn reboot(&self) {
        self.0.lock().unwrap().monotonic = Duration::from_secs(10);
    }
}

#[cfg(test)]
impl Clock for ManualClock {
    fn read(&self) -> Reading {
        *self.0.lock().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_clock_is_set_and_does_not_go_back() {
        let first = SystemClock.read();
        let second = SystemClock.read();
        assert!(first.wall.is_some());
        assert!(second.monotonic >= first.monotonic);
    }

    #[test]
    fn durations_in_the_log_have_a_fitting_unit() {
        let days = |days: u64| days * 86_400_000;
        assert_eq!(in_words(65_000), "65 s");
        assert_eq!(in_words(10 * 60_000), "10 minutes");
        assert_eq!(in_words(days(1)), "24 hours");
        assert_eq!(in_words(days(40)), "40 days");
    }
}
