//! Values of options as people write them. Each error says in one sentence what was written and what is taken.

use std::fmt::Display;
use std::str::FromStr;

use tracing::level_filters::LevelFilter;

/// Words that switch something on; those at the same place in [`OFF`] switch it off.
const ON: [&str; 5] = ["1", "true", "yes", "on", "y"];
const OFF: [&str; 5] = ["0", "false", "no", "off", "n"];

/// A parser of whole numbers from `least` on.
pub(super) fn number<T>(least: T) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync,
{
    move |text| at_least(text, least, "a whole number")
}

/// A parser of numbers of bytes from `least` on.
pub(super) fn bytes<T>(least: T) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync,
{
    move |text| at_least(text, least, "a number of bytes without a unit")
}

fn at_least<T>(text: &str, least: T, kind: &str) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let has_digits_alone = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if has_digits_alone && number >= least => Ok(number),
        Err(_) if has_digits_alone => Err("it is too large".to_owned()),
        _ => Err(format!("write {kind} from {least} on")),
    }
}

/// Reads a switch.
///
/// # Errors
/// A sentence that says what to write.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    let is_one_of = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(ON) {
        Ok(true)
    } else if is_one_of(OFF) {
        Ok(false)
    } else {
        Err("write 1, true, yes or on, or 0, false, no or off".to_owned())
    }
}

/// Reads how much is told in the log.
///
/// # Errors
/// A sentence that says what to write.
pub fn log_level(text: &str) -> Result<LevelFilter, String> {
    text.parse()
        .map_err(|_| "write off, error, warn, info, debug or trace".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_digits_alone_and_is_at_least_what_is_asked_for() {
        assert_eq!(number(1_u32)("1"), Ok(1));
        assert_eq!(bytes(0_usize)("1048576"), Ok(1_048_576));
        for text in ["0", "", "-1", "+1", "1.5", "abc", "1k", " 1"] {
            let error = number(1_u32)(text).unwrap_err();
            assert_eq!(error, "write a whole number from 1 on", "{text}");
        }
        let error = bytes(0_u64)("1MB").unwrap_err();
        assert_eq!(error, "write a number of bytes without a unit from 0 on");
        assert_eq!(number(1_u32)("4294967296").unwrap_err(), "it is too large");
    }

    #[test]
    fn a_switch_is_on_or_off() {
        for (on, off) in ON.into_iter().zip(OFF) {
            assert_eq!(switch(on), Ok(true));
            assert_eq!(switch(&on.to_uppercase()), Ok(true));
            assert_eq!(switch(off), Ok(false));
        }
        for text in ["", "maybe", "2", "tru"] {
            assert!(
                switch(text).unwrap_err().contains("write 1, true"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_level_is_one_that_the_help_names() {
        assert_eq!(log_level("Debug"), Ok(LevelFilter::DEBUG));
        assert!(log_level("x").unwrap_err().starts_with("write off, error"));
    }
}
