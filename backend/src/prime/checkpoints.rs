//! From where a log can be computed anew.

use std::collections::BTreeMap;

use roomcast_shared::prime::Number;

/// How many checkpoints a log keeps; each may be a number of 1,000 digits.
const MAX_CHECKPOINTS: usize = 512;

/// For some pages of a log, the last prime before them.
///
/// They are spread evenly over what was computed: when there are too many, every second one goes.
#[derive(Debug)]
pub(super) struct Checkpoints {
    stride: u64,
    last_primes: BTreeMap<u64, Number>,
}

impl Checkpoints {
    pub(super) fn new() -> Self {
        Self {
            stride: 1,
            last_primes: BTreeMap::new(),
        }
    }

    /// Notes that `last_prime` is the last one before page `index`.
    pub(super) fn note(&mut self, index: u64, last_prime: &Number) {
        if index.is_multiple_of(self.stride) && !self.last_primes.contains_key(&index) {
            self.last_primes.insert(index, last_prime.clone());
        }
        if self.last_primes.len() > MAX_CHECKPOINTS {
            self.stride *= 2;
            let stride = self.stride;
            self.last_primes
                .retain(|index, _| index.is_multiple_of(stride));
        }
    }

    /// The nearest checkpoint that is not behind page `index`: a page and the last prime before it.
    pub(super) fn nearest(&self, index: u64) -> Option<(u64, &Number)> {
        let (index, last_prime) = self.last_primes.range(..=index).next_back()?;
        Some((*index, last_prime))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_checkpoint_is_never_behind_the_page() {
        let mut checkpoints = Checkpoints::new();
        assert_eq!(checkpoints.nearest(5), None);
        checkpoints.note(2, &7.into());
        checkpoints.note(4, &13.into());
        assert_eq!(checkpoints.nearest(1), None);
        assert_eq!(checkpoints.nearest(3), Some((2, &7.into())));
        assert_eq!(checkpoints.nearest(4), Some((4, &13.into())));
    }

    #[test]
    fn however_long_the_log_checkpoints_are_few_and_spread_evenly() {
        let mut checkpoints = Checkpoints::new();
        for index in 1..=100_000 {
            checkpoints.note(index, &index.into());
        }
        assert!(checkpoints.last_primes.len() <= MAX_CHECKPOINTS);
        for index in (1_000..=100_000).step_by(1_000) {
            let (nearest, _) = checkpoints.nearest(index).unwrap();
            assert!(
                index - nearest <= 100_000 / MAX_CHECKPOINTS as u64 * 2,
                "{index}"
            );
        }
    }
}
