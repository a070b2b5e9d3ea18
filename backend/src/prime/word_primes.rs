//! The primes below 2^64, ascending.

use crate::prime::base_primes::{BASE_LIMIT, base_primes};
use crate::prime::primality::is_prime;
use crate::prime::window::{Window, first_multiple};

/// The window in words of 64 odd numbers: 32 KiB, which a first-level cache holds.
const WINDOW_WORDS: usize = 4_096;

/// Numbers that one word of the window spans. Windows start at a multiple of it.
const WORD_SPAN: u64 = 128;

/// Numbers that the window spans.
const WINDOW_SPAN: u64 = WINDOW_WORDS as u64 * WORD_SPAN;

/// Below this the sieve alone decides. Above it sieving out all composites would take ever more base
/// primes, and testing the few candidates that are left is quicker.
const EXACT_LIMIT: u64 = (BASE_LIMIT as u64).pow(2);

/// Base primes that a sieve above [`EXACT_LIMIT`] uses: striking with greater ones takes longer than
/// testing what they would strike.
const FILTER_PRIME_LIMIT: u32 = 1 << 16;

/// The primes from some number up to 2^64, by a segmented sieve of Eratosthenes, and above 2^40 a
/// proven test of each candidate that it leaves.
pub(super) struct WordPrimes {
    window: Window,
    /// The number before the first one in the window, a multiple of [`WORD_SPAN`].
    base: u64,
    /// 2 is the only prime that no window contains.
    two_is_next: bool,
    /// Whether the last window below 2^64 is used up.
    is_exhausted: bool,
}

impl WordPrimes {
    /// The primes that are at least `start`.
    pub(super) fn from(start: u64) -> Self {
        let base = start - start % WORD_SPAN;
        let first_in_pattern = usize::try_from(base / 2 % 1_155).expect("it is below 1,155");
        let mut primes = Self {
            window: Window::new(WINDOW_WORDS, first_in_pattern),
            base,
            two_is_next: start <= 2,
            is_exhausted: false,
        };
        primes.sieve();
        let distance = usize::try_from((start - base) / 2).expect("it is below 64");
        primes.window.strike_before(distance);
        primes
    }

    /// Whether the sieve alone decides here, so that a step takes well under a millisecond.
    pub(super) fn is_exact(&self) -> bool {
        Self::is_exact_from(self.base)
    }

    /// Whether the sieve alone decides at `start`.
    pub(super) fn is_exact_from(start: u64) -> bool {
        start - start % WORD_SPAN < EXACT_LIMIT - WINDOW_SPAN
    }

    /// Whether there are no more.
    pub(super) fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// Appends the next primes to `found`, at most `max`, after a bounded search: none when a window
    /// is used up.
    pub(super) fn step(&mut self, max: usize, found: &mut Vec<u64>) {
        let before = found.len();
        if max != 0 && std::mem::take(&mut self.two_is_next) {
            found.push(2);
        }
        let max = max - (found.len() - before);
        let base = self.base;
        if self.is_exact() {
            self.window.drain(max, |index| found.push(odd(base, index)));
        } else {
            let mut left = max;
            while left != 0 {
                let Some(index) = self.window.pop() else {
                    break;
                };
                if is_prime(odd(base, index)) {
                    found.push(odd(base, index));
                    left -= 1;
                }
            }
        }
        if max != 0 && found.len() == before {
            self.next_window();
        }
    }

    /// Passes over the next primes, at most `max`, after a bounded search like [`Self::step`].
    /// Returns how many, and the last one.
    pub(super) fn skip(&mut self, max: usize) -> (usize, Option<u64>) {
        if self.two_is_next || !self.is_exact() {
            let mut found = Vec::new();
            self.step(max, &mut found);
            return (found.len(), found.last().copied());
        }
        let (count, last) = self.window.skip(max);
        let last = last.map(|index| odd(self.base, index));
        if count == 0 && max != 0 {
            self.next_window();
        }
        (count, last)
    }

    fn next_window(&mut self) {
        match self.base.checked_add(WINDOW_SPAN) {
            Some(base) => {
                self.base = base;
                self.sieve();
            }
            None => self.is_exhausted = true,
        }
    }

