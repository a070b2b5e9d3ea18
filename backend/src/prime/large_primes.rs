//! The primes from 2^64 on, ascending.

use crypto_bigint::{BoxedUint, Limb, NonZero, Odd, Resize};
use roomcast_shared::prime::Number;

use crate::prime::base_primes::{BASE_LIMIT, base_primes};
use crate::prime::probable_prime::Trial;
use crate::prime::window::{Window, first_multiple};

/// Words of the window for each bit of the numbers: about a hundred primes fit into it, so the cost
/// of its making is spread over as many searches.
const WINDOW_WORDS_PER_64_BITS: u32 = 32;

/// The probable primes from some number that is at least 2^64.
///
/// A sieve leaves the numbers without small factors, and a [`Trial`] decides each of them.
pub(super) struct LargePrimes {
    /// The first number of the window, odd.
    base: BoxedUint,
    window: Window,
    /// Whether the window under way is struck.
    is_struck: bool,
    trial: Option<Trial>,
}

impl LargePrimes {
    /// The primes that are at least `start`, a number of at least 2^64 in decimal.
    pub(super) fn from(start: &str) -> Self {
        let mut base = parse(start);
        if !base.as_limbs()[0].is_odd().to_bool() {
            base += 1_u64;
        }
        Self::from_odd(base)
    }

    /// The primes that are greater than `prime`, an odd number of at least 2^64 in decimal.
    pub(super) fn after(prime: &str) -> Self {
        Self::from_odd(parse(prime) + 2_u64)
    }

    fn from_odd(base: BoxedUint) -> Self {
        let bits = base.bits_vartime();
        let words = (bits.div_ceil(Limb::BITS) * WINDOW_WORDS_PER_64_BITS) as usize;
        let first_in_pattern = (residue(&base, 2_310) / 2) as usize;
        Self {
            base,
            window: Window::new(words, first_in_pattern),
            is_struck: false,
            trial: None,
        }
    }

    /// Does one bounded piece of the search, at most a few rounds of a primality test. Returns a
    /// prime when that piece completes one.
    pub(super) fn step(&mut self) -> Option<Number> {
        if let Some(trial) = &mut self.trial {
            let verdict = trial.step()?;
            let trial = self.trial.take()?;
            return verdict.then(|| {
                trial
                    .candidate()
                    .to_string_radix_vartime(10)
                    .parse()
                    .expect("a stream from 1,000 digits never gets beyond 1,001")
            });
        }
        if !self.is_struck {
            self.strike();
        } else if let Some(index) = self.window.pop() {
            let candidate = &self.base + 2 * index as u64;
            let bits = candidate.bits_vartime();
            let candidate = Odd::new(candidate.resize(bits))
                .into_option()
                .expect("an odd number plus an even one is odd");
            self.trial = Some(Trial::new(candidate));
        } else {
            self.base += 2 * self.window.odds() as u64;
            self.is_struck = false;
        }
        None
    }

    fn strike(&mut self) {
        let primes = base_primes();
        if self.window.primes_in_use() < primes.len() {
            // Only for the first window; from one to the next the sieve carries its state on.
            let limit = sieve_limit(self.base.bits_vartime());
            for &prime in &primes[self.window.primes_in_use()..] {
                if prime >= limit {
                    break;
                }
                let next = first_multiple(residue(&self.base, prime), prime);
                self.window.use_prime(next);
            }
        }
        self.window.strike(primes);
        self.is_struck = true;
    }
}

/// Reads a number in decimal, with headroom above it so that no addition to it overflows.
fn parse(number: &str) -> BoxedUint {
    let number =
        BoxedUint::from_str_radix_vartime(number, 10).expect("a number consists of decimal digits");
    let bits = number.bits_vartime();
    number.resize(bits + 2 * Limb::BITS)
}

/// Base primes below this are worth sieving with: the longer the numbers, the more a trial costs in
/// comparison.
fn sieve_limit(bits: u32) -> u32 {
    bits.saturating_mul(bits).min(BASE_LIMIT)
}

fn residue(number: &BoxedUint, divisor: u32) -> u32 {
    let divisor = NonZero::new(Limb::from(divisor))
        .into_option()
        .expect("a prime is not zero");
    u32::try_from(number.rem_limb(divisor).0).expect("it is below the divisor, a u32")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn primes_from(start: &str, count: usize) -> Vec<String> {
        let mut primes = LargePrimes::from(start);
        std::iter::repeat_with(|| primes.step())
            .flatten()
            .take(count)
            .map(|prime| prime.to_string())
            .collect()
    }

    #[test]
    fn the_first_primes_beyond_2_to_the_64_are_those_of_the_table() {
        // 2^64 + 13, + 37, + 51, + 81 (OEIS A013603 for the first).
        assert_eq!(
            primes_from("18446744073709551616", 4),
            [
                "18446744073709551629",
                "18446744073709551653",
                "18446744073709551667",
                "18446744073709551697"
            ]
        );
    }

    #[test]
    fn a_start_that_is_prime_is_the_first_prime() {
        // The Mersenne primes 2^89 − 1, 2^107 − 1, 2^127 − 1 and 2^521 − 1.
        for prime in [
            "618970019642690137449562111",
            "162259276829213363391578010288127",
            "170141183460469231731687303715884105727",
            "6864797660130609714981900799081393217269435300143305409394463459185543183397656052122\
             559640661454554977296311391480858037121987999716643812574028291115057151",
        ] {
            let prime = prime.replace(' ', "");
            assert_eq!(primes_from(&prime, 1), [prime]);
        }
    }

    #[test]
    fn the_next_prime_after_a_power_of_ten_is_that_of_the_table() {
        // The least k with 10^n + k prime (OEIS A033873).
        for (power, distance) in [(20, 39), (30, 57), (50, 151), (100, 267)] {
            let digits = distance.to_string();
            let expected = format!("1{}{digits}", "0".repeat(power - digits.len()));
            assert_eq!(
                primes_from(&format!("1{}", "0".repeat(power)), 1),
                [expected]
            );
        }
    }

    #[test]
    fn the_sieve_of_the_second_window_strikes_what_the_test_would() {
        let start = "18446744073709551616";
        let found = primes_from(start, 400);
        let last: u128 = found[399].parse().unwrap();
        let windows = (last - start.parse::<u128>().unwrap()) / (64 * 2 * 64);
        assert!(windows >= 1, "the second window was reached");
        let mut expected = Vec::new();
        for number in (start.parse::<u128>().unwrap() + 1..=last).step_by(2) {
            let mut trial = Trial::new(Odd::new(BoxedUint::from(number)).unwrap());
            if std::iter::repeat_with(|| trial.step()).flatten().next() == Some(true) {
                expected.push(number.to_string());
            }
        }
        assert_eq!(found, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn the_first_prime_is_at_least_the_start_and_has_no_small_factor(
            start in u128::from(u64::MAX) + 1..u128::MAX / 2,
        ) {
            let prime: u128 = primes_from(&start.to_string(), 1)[0].parse().unwrap();
            prop_assert!(prime >= start);
            for divisor in base_primes() {
                prop_assert!(!prime.is_multiple_of(u128::from(*divisor)));
            }
        }
    }
}
