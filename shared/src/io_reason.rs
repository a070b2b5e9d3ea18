//! What the system says about a failure, in words for people.

use std::borrow::Cow;
use std::io;

/// How the standard library begins to add the number of an error to its text.
const CODE: &str = " (os error ";

/// The text of `error` without the number that the system has for it.
///
/// The number means something to programs alone, and another thing on each system.
pub fn io_reason(error: &io::Error) -> String {
    without_os_codes(&error.to_string()).into_owned()
}

/// A text without the numbers of system errors, wherever in it they stand: an error is often told by
/// another one.
pub fn without_os_codes(text: &str) -> Cow<'_, str> {
    if !text.contains(CODE) {
        return Cow::Borrowed(text);
    }
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(CODE) {
        words.push_str(before);
        let digits = after.trim_start_matches('-');
        let digits = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = if let Some(after) = digits.strip_prefix(')') {
            after
        } else {
            words.push_str(CODE);
            after
        };
    }
    words.push_str(rest);
    Cow::Owned(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_is_told_without_its_number() {
        let error = io::Error::from_raw_os_error(2);
        assert!(error.to_string().contains("os error 2"));
        let reason = io_reason(&error);
        assert!(
            !reason.is_empty() && !reason.contains("os error"),
            "{reason}"
        );
    }

    #[test]
    fn the_number_is_left_out_wherever_it_stands() {
        for (text, words) in [
            ("no (os error 2); try", "no; try"),
            ("a: b (os error 98): c (os error -1)", "a: b: c"),
            ("nothing to leave out", "nothing to leave out"),
            ("told (os error by hand)", "told (os error by hand)"),
            (" (os error 1", " (os error 1"),
        ] {
            assert_eq!(without_os_codes(text), words);
        }
    }
}
