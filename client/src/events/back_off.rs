//! How long to wait before the next try: exponential, with full jitter from the first try on, so
//! that the readers of a server that restarts do not come back all at once.

use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};

/// The longest time between two tries, unless the server itself asked for longer.
pub const MAX_DELAY: Duration = Duration::from_secs(30);

/// The shortest `retry` time that is heeded: with less a reader would ask without a pause.
pub const MIN_RETRY: Duration = Duration::from_millis(100);

/// The time to wait after so many failures in a row: `random` chooses evenly from nothing to
/// the server's `retry` time, but no less than [`MIN_RETRY`], doubled for each failure.
pub(crate) fn delay(retry: Duration, failures: u32, random: u64) -> Duration {
    let retry = retry.max(MIN_RETRY);
    let doubled = retry.saturating_mul(1u32.checked_shl(failures).unwrap_or(u32::MAX));
    let longest = doubled.min(MAX_DELAY.max(retry));
    let milliseconds = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(
        random
            .checked_rem(milliseconds.saturating_add(1))
            .unwrap_or(0),
    )
}

/// A random number, or none when the system has none: the worst is a reconnect at once.
pub(crate) fn random() -> u64 {
    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Duration = Duration::from_secs(2);

    #[test]
    fn the_longest_delay_doubles_with_each_failure_up_to_the_limit() {
        for (failures, seconds) in [(0, 2), (1, 4), (2, 8), (3, 16), (4, 30), (31, 30), (99, 30)] {
            let expected = Duration::from_secs(seconds);
            assert_eq!(delay(RETRY, failures, seconds * 1000), expected);
            // One more wraps to the shortest.
            assert_eq!(delay(RETRY, failures, seconds * 1000 + 1), Duration::ZERO);
        }
    }

    #[test]
    fn a_retry_time_of_nothing_is_no_tight_loop() {
        assert_eq!(delay(Duration::ZERO, 0, 100), MIN_RETRY);
        assert_eq!(delay(Duration::ZERO, 20, 30_000), MAX_DELAY);
    }

    #[test]
    fn a_server_may_ask_for_longer_than_the_limit() {
        let minute = Duration::from_mins(1);
        assert_eq!(delay(minute, 5, 60_000), minute);
    }

    #[test]
    fn an_endless_retry_time_does_not_overflow() {
        assert!(delay(Duration::MAX, u32::MAX, u64::MAX - 1) > MAX_DELAY);
    }
}
