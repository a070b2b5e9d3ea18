//! Values of options as people write them. Each error says in one sentence what was written and what is taken.

use std::ops::RangeInclusive;

use tracing::level_filters::LevelFilter;

/// Numbers of which there must be one at least.
pub(super) const COUNT: RangeInclusive<u64> = 1..=u32::MAX as u64;

/// Words that switch something on; those at the same place in [`OFF`] switch it off.
const ON: [&str; 5] = ["1", "true", "yes", "on", "y"];
const OFF: [&str; 5] = ["0", "false", "no", "off", "n"];

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
