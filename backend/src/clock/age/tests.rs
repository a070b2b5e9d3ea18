//! Ages across jumps of the wall clock, restarts and drift.

use super::super::ManualClock;
use super::*;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const DAY_SECONDS: i64 = 86_400;
const MAX_AGE: Duration = Duration::from_hours(30 * 24);

fn start() -> Duration {
    Duration::from_hours(500_000)
}

/// An age clock on a wall clock that a test moves.
struct World {
    wall: Arc<ManualClock>,
    ages: AgeClock,
}

impl World {
    fn at(wall: Duration) -> Self {
        let wall = ManualClock::at(wall);
        let ages = AgeClock::new(wall.clone(), DAY, None);
        Self { wall, ages }
    }

    /// Lets the server run, looking at the clock every minute.
    fn run(&self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(MINUTE);
            self.wall.advance(step);
            self.ages.observe();
            left -= step;
        }
    }

    /// Stops the server for this long, and starts it again on a machine that was started anew.
    fn restart(&mut self, off: Duration) {
        self.restart_and_jump(off, 0);
    }

    /// The same with a wall clock that jumps by so many seconds meanwhile.
    fn restart_and_jump(&mut self, off: Duration, seconds: i64) {
        let stored = self.ages.observe();
        self.wall.advance(off);
        self.wall.jump(seconds);
        self.wall.reboot();
        self.ages = AgeClock::new(self.wall.clone(), DAY, Some(stored));
    }

    fn is_old(&self, stamp: u64) -> bool {
        stamp < self.ages.cutoff(MAX_AGE)
    }
}

#[test]
fn age_is_the_time_that_passed() {
    let world = World::at(start());
    let stamp = world.ages.now();
    world.run(MAX_AGE);
    assert!(!world.is_old(stamp));
    world.run(MINUTE);
    assert!(world.is_old(stamp));
}

#[test]
fn a_jump_of_40_days_for_65_seconds_makes_nothing_older() {
    let world = World::at(start());
    let stamp = world.ages.now();
    world.run(HOUR);
    world.wall.jump(40 * DAY_SECONDS);
    world.run(Duration::from_secs(65));
    assert!(!world.is_old(stamp));
    world.wall.jump(-40 * DAY_SECONDS);
    world.run(3 * DAY);
    assert!(!world.is_old(stamp));
    world.run(MAX_AGE.saturating_sub(3 * DAY));
    assert!(world.is_old(stamp), "and it keeps nothing for longer");
}

#[test]
fn a_jump_back_shelters_nothing_and_deletes_nothing() {
    for seconds in [-600, -40 * DAY_SECONDS, -20 * 365 * DAY_SECONDS] {
        let world = World::at(start());
        let before = world.ages.now();
        world.wall.jump(seconds);
        world.run(HOUR);
        let during = world.ages.now();
        world.run(3 * DAY);
        world.wall.jump(-seconds);
        world.run(3 * DAY);
        assert!(!world.is_old(before) && !world.is_old(during), "{seconds}");
        world.run(MAX_AGE.saturating_sub(6 * DAY));
        assert!(world.is_old(before), "{seconds}");
        world.run(2 * HOUR);
        assert!(world.is_old(during), "{seconds}");
    }
}

#[test]
fn stamps_given_during_a_jump_are_in_order_with_the_others() {
    let world = World::at(start());
    let mut stamps = vec![world.ages.now()];
    for jump in [10 * DAY_SECONDS, -10 * DAY_SECONDS, -600, 600] {
        world.wall.jump(jump);
        world.run(MINUTE);
        stamps.push(world.ages.now());
    }
    assert!(stamps.is_sorted());
    world.run(MAX_AGE);
    let old: Vec<_> = stamps.iter().map(|stamp| world.is_old(*stamp)).collect();
    assert_eq!(old, [true, true, true, true, false]);
}

#[test]
fn a_jump_counts_once_the_clock_was_steady_for_a_day() {
    let world = World::at(start());
    let before = world.ages.now();
    world.run(HOUR);
    // The machine was suspended in a way that monotonic time does not show.
    world.wall.jump(40 * DAY_SECONDS);
    world.run(MINUTE);
    let after = world.ages.now();
    world.run(DAY.saturating_sub(MINUTE));
    assert!(!world.is_old(before));
    world.run(MINUTE);
    assert!(world.is_old(before));
    assert!(!world.is_old(after), "it was not there at the time");
}

