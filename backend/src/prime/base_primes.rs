//! The small primes that sieve all others.

use std::sync::LazyLock;

/// Base primes are below this, so a sieve with all of them is exact up to its square, 2^40.
pub(super) const BASE_LIMIT: u32 = 1 << 20;

/// The odd primes below [`BASE_LIMIT`], ascending.
pub(super) fn base_primes() -> &'static [u32] {
    static BASE_PRIMES: LazyLock<Vec<u32>> = LazyLock::new(|| odd_primes_below(BASE_LIMIT));
    &BASE_PRIMES
}

/// The sieve of Eratosthenes over odd numbers.
fn odd_primes_below(limit: u32) -> Vec<u32> {
    let mut composite = vec![false; (limit / 2) as usize];
    let mut primes = Vec::new();
    for prime in (3..limit).step_by(2) {
        if composite[(prime / 2) as usize] {
            continue;
        }
        primes.push(prime);
        if let Some(square) = prime.checked_mul(prime) {
            for multiple in (square..limit).step_by(2 * prime as usize) {
                composite[(multiple / 2) as usize] = true;
            }
        }
    }
    primes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_82_025_primes_below_2_to_the_20() {
        // π(2^20) = 82,025 (OEIS A007053), less the prime 2.
        assert_eq!(base_primes().len(), 82_024);
        assert_eq!(base_primes()[..5], [3, 5, 7, 11, 13]);
        assert_eq!(base_primes().last(), Some(&1_048_573));
    }
}
