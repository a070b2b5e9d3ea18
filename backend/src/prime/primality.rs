//! Primality of machine words, proven.

/// The first twelve primes. No composite below 318,665,857,834,031,151,167,461, which is more than
/// 2^64, is a strong pseudoprime to all of them (Sorenson and Webster 2015; OEIS A014233).
const WITNESSES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// Whether `number` is prime: the Miller-Rabin test with bases that leave no doubt below 2^64.
pub(super) fn is_prime(number: u64) -> bool {
    if number < 2 {
        return false;
    }
    for witness in WITNESSES {
        if number.is_multiple_of(witness) {
            return number == witness;
        }
    }
    let field = Montgomery::new(number);
    WITNESSES
        .into_iter()
        .all(|base| field.is_strong_probable_prime(base))
}

/// Arithmetic modulo an odd number in Montgomery form: `x` stands as `x · 2^64`.
struct Montgomery {
    modulus: u64,
    /// The inverse of the modulus modulo 2^64.
    inverse: u64,
    /// 1 and −1 in Montgomery form.
    one: u64,
    minus_one: u64,
    /// 2^128 modulo the modulus, which takes numbers into Montgomery form.
    square_of_radix: u64,
}

impl Montgomery {
    fn new(modulus: u64) -> Self {
        // Newton's iteration doubles the correct low bits: from 3 (m · m ≡ 1 modulo 8) to 96.
        let mut inverse = modulus;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(modulus.wrapping_mul(inverse)));
        }
        let one = u64::MAX % modulus + 1;
        let square = u128::from(one) * u128::from(one) % u128::from(modulus);
        Self {
            modulus,
            inverse,
            one,
            minus_one: modulus - one,
            square_of_radix: low(square),
        }
    }

    fn multiply(&self, one: u64, two: u64) -> u64 {
        let product = u128::from(one) * u128::from(two);
        let quotient = low(product).wrapping_mul(self.inverse);
        let subtrahend = high(u128::from(quotient) * u128::from(self.modulus));
        let (difference, borrow) = high(product).overflowing_sub(subtrahend);
        if borrow {
            difference.wrapping_add(self.modulus)
        } else {
            difference
        }
    }

    fn power(&self, base: u64, exponent: u64) -> u64 {
        let mut power = base;
        for bit in (0..exponent.ilog2()).rev() {
            power = self.multiply(power, power);
            if exponent >> bit & 1 == 1 {
                power = self.multiply(power, base);
            }
        }
        power
    }

    fn is_strong_probable_prime(&self, base: u64) -> bool {
        let twos = (self.modulus - 1).trailing_zeros();
        let odd = (self.modulus - 1) >> twos;
        let mut power = self.power(self.multiply(base, self.square_of_radix), odd);
        if power == self.one || power == self.minus_one {
            return true;
        }
        for _ in 1..twos {
            power = self.multiply(power, power);
            if power == self.minus_one {
                return true;
            }
        }
        false
    }
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn low(number: u128) -> u64 {
    number as u64
}

/// The upper half.
fn high(number: u128) -> u64 {
    low(number >> 64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_prime_by_trial_division(number: u64) -> bool {
        number >= 2 && (2..=number.isqrt()).all(|divisor| !number.is_multiple_of(divisor))
    }

    #[test]
    fn agrees_with_trial_division_on_the_first_hundred_thousand_numbers() {
        for number in 0..100_000 {
            assert_eq!(
                is_prime(number),
                is_prime_by_trial_division(number),
                "{number}"
            );
        }
    }

    #[test]
    fn the_least_strong_pseudoprimes_to_the_first_primes_are_composite() {
        // OEIS A014233, as far as it goes in 64 bits.
        for number in [
            2_047,
            1_373_653,
            25_326_001,
            3_215_031_751,
            2_152_302_898_747,
            3_474_749_660_383,
            341_550_071_728_321,
            3_825_123_056_546_413_051,
        ] {
            assert!(!is_prime(number), "{number}");
        }
    }

    #[test]
    fn strong_pseudoprimes_to_base_2_are_composite() {
        // OEIS A001262.
        for number in [
            2_047, 3_277, 4_033, 4_681, 8_321, 15_841, 29_341, 42_799, 49_141, 52_633, 65_281,
            74_665, 80_581, 85_489, 88_357, 90_751, 104_653, 130_561, 196_093, 220_729, 233_017,
        ] {
            assert!(!is_prime(number), "{number}");
        }
    }

    #[test]
    fn carmichael_numbers_are_composite() {
        // OEIS A002997.
        for number in [
            561, 1_105, 1_729, 2_465, 2_821, 6_601, 8_911, 10_585, 15_841, 29_341, 41_041, 46_657,
            52_633, 62_745, 63_973, 75_361, 101_101, 115_921, 126_217, 162_401, 172_081, 188_461,
        ] {
            assert!(!is_prime(number), "{number}");
        }
    }

    #[test]
    fn lucas_pseudoprimes_are_composite() {
        // OEIS A217120 and A217255.
        for number in [
            323, 377, 1_159, 1_829, 3_827, 5_459, 5_777, 9_071, 9_179, 10_877, 11_419, 11_663,
            13_919, 14_839, 16_109, 16_211, 18_407, 18_971, 19_043, 22_499, 25_199, 40_309, 58_519,
            75_077, 97_439, 100_127, 113_573, 115_639, 130_139, 155_819, 158_399, 161_027,
        ] {
            assert!(!is_prime(number), "{number}");
        }
    }

    #[test]
    fn primes_around_the_powers_of_two_are_known() {
        for (power, distance) in [(32_u32, 5_u64), (40, 87), (48, 59), (53, 111), (63, 25)] {
            let prime = (1 << power) - distance;
            assert!(is_prime(prime), "2^{power} − {distance}");
            for number in prime + 1..1 << power {
                assert!(!is_prime(number), "{number}");
            }
        }
        // The largest below 2^64 is 2^64 − 59.
        assert!(is_prime(u64::MAX - 58));
        for number in u64::MAX - 57..=u64::MAX {
            assert!(!is_prime(number), "{number}");
        }
    }

    #[test]
    fn mersenne_numbers_are_prime_for_the_known_exponents_alone() {
        let exponents: Vec<u32> = (2..64)
            .filter(|exponent| is_prime((1 << exponent) - 1))
            .collect();
        assert_eq!(exponents, [2, 3, 5, 7, 13, 17, 19, 31, 61]);
    }

    proptest! {
        #[test]
        fn a_product_is_never_prime(one in 2_u64..1 << 32, two in 2_u64..1 << 32) {
            prop_assert!(!is_prime(one * two));
        }
    }
}
