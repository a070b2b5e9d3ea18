//! How much one person may say.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::lock;

/// How many are remembered before those who said nothing for a while are forgotten.
const MIN_REMEMBERED: usize = 1_024;

/// A steady rate with bursts, for each of many (the generic cell rate algorithm).
#[derive(Debug)]
pub struct RateLimit<K> {
    /// The time that one message uses up.
    interval: Duration,
    /// How far ahead of the steady rate somebody may be.
    tolerance: Duration,
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    /// When each would be back at rest. Who is at rest need not be here.
    at_rest: HashMap<K, Instant>,
    max_remembered: usize,
}

/// There were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that was too fast; wait a moment")]
pub struct TooFast {
    /// When there will be room for one.
    pub retry_after: Duration,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// Allows `burst` at once and `per_second` in the long run; each at least 1.
    pub fn new(per_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self {
            interval,
            tolerance: interval * (burst.max(1) - 1),
            state: Mutex::new(State {
                at_rest: HashMap::new(),
                max_remembered: MIN_REMEMBERED,
            }),
        }
    }

    /// Takes one if there is room for it.
    ///
    /// # Errors
    /// [`TooFast`] says when there will be.
    pub fn take(&self, who: K) -> Result<(), TooFast> {
        let now = Instant::now();
        let mut state = lock(&self.state);
        let at_rest = state.at_rest.get(&who).map_or(now, |at| (*at).max(now));
        if let Some(retry_after) = (at_rest - now).checked_sub(self.tolerance)
            && !retry_after.is_zero()
        {
            return Err(TooFast { retry_after });
        }
        state.at_rest.insert(who, at_rest + self.interval);
        if state.at_rest.len() > state.max_remembered {
            state.at_rest.retain(|_, at_rest| *at_rest > now);
            state.max_remembered = (2 * state.at_rest.len()).max(MIN_REMEMBERED);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_taken_and_then_the_steady_rate() {
        let limit = RateLimit::new(5, 20);
        for _ in 0..20 {
            limit.take("ada").unwrap();
        }
        let TooFast { retry_after } = limit.take("ada").unwrap_err();
        assert_eq!(retry_after, Duration::from_millis(200));
        assert!(limit.take("bob").is_ok());
        tokio::time::advance(retry_after).await;
        assert!(limit.take("ada").is_ok());
        assert!(limit.take("ada").is_err());
        tokio::time::advance(Duration::from_secs(4)).await;
        for _ in 0..20 {
            limit.take("ada").unwrap();
        }
        assert!(limit.take("ada").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_been_quiet_is_forgotten() {
        let limit = RateLimit::new(5, 20);
        for number in 0..MIN_REMEMBERED {
            limit.take(number).unwrap();
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        limit.take(usize::MAX).unwrap();
        assert_eq!(lock(&limit.state).at_rest.len(), 1);
    }
}
