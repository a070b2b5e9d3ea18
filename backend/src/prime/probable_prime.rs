//! Primality of numbers from 2^64 on, beyond reasonable doubt.

use crypto_bigint::{BoxedUint, Odd, Resize};
use crypto_primes::hazmat::{LucasCheck, MillerRabin, SelfridgeBase, lucas_test};
use ring::digest::{SHA256, digest};

/// Miller-Rabin rounds after the Baillie-PSW test, like Go's `ProbablyPrime(20)`. A composite that
/// somebody chose without knowing the bases passes with a probability below 4^−20.
const ROUNDS: u8 = 20;

/// One number on trial: a strong probable prime test to base 2 and a strong Lucas test, together
/// known as Baillie-PSW, then [`ROUNDS`] Miller-Rabin rounds.
///
/// No composite is known that passes Baillie-PSW alone. The trial goes in steps, one test each, so
/// that it can be given up between them.
pub(super) struct Trial {
    candidate: Odd<BoxedUint>,
    miller_rabin: MillerRabin<BoxedUint>,
    next: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    BaseTwo,
    Lucas,
    Round(u8),
}

impl Trial {
    /// Puts an odd number of at least 2^64 on trial.
    pub(super) fn new(candidate: Odd<BoxedUint>) -> Self {
        Self {
            miller_rabin: MillerRabin::new(candidate.clone()),
            candidate,
            next: Stage::BaseTwo,
        }
    }

    /// The number on trial.
    pub(super) fn candidate(&self) -> &BoxedUint {
        self.candidate.as_ref()
    }

    /// Does the next test. Returns the verdict when there is one; there is nothing to do after it.
    pub(super) fn step(&mut self) -> Option<bool> {
        let passed = match self.next {
            Stage::BaseTwo => self.miller_rabin.test_base_two(),
            Stage::Lucas => lucas_test(self.candidate.clone(), SelfridgeBase, LucasCheck::Strong),
            Stage::Round(round) => self.miller_rabin.test(&self.base(round)),
        }
        .is_probably_prime();
        if !passed {
            return Some(false);
        }
        self.next = match self.next {
            Stage::BaseTwo => Stage::Lucas,
            Stage::Lucas => Stage::Round(1),
            Stage::Round(ROUNDS) => return Some(true),
            Stage::Round(round) => Stage::Round(round + 1),
        };
        None
    }

    /// The base of a Miller-Rabin round: drawn from the number itself, as Go does, so that the same
    /// number always gets the same verdict.
    fn base(&self, round: u8) -> BoxedUint {
        let mut seed = self.candidate().to_be_bytes().into_vec();
        seed.push(round);
        let hash = digest(&SHA256, &seed);
        // Shorter than the candidate and not below 2: at least 8 and at most 32 bytes of the hash,
        // less their upper half byte.
        let length = (self.candidate().bits_vartime() as usize / 8).min(hash.as_ref().len());
        let mut bytes = hash.as_ref()[..length].to_vec();
        bytes[0] &= 0x0f;
        bytes[length - 1] |= 2;
        BoxedUint::from_be_slice_vartime(&bytes).resize(self.candidate().bits_precision())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prime::primality::is_prime as is_prime_word;

    fn is_prime(number: &str) -> bool {
        let number = BoxedUint::from_str_radix_vartime(number, 10).unwrap();
        let mut trial = Trial::new(Odd::new(number).unwrap());
        std::iter::repeat_with(|| trial.step())
            .flatten()
            .next()
            .unwrap()
    }

    #[test]
    fn known_large_primes_pass() {
        for prime in [
            // 2^64 + 13, the Mersenne primes 2^89 − 1 and 2^127 − 1, and 10^100 + 267.
            "18446744073709551629".to_owned(),
            "618970019642690137449562111".to_owned(),
            "170141183460469231731687303715884105727".to_owned(),
            format!("1{}267", "0".repeat(97)),
        ] {
            assert!(is_prime(&prime), "{prime}");
        }
    }

    #[test]
    fn strong_pseudoprimes_to_the_first_prime_bases_fail() {
        for composite in [
            // OEIS A014233, beyond 64 bits.
            "318665857834031151167461",
            "3317044064679887385961981",
            // Strong pseudoprimes to all prime bases up to 46 (Zhang), and up to 200 (Arnault).
            "6003094289670105800312596501",
            "59276361075595573263446330101",
            "564132928021909221014087501701",
            "1543267864443420616877677640751301",
            "80383745745363949125707961434194210813883768828755814583748891752229742737653336521865\
             02336163960045457915042023603208766569966760987284043965408232928738791850869166857328\
             26776177102938969773947016708230428687109997439976544144845341155872450633409279022275\
             29622941498423068816854043264575340183297861112989606448452161912872697529012\
             9",
        ] {
            assert!(!is_prime(&composite.replace(' ', "")), "{composite}");
        }
    }

    #[test]
    fn carmichael_numbers_beyond_2_to_the_64_fail() {
        // (6k + 1)(12k + 1)(18k + 1) with three prime factors is a Carmichael number (Chernick).
        let factors = (3_000_000..4_000_000)
            .map(|k: u64| [6 * k + 1, 12 * k + 1, 18 * k + 1])
            .find(|factors| factors.iter().all(|factor| is_prime_word(*factor)))
            .unwrap();
        let carmichael: u128 = factors.into_iter().map(u128::from).product();
        assert!(carmichael > u128::from(u64::MAX));
        assert!(!is_prime(&carmichael.to_string()));
    }

    #[test]
    fn squares_and_products_of_large_primes_fail() {
        let (one, two) = (u128::from(u64::MAX - 58), u128::from(u64::MAX - 82));
        assert!(!is_prime(&(one * one).to_string()));
        assert!(!is_prime(&(one * two).to_string()));
    }
}
