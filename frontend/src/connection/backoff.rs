//! How long to wait before trying again: exponential, with full jitter.

use std::time::Duration;

/// The longest wait before the first new try. A server that restarts sees its readers come back
/// spread over this time.
const FIRST_WINDOW: Duration = Duration::from_secs(1);

/// The longest wait ever: a person who looks at the page should not have to reload it.
const MAX_WINDOW: Duration = Duration::from_secs(30);

/// The longest wait that a server can ask for.
const MAX_TOLD: Duration = Duration::from_mins(5);

/// The wait before try `attempt`, which counts from 0, for a `random` number from 0 to below 1.
pub fn delay(attempt: u32, random: f64) -> Duration {
    let window = FIRST_WINDOW
        .saturating_mul(2_u32.saturating_pow(attempt))
        .min(MAX_WINDOW);
    window.mul_f64(random.clamp(0.0, 1.0))
}

/// The wait of a client that was told to come back after `told`: that, and up to half of it more, so that
/// those who were told at one time do not come back at one time.
pub fn as_told(told: Duration, random: f64) -> Duration {
    told.min(MAX_TOLD)
        .mul_f64(1.0 + random.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_window_doubles_until_it_is_half_a_minute() {
        let windows: Vec<_> = (0..7)
            .map(|attempt| delay(attempt, 1.0).as_secs())
            .collect();
        assert_eq!(windows, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn nobody_comes_back_before_they_were_told_or_waits_for_ever() {
        let told = Duration::from_secs(10);
        assert_eq!(as_told(told, 0.0), told);
        assert_eq!(as_told(told, 1.0), Duration::from_secs(15));
        assert_eq!(as_told(Duration::MAX, 0.0), MAX_TOLD);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_its_window(attempt: u32, random in 0.0..1.0_f64) {
            prop_assert!(delay(attempt, random) <= MAX_WINDOW);
            prop_assert_eq!(delay(attempt, 0.0), Duration::ZERO);
        }
    }
}
