//! Sizes, times and rates as people read and write them.

use std::num::NonZeroU64;
use std::time::Duration;

/// A number of bytes in decimal units, at most seven characters long.
pub(super) fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = count as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        // What would be rounded to a thousand is one of the next unit.
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    let digits = usize::from(value < 9.95 && unit != "B");
    format!("{value:.digits$} {unit}")
}

/// A time in milliseconds; with one digit more where it is short.
pub(super) fn milliseconds(time: Duration) -> String {
    let value = time.as_secs_f64() * 1000.0;
    let digits = usize::from(value < 9.95 && !time.is_zero());
    format!("{value:.digits$}")
}

/// A rate in bits a second, such as `9 Mbit/s`.
pub(super) fn rate(bytes_per_second: NonZeroU64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "no rate of a link has so many digits"
    )]
    let bits = bytes_per_second.get() as f64 * 8.0;
    match bits {
        bits if bits >= 1e9 => format!("{} Gbit/s", bits / 1e9),
        bits if bits >= 1e6 => format!("{} Mbit/s", bits / 1e6),
        bits => format!("{} kbit/s", bits / 1e3),
    }
}

/// Reads `9Mbit`, `1.6 Mbit/s` or `500kbit` into bytes a second.
///
/// # Errors
/// A sentence that says what to write.
pub(super) fn parse_rate(text: &str) -> Result<NonZeroU64, String> {
    let help = || format!("'{text}' is no bandwidth; write 500kbit, 9Mbit or 1Gbit");
    let (number, unit) = number_and_unit(text).ok_or_else(help)?;
    let bits = match unit.trim_end_matches("/s") {
        "kbit" => number * 1e3,
        "Mbit" => number * 1e6,
        "Gbit" => number * 1e9,
        _ => return Err(help()),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number that is too large becomes the largest; there is no sign"
    )]
    NonZeroU64::new((bits / 8.0) as u64).ok_or_else(help)
}

fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_or_three_digits_and_a_unit() {
        for (count, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9949, "9.9 kB"),
            (9950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(count), shown);
        }
    }

    #[test]
    fn times_are_milliseconds() {
        assert_eq!(milliseconds(Duration::ZERO), "0");
        assert_eq!(milliseconds(Duration::from_micros(1240)), "1.2");
        assert_eq!(milliseconds(Duration::from_micros(9960)), "10");
        assert_eq!(milliseconds(Duration::from_secs(2)), "2000");
    }

    #[test]
    fn rates_are_read_with_their_unit_only() {
        assert_eq!(parse_rate("1.6Mbit/s").unwrap().get(), 200_000);
        assert_eq!(rate(parse_rate("1.6Mbit").unwrap()), "1.6 Mbit/s");
        assert_eq!(rate(parse_rate("500kbit").unwrap()), "500 kbit/s");
        for wrong in ["", "9", "0Mbit", "9MB", "-1Mbit"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }
}