    /// Strikes the multiples out of the window at `base`, taking into use the base primes that have
    /// their square in it.
    fn sieve(&mut self) {
        let primes = base_primes();
        let first = self.base + 1;
        let last = self.base.saturating_add(WINDOW_SPAN);
        let limit = if self.is_exact() {
            BASE_LIMIT
        } else {
            FILTER_PRIME_LIMIT
        };
        while let Some(&prime) = primes.get(self.window.primes_in_use()) {
            let square = u64::from(prime).pow(2);
            if prime >= limit || square > last {
                break;
            }
            let next = if square >= first {
                (square - first) / 2
            } else {
                let residue = u32::try_from(first % u64::from(prime)).expect("below the prime");
                first_multiple(residue, prime).into()
            };
            self.window
                .use_prime(u32::try_from(next).expect("it is in the window or below the prime"));
        }
        self.window.strike(primes);
        if self.base == 0 {
            // 1 is no prime; the primes of the pattern are.
            self.window.strike_before(1);
            for prime in [3, 5, 7, 11] {
                self.window.set(prime / 2);
            }
        }
        // How many odd numbers are left below 2^64.
        let left = (u64::MAX - self.base) / 2 + 1;
        if left < WINDOW_SPAN / 2 {
            self.window
                .strike_from(usize::try_from(left).expect("less than a window"));
        }
    }
}

/// The number that bit `index` of the window at `base` stands for.
fn odd(base: u64, index: usize) -> u64 {
    base + 2 * index as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primes_from(start: u64, count: usize) -> Vec<u64> {
        let mut primes = WordPrimes::from(start);
        let mut found = Vec::new();
        while found.len() < count && !primes.is_exhausted() {
            let missing = count - found.len();
            primes.step(missing, &mut found);
        }
        found
    }

    #[test]
    fn the_first_10_000_primes_are_those_of_trial_division() {
        let found = primes_from(0, 10_000);
        let mut expected: Vec<u64> = Vec::new();
        for number in 2.. {
            if expected.len() == 10_000 {
                break;
            }
            let mut divisors = expected
                .iter()
                .take_while(|prime| *prime * *prime <= number);
            if divisors.all(|prime| !number.is_multiple_of(*prime)) {
                expected.push(number);
            }
        }
        assert_eq!(found, expected);
        // From the published table: the 10,000th prime, and the sum of the first 10,000 (A007504).
        assert_eq!(found.last(), Some(&104_729));
        assert_eq!(found.iter().sum::<u64>(), 496_165_411);
    }

    #[test]
    fn there_are_664_579_primes_below_10_to_the_7() {
        let found = primes_from(2, 664_580);
        assert_eq!(found[664_578], 9_999_991);
        assert_eq!(found[664_579], 10_000_019);
    }

    #[test]
    fn skipping_counts_what_reading_would_find() {
        let mut primes = WordPrimes::from(0);
        let mut left = 664_578;
        let mut last = None;
        while left != 0 {
            let (count, prime) = primes.skip(left.min(1_000));
            left -= count;
            last = prime.or(last);
        }
        assert_eq!(last, Some(9_999_973));
        let mut found = Vec::new();
        primes.step(1, &mut found);
        assert_eq!(found, [9_999_991]);
    }

    #[test]
    fn a_stream_may_start_at_any_small_number() {
        let expected = primes_from(0, 60);
        for start in 0..=WORD_SPAN + 2 {
            let first = primes_from(start, 5);
            let from = expected.partition_point(|prime| *prime < start);
            assert_eq!(first, expected[from..from + 5], "from {start}");
        }
    }

    /// Asserts that `primes` has exactly the primes from `first` to `last`.
    fn check(primes: &[u64], first: u64, last: u64) {
        let from = primes.partition_point(|prime| *prime < first);
        let to = primes.partition_point(|prime| *prime <= last);
        let expected: Vec<u64> = (first..=last).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes[from..to], expected);
    }

    #[test]
    fn sieve_and_test_agree_where_one_takes_over_from_the_other() {
        // The first window is the last one that is exact.
        let start = EXACT_LIMIT - WINDOW_SPAN - WORD_SPAN;
        let border = start + WINDOW_SPAN;
        let found = primes_from(start, 24_000);
        assert!(found[found.len() - 1] > border + 40_000);
        check(&found, border - 40_000, border + 40_000);
    }

    #[test]
    fn numbers_around_2_to_the_53_are_exact() {
        // 2^53 − 111 and 2^53 + 5 are the primes next to 2^53.
        assert_eq!(
            primes_from((1 << 53) - 111, 2),
            [(1 << 53) - 111, (1 << 53) + 5]
        );
    }

    #[test]
    fn the_primes_end_with_the_greatest_below_2_to_the_64() {
        // 2^64 − 83 and 2^64 − 59 are the last two.
        assert_eq!(
            primes_from(u64::MAX - 82, 3),
            [u64::MAX - 82, u64::MAX - 58]
        );
        assert!(primes_from(u64::MAX, 1).is_empty());
    }

    #[test]
    fn a_search_across_the_last_windows_finds_what_the_test_finds() {
        let start = u64::MAX - WINDOW_SPAN - 40_000;
        let found = primes_from(start, usize::MAX);
        check(&found, u64::MAX - 80_000, u64::MAX);
        assert_eq!(found.last(), Some(&(u64::MAX - 58)));
    }
}
