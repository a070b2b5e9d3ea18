//! What the size of a log's numbers means for the cost of its events.

use roomcast_shared::prime::Number;

/// The bits up to which numbers are cheap: the sieve decides them.
const CHEAP_BITS: u64 = 32;

/// How many primes of cheap numbers a search may have to pass over before the event that is asked
/// for. All that the sieve decides, up to 2^40, are passed over in an hour or two.
const MAX_CHEAP_DISTANCE: u64 = 40_000_000_000;

/// The same for numbers of 64 bits and for others by the cube of their size: again about that.
/// A number of 1,000 digits leaves 863.
const MAX_DEAR_DISTANCE: u64 = 1_000_000_000;

/// How many times as long as [`CHEAP_BITS`] numbers are, rounded up; at least 1. The cost of a prime
/// grows with its cube or faster.
pub(super) fn size(number: &Number) -> u64 {
    let bits = match number.to_u64() {
        Some(word) => u64::from(u64::BITS - word.leading_zeros()),
        // 10^3 is nearly 2^10.
        None => number.to_string().len() as u64 * 10 / 3,
    };
    bits.div_ceil(CHEAP_BITS).max(1)
}

/// How many events may have to be computed, in a log from `start`, before the one that a reader asks
/// for.
pub(super) fn max_distance(start: &Number) -> u64 {
    match size(start) {
        1 => MAX_CHEAP_DISTANCE,
        size => MAX_DEAR_DISTANCE / size.pow(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_counted_in_halves_of_a_word() {
        assert_eq!(size(&0.into()), 1);
        assert_eq!(size(&u64::from(u32::MAX).into()), 1);
        assert_eq!(size(&(u64::from(u32::MAX) + 1).into()), 2);
        assert_eq!(size(&u64::MAX.into()), 2);
        assert_eq!(size(&"18446744073709551616".parse().unwrap()), 3);
    }

    #[test]
    fn the_greater_the_numbers_the_fewer_are_passed_over() {
        let distance = |digits: usize| max_distance(&"9".repeat(digits).parse().unwrap());
        assert_eq!(distance(9), MAX_CHEAP_DISTANCE);
        assert_eq!(distance(19), 125_000_000);
        assert_eq!(distance(20), 37_037_037);
        assert_eq!(distance(1_000), 863);
    }
}