#[test]
fn a_clock_that_jumps_again_and_again_is_never_believed() {
    let world = World::at(start());
    let stamp = world.ages.now();
    for _ in 0..5 {
        world.wall.jump(40 * DAY_SECONDS);
        world.run(DAY.saturating_sub(HOUR));
    }
    assert!(!world.is_old(stamp));
}

#[test]
fn a_jump_that_a_restart_hides_makes_nothing_older_when_it_ends() {
    // Forward while the server is off, back while it runs; and the other ways round.
    for (jumps_off, returns_off) in [(true, false), (false, true), (true, true)] {
        for seconds in [40 * DAY_SECONDS, -40 * DAY_SECONDS] {
            let mut world = World::at(start());
            let stamp = world.ages.now();
            world.run(HOUR);
            for (seconds, is_off) in [(seconds, jumps_off), (-seconds, returns_off)] {
                if is_off {
                    world.restart_and_jump(MINUTE, seconds);
                } else {
                    world.wall.jump(seconds);
                }
                world.run(HOUR);
            }
            world.run(3 * DAY);
            assert!(!world.is_old(stamp), "{seconds} {jumps_off} {returns_off}");
        }
    }
}

#[test]
fn a_server_that_was_off_for_40_days_deletes_a_day_after_its_start() {
    let mut world = World::at(start());
    let before = world.ages.now();
    world.restart(40 * DAY);
    let after = world.ages.now();
    world.run(DAY.saturating_sub(MINUTE));
    assert!(!world.is_old(before));
    world.run(2 * MINUTE);
    assert!(world.is_old(before));
    assert!(!world.is_old(after));
}

#[test]
fn restarts_while_the_clock_is_watched_do_not_start_the_day_anew() {
    let mut world = World::at(start());
    let stamp = world.ages.now();
    world.restart(40 * DAY);
    for _ in 0..25 {
        world.run(HOUR);
        world.restart(Duration::from_secs(2));
    }
    assert!(world.is_old(stamp));
}

#[test]
fn a_server_that_is_off_every_night_counts_its_nights() {
    let mut world = World::at(start());
    let stamp = world.ages.now();
    for _ in 0..30 {
        world.run(16 * HOUR);
        world.restart(8 * HOUR);
    }
    assert!(!world.is_old(stamp));
    for _ in 0..2 {
        world.run(16 * HOUR);
        world.restart(8 * HOUR);
    }
    assert!(world.is_old(stamp));
}

#[test]
fn slow_drift_delays_nothing_by_more_than_a_day() {
    for drift in [1, -1] {
        let world = World::at(start());
        let stamp = world.ages.now();
        // A second in 83 minutes are 200 ppm.
        for minute in 0..MAX_AGE.as_secs() / 60 {
            assert!(minute < 29 * 24 * 60 || !world.is_old(stamp) || drift > 0);
            world.wall.advance(MINUTE);
            if minute % 83 == 0 {
                world.wall.jump(drift);
            }
            world.ages.observe();
        }
        world.run(2 * MINUTE);
        assert!(world.is_old(stamp), "{drift}");
    }
}

#[test]
fn a_clock_that_is_set_for_the_first_time_makes_nothing_older() {
    let world = World::at(Duration::ZERO);
    let stamp = world.ages.now();
    world.run(HOUR);
    world.wall.set(start());
    world.run(3 * DAY);
    assert!(!world.is_old(stamp));
}

#[test]
fn many_gaps_are_bounded_and_only_lengthen_a_life() {
    let mut world = World::at(start());
    let stamp = world.ages.now();
    for _ in 0..1_100 {
        world.restart(2 * MINUTE);
    }
    let state = world.ages.observe();
    assert!(serde_json::to_string(&state).unwrap().len() < 100_000);
    assert!(!world.is_old(stamp));
    world.run(MAX_AGE + MINUTE);
    assert!(world.is_old(stamp));
}
