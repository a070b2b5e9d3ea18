//! Durations as people write them: `250ms`, `10s`, `2m`, `1h`, `30d`, `2w`.

use std::time::Duration;

/// Why a text is no duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It has another form.
    #[error(
        "`{0}` is no duration; write a whole number and a unit, such as 250ms, 10s, 2m, 1h, 30d or 2w"
    )]
    Form(String),
    /// It has more milliseconds than 64 bits can count.
    #[error("`{0}` is too long; write at most 30000000000w")]
    TooLong(String),
}

/// Reads a whole number followed by `ms`, `s`, `m`, `h`, `d` (24 hours) or `w` (7 days).
///
/// # Errors
/// [`DurationError`] when the text has another form or is too large.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError::Form(text.to_owned());
    let too_long = || DurationError::TooLong(text.to_owned());
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
    let (number, unit) = text.split_at(digits);
    let unit_millis: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 24 * 3_600_000,
        "w" => 7 * 24 * 3_600_000,
        _ => return Err(error()),
    };
    if number.is_empty() {
        return Err(error());
    }
    // Digits alone fail to parse only when they are too many.
    let number: u64 = number.parse().map_err(|_| too_long())?;
    let milliseconds = number.checked_mul(unit_millis);
    milliseconds.map(Duration::from_millis).ok_or_else(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_unit_is_understood() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(parse_duration("1h"), Ok(Duration::from_hours(1)));
        assert_eq!(parse_duration("30d"), Ok(Duration::from_hours(30 * 24)));
        assert_eq!(parse_duration("2w"), Ok(Duration::from_hours(14 * 24)));
    }

    #[test]
    fn a_number_without_unit_is_refused_with_a_hint() {
        let error = parse_duration("10").unwrap_err();
        assert!(error.to_string().contains("such as 250ms"));
    }

    #[test]
    fn a_number_beyond_64_bits_of_milliseconds_is_refused() {
        assert!(parse_duration("18446744073709551615ms").is_ok());
        assert!(parse_duration("30000000000w").is_ok());
        assert!(parse_duration("99999999999999999999ms").is_err());
        assert!(parse_duration("s").is_err());
        for unit in ["s", "m", "h", "d", "w"] {
            let error = parse_duration(&format!("18446744073709551615{unit}")).unwrap_err();
            assert!(error.to_string().contains("is too long"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = parse_duration(&text);
        }

        #[test]
        fn milliseconds_come_back_as_written(number: u64) {
            prop_assert_eq!(
                parse_duration(&format!("{number}ms")),
                Ok(Duration::from_millis(number))
            );
        }
    }
}
