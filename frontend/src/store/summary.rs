//! What is said of primes: for the eye, shortened; for a screen reader, seldom.

use std::time::Duration;

/// Digits that a row of the list shows whole on every screen.
const MAX_SURE_DIGITS: usize = 20;

/// Digits of a row at most; where there are more, the middle ones are left out.
const MAX_ROW_DIGITS: usize = 60;

/// Digits at the end of a number that are always shown: neighbours differ there.
const TAIL_DIGITS: usize = 8;

/// A screen reader is told about every so much time of arriving primes.
const SUMMARY_EVERY: Duration = Duration::from_secs(20);

/// The two parts of a number that may be too long for a row: the first gives way where there is no
/// room, the second is always shown.
///
/// `None` for a number that fits on every screen.
pub fn row_parts(digits: &str) -> Option<(String, String)> {
    if digits.len() <= MAX_SURE_DIGITS || !digits.is_ascii() {
        return None;
    }
    let (head, tail) = digits.split_at(digits.len() - TAIL_DIGITS);
    let head = match head.get(..MAX_ROW_DIGITS - TAIL_DIGITS) {
        Some(first) if first.len() < head.len() => format!("{first}…"),
        _ => head.to_owned(),
    };
    Some((head, tail.to_owned()))
}

/// The number as it stands in a sentence: whole, or both ends.
pub fn shortened(digits: &str) -> String {
    if digits.len() <= MAX_SURE_DIGITS || !digits.is_ascii() {
        return digits.to_owned();
    }
    let (first, last) = (
        &digits[..TAIL_DIGITS],
        &digits[digits.len() - TAIL_DIGITS..],
    );
    format!("{first}…{last}")
}

/// How many primes apart two summaries are at this interval; `None` where they come too fast to
/// tell anything but the end.
pub fn summary_step(interval: Duration) -> Option<u64> {
    let step = SUMMARY_EVERY
        .as_millis()
        .checked_div(interval.as_millis())?;
    u64::try_from(step).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_fits_is_shown_whole() {
        let digits = "1".repeat(MAX_SURE_DIGITS);
        assert_eq!(shortened(&digits), digits);
        assert_eq!(row_parts(&digits), None);
    }

    #[test]
    fn a_longer_number_stands_in_a_sentence_with_both_ends() {
        let digits = format!("12345678{}87654321", "0".repeat(5));
        assert_eq!(shortened(&digits), "12345678…87654321");
    }

    #[test]
    fn a_row_has_all_digits_of_a_number_that_a_wide_screen_holds() {
        let digits = format!("{}87654321", "1".repeat(MAX_ROW_DIGITS - TAIL_DIGITS));
        let (head, tail) = row_parts(&digits).unwrap();
        assert_eq!(format!("{head}{tail}"), digits);
        assert_eq!(tail, "87654321");
    }

    #[test]
    fn a_row_of_a_still_longer_number_leaves_out_the_middle() {
        let digits = format!("2{}87654321", "0".repeat(991));
        let (head, tail) = row_parts(&digits).unwrap();
        assert_eq!(head, format!("2{}…", "0".repeat(51)));
        assert_eq!(tail, "87654321");
    }

    #[test]
    fn summaries_are_20_seconds_apart_at_any_speed() {
        assert_eq!(summary_step(Duration::from_secs(1)), Some(20));
        assert_eq!(summary_step(Duration::from_millis(50)), Some(400));
        assert_eq!(summary_step(Duration::ZERO), None);
    }
}
