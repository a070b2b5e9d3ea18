//! Durations as people write them: `250ms`, `10s`, `2m`, `1h`.

use std::time::Duration;

/// Why a text is no duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration; write a whole number and a unit, such as 250ms, 10s, 2m or 1h")]
pub struct DurationError(String);

/// Reads a whole number followed by `ms`, `s`, `m` or `h`.
///
/// # Errors
/// [`DurationError`] when the text has another form or is too large.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError(text.to_owned());
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| error())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    milliseconds.map(Duration::from_millis).ok_or_else(error)
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
    }

    #[test]
    fn a_number_without_unit_is_refused_with_a_hint() {
        let error = parse_duration("10").unwrap_err();
        assert!(error.to_string().contains("such as 250ms"));
    }

    #[test]
    fn a_number_beyond_64_bits_of_milliseconds_is_refused() {
        assert!(parse_duration("18446744073709551615ms").is_ok());
        assert!(parse_duration("18446744073709551615s").is_err());
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
