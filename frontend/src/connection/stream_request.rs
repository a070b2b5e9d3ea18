//! What a person asks the stream of primes for, and the address that says so.

use std::time::Duration;

use roomcast_shared::limits::MAX_START_DIGITS;
use roomcast_shared::prime::{Number, NumberError};

use crate::base_path;

/// How many primes a run has when nothing else is asked for, and how many more are offered after
/// them: the book's hundred.
pub const DEFAULT_COUNT: u64 = 100;

/// Events asked for at a time where they come as fast as they can.
///
/// A browser hands over all events that it has received before it draws or takes a click again: this
/// many take it a few hundredths of a second.
const SLICE_EVENTS: u64 = 2_000;

/// What to stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRequest {
    /// Where to look for the first prime.
    pub from: Number,
    /// How many primes.
    pub count: u64,
    /// Time between two of them.
    pub interval: Duration,
}

impl Default for StreamRequest {
    fn default() -> Self {
        Self {
            from: 2.into(),
            count: DEFAULT_COUNT,
            interval: Duration::from_secs(1),
        }
    }
}

impl StreamRequest {
    /// The id of the last event that the stream after event `last_id` brings.
    pub fn slice_end(&self, last_id: u64) -> u64 {
        if self.interval.is_zero() {
            self.count.min(last_id.saturating_add(SLICE_EVENTS))
        } else {
            self.count
        }
    }

    /// The path and query of the stream after event `last_id`; 0 means from its beginning.
    pub fn url(&self, last_id: u64) -> String {
        let (from, count) = (&self.from, self.slice_end(last_id));
        let milliseconds = self.interval.as_millis();
        let mut url = base_path::join(&format!(
            "/prime?from={from}&count={count}&interval={milliseconds}ms"
        ));
        if last_id > 0 {
            url.push_str("&last-event-id=");
            url.push_str(&last_id.to_string());
        }
        url
    }
}

/// Reads a start value as people write it: digits, with spaces, commas, underscores or apostrophes
/// between them.
///
/// # Errors
/// A sentence that says what to write instead.
pub fn parse_start(text: &str) -> Result<Number, String> {
    let digits: String = text
        .chars()
        .filter(|sign| !sign.is_whitespace() && !",_'’".contains(*sign))
        .collect();
    Number::from_decimal(&digits, MAX_START_DIGITS).map_err(|error| match error {
        NumberError::Empty => "Write a number to start from, such as 2.".to_owned(),
        NumberError::NotDigits => "Write the start as a whole number, in digits only.".to_owned(),
        NumberError::TooLong { digits, max } => {
            format!("That number has {digits} digits. Write one of at most {max}.")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_begins_without_a_last_event() {
        assert_eq!(
            StreamRequest::default().url(0),
            "/prime?from=2&count=100&interval=1000ms"
        );
    }

    #[test]
    fn a_resumed_run_names_the_last_event_that_was_seen() {
        let request = StreamRequest {
            from: "100000000000000000000000000000".parse().unwrap(),
            count: 200,
            interval: Duration::ZERO,
        };
        assert_eq!(
            request.url(117),
            "/prime?from=100000000000000000000000000000&count=200&interval=0ms&last-event-id=117"
        );
    }

    #[test]
    fn at_full_speed_a_long_run_comes_in_slices() {
        let request = StreamRequest {
            count: 5_000,
            interval: Duration::ZERO,
            ..StreamRequest::default()
        };
        let ends = [0, 2_000, 4_000].map(|last_id| request.slice_end(last_id));
        assert_eq!(ends, [2_000, 4_000, 5_000]);
        assert!(request.url(2_000).contains("&count=4000&"));
    }

    #[test]
    fn at_other_speeds_a_run_comes_whole() {
        let request = StreamRequest {
            count: 5_000,
            ..StreamRequest::default()
        };
        assert_eq!(request.slice_end(0), 5_000);
    }

    #[test]
    fn a_start_is_read_as_people_write_it() {
        for text in [
            "1000000",
            " 1 000 000 ",
            "1,000,000",
            "1_000_000",
            "1'000'000",
        ] {
            assert_eq!(parse_start(text), Ok(1_000_000.into()), "{text}");
        }
    }

    #[test]
    fn a_start_has_at_most_1000_digits() {
        assert!(parse_start(&"9".repeat(1_000)).is_ok());
        assert_eq!(
            parse_start(&"9".repeat(1_001)),
            Err("That number has 1001 digits. Write one of at most 1000.".to_owned())
        );
    }

    #[test]
    fn what_is_no_number_is_refused_with_advice() {
        for text in ["", "  ", ",", "-5", "2.5", "1e9", "two", "0x10", "٣"] {
            let advice = parse_start(text).unwrap_err();
            assert!(advice.starts_with("Write "), "{text}: {advice}");
        }
    }
}
