//! How far two numbers of any size are apart.

use roomcast_shared::prime::Number;

/// `to − from`; 0 when `to` is the smaller one, and `u64::MAX` when they are farther apart than
/// that.
///
/// Gaps between primes of a thousand digits are a few thousand: the numbers need not fit into a
/// word, their distance does.
pub fn distance(from: &Number, to: &Number) -> u64 {
    if let (Some(from), Some(to)) = (from.to_u64(), to.to_u64()) {
        return to.saturating_sub(from);
    }
    if from >= to {
        return 0;
    }
    decimal_distance(from.to_string().as_bytes(), to.to_string().as_bytes())
}

/// As [`distance`], of decimal digits without leading zeros, for `from` < `to`.
///
/// Subtracts as on paper, from the first digit on; a borrow shows as a negative digit, which the
/// running value takes up.
fn decimal_distance(from: &[u8], to: &[u8]) -> u64 {
    let missing_digits = to.len().saturating_sub(from.len());
    let mut value: i128 = 0;
    for (place, to_digit) in to.iter().enumerate() {
        let from_digit = place
            .checked_sub(missing_digits)
            .and_then(|place| from.get(place))
            .map_or(0, |digit| digit - b'0');
        value = value * 10 + i128::from(to_digit - b'0') - i128::from(from_digit);
        // Whatever follows takes less than one from this place: it stays out of range.
        if value > i128::from(u64::MAX) + 1 {
            return u64::MAX;
        }
    }
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn distance_of_words_is_their_difference() {
        assert_eq!(distance(&number("89"), &number("97")), 8);
    }

    #[test]
    fn distance_of_numbers_beyond_a_word_is_exact() {
        let from = format!("1{}7", "0".repeat(998));
        let to = format!("1{}11007", "0".repeat(994));
        assert_eq!(distance(&number(&from), &number(&to)), 11_000);
    }

    #[test]
    fn distance_counts_across_a_change_of_digits() {
        let from = "9".repeat(1_000);
        let to = format!("1{}7", "0".repeat(999));
        assert_eq!(distance(&number(&from), &number(&to)), 8);
    }

    #[test]
    fn distance_to_a_smaller_number_is_nothing() {
        assert_eq!(distance(&number("5"), &number("3")), 0);
        let large = "9".repeat(50);
        assert_eq!(distance(&number(&large), &number("3")), 0);
    }

    proptest! {
        #[test]
        fn distance_is_the_difference_that_arithmetic_gives(from: u128, apart: u64) {
            let to = from.saturating_add(u128::from(apart));
            let expected = u64::try_from(to - from).unwrap();
            prop_assert_eq!(
                distance(&number(&from.to_string()), &number(&to.to_string())),
                expected
            );
        }

        #[test]
        fn distance_beyond_a_word_is_the_largest_word(from: u64, to: u128) {
            let expected = u64::try_from(to.saturating_sub(u128::from(from))).unwrap_or(u64::MAX);
            prop_assert_eq!(
                distance(&number(&from.to_string()), &number(&to.to_string())),
                expected
            );
        }
    }
}
