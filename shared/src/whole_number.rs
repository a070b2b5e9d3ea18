//! Whole numbers as people write them in options.

use std::ops::RangeInclusive;

/// The reason why a text is no whole number that an option takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WholeNumberError {
    /// Something else than digits, or a number outside of the range.
    #[error("write a whole number in digits alone, {}", range_in_words(.range))]
    Wrong {
        /// The numbers that are taken.
        range: RangeInclusive<u64>,
    },
    /// A number beyond 64 bits.
    #[error("the number is too large; write one of at most {most}")]
    TooLarge {
        /// The largest number that is taken.
        most: u64,
    },
}

/// Returns a parser of whole numbers in this range.
///
/// `T` must hold every number of the range; another number is refused as too large.
pub fn whole_number<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, WholeNumberError> + Clone + Send + Sync + 'static {
    move |text| {
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits {
            return Err(WholeNumberError::Wrong {
                range: range.clone(),
            });
        }
        let too_large = || WholeNumberError::TooLarge { most: *range.end() };
        let number: u64 = text.parse().map_err(|_| too_large())?;
        if !range.contains(&number) {
            return Err(WholeNumberError::Wrong {
                range: range.clone(),
            });
        }
        T::try_from(number).map_err(|_| too_large())
    }
}

fn range_in_words(range: &RangeInclusive<u64>) -> String {
    match (range.start(), range.end()) {
        (least, &u64::MAX) => format!("at least {least}"),
        (least, most) => format!("from {least} to {most}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_the_range_are_a_number() {
        let parse = whole_number::<u32>(1..=1_000);
        assert_eq!(parse("1"), Ok(1));
        assert_eq!(parse("0042"), Ok(42));
        assert_eq!(parse("1000"), Ok(1_000));
    }

    #[test]
    fn anything_else_is_refused_with_what_is_taken() {
        let told = |range, text| whole_number::<u64>(range)(text).unwrap_err().to_string();
        for text in [
            "", "abc", "-1", "+1", "1MB", "1_000", "1.5", " 1", "٣", "0", "1001",
        ] {
            assert_eq!(
                told(1..=1_000, text),
                "write a whole number in digits alone, from 1 to 1000",
                "{text}"
            );
        }
        assert!(told(0..=u64::MAX, "abc").ends_with("at least 0"));
        let beyond = "18446744073709551616";
        assert!(told(1..=1_000, beyond).ends_with("at most 1000"));
        assert!(told(0..=u64::MAX, beyond).contains("too large"));
    }
}
