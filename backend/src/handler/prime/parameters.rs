//! The query of `/prime`.

use std::num::NonZero;
use std::time::Duration;

use roomcast_shared::limits::{MAX_JSON_INTEGER, MAX_START_DIGITS};
use roomcast_shared::prime::{Number, NumberError};
use unicode_segmentation::UnicodeSegmentation as _;

/// How many events a stream has if the query does not say, as in the book.
const DEFAULT_COUNT: NonZero<u64> = NonZero::new(100).expect("100 is not zero");

/// The time between two events if the query does not say, as in the book.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);

/// The longest time between two events. Only heartbeats pass meanwhile, and a connection for less
/// than an event an hour is better not kept at all.
const MAX_INTERVAL: Duration = Duration::from_hours(1);

/// The greatest id after which a stream can be resumed: some days of reading at full speed. What
/// comes before it may have to be computed again.
const MAX_EVENT_ID: u64 = 1_000_000_000_000;

/// How much of an unknown parameter's name is repeated in the refusal, in grapheme clusters (UAX #29), and in
/// bytes for each, since they have no greatest size.
const MAX_QUOTED_NAME: usize = 40;
const MAX_QUOTED_CHARACTER_BYTES: usize = 32;

/// What a request for primes asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// The first prime is the least one that is not below this.
    pub(super) from: Number,
    /// How many events the stream has in all; `None`: it does not end.
    pub(super) count: Option<NonZero<u64>>,
    /// The time between two events; zero: as fast as the reader takes them.
    pub(super) interval: Duration,
    /// The event after which the stream goes on.
    pub(super) last_event_id: Option<u64>,
}

/// Why a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    #[error(
        "There is no parameter \"{0}\": use \"from\", \"count\", \"interval\" or \
         \"last-event-id\", for example ?from=1000&count=10&interval=250ms."
    )]
    Unknown(String),
    #[error("The parameter \"{0}\" is given twice: give it once.")]
    Duplicate(&'static str),
    #[error(
        "The parameter \"from\" must be a natural number of at most {MAX_START_DIGITS} digits, but \
         {0}: write for example from=1000."
    )]
    From(NumberError),
    #[error(
        "The parameter \"count\" must be a whole number from 0, which means for ever, to \
         {MAX_JSON_INTEGER}: write for example count=100."
    )]
    Count,
    #[error(
        "The parameter \"interval\" must be 0, which means as fast as possible, or a whole number \
         of milliseconds or seconds up to an hour: write for example interval=250ms or interval=1s."
    )]
    Interval,
    #[error(
        "The parameter \"last-event-id\" must be the id of the last event received, a whole number \
         up to {MAX_EVENT_ID}: write for example last-event-id=42."
    )]
    LastEventId,
}

impl Parameters {
    /// Reads the query of a URL, without its question mark.
    ///
    /// # Errors
    /// [`ParameterError`] for the first parameter that is unknown, given twice or bad.
    pub(super) fn parse(query: &str) -> Result<Self, ParameterError> {
        let mut from = None;
        let mut count = None;
        let mut interval = None;
        let mut last_event_id = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "from" => once(&mut from, "from", parse_from(&value))?,
                "count" => once(&mut count, "count", parse_count(&value))?,
                "interval" => once(&mut interval, "interval", parse_interval(&value))?,
                "last-event-id" => once(
                    &mut last_event_id,
                    "last-event-id",
                    parse_event_id(&value).ok_or(ParameterError::LastEventId),
                )?,
                _ => return Err(ParameterError::Unknown(quote(&name))),
            }
        }
        Ok(Self {
            from: from.unwrap_or(Number::from(2)),
            count: count.unwrap_or(Some(DEFAULT_COUNT)),
            interval: interval.unwrap_or(DEFAULT_INTERVAL),
            last_event_id,
        })
    }
}

/// Reads the id of an event; 0 stands for "before the first one".
pub(super) fn parse_event_id(text: &str) -> Option<u64> {
    parse_digits(text).filter(|id| *id <= MAX_EVENT_ID)
}

fn once<T>(
    place: &mut Option<T>,
    name: &'static str,
    value: Result<T, ParameterError>,
) -> Result<(), ParameterError> {
    if place.is_some() {
        return Err(ParameterError::Duplicate(name));
    }
    *place = Some(value?);
    Ok(())
}

fn parse_from(text: &str) -> Result<Number, ParameterError> {
    Number::from_decimal(text, MAX_START_DIGITS).map_err(ParameterError::From)
}

fn parse_count(text: &str) -> Result<Option<NonZero<u64>>, ParameterError> {
    match parse_digits(text) {
        Some(count) if count <= MAX_JSON_INTEGER => Ok(NonZero::new(count)),
        _ => Err(ParameterError::Count),
    }
}

fn parse_interval(text: &str) -> Result<Duration, ParameterError> {
    let interval = if text == "0" {
        Some(Duration::ZERO)
    } else if let Some(milliseconds) = text.strip_suffix("ms") {
        parse_digits(milliseconds).map(Duration::from_millis)
    } else {
        let seconds = text.strip_suffix('s').ok_or(ParameterError::Interval)?;
        parse_digits(seconds).map(Duration::from_secs)
    };
    interval
        .filter(|interval| *interval <= MAX_INTERVAL)
        .ok_or(ParameterError::Interval)
}

/// Reads a number of digits alone: unlike `parse`, no sign.
fn parse_digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

fn quote(name: &str) -> String {
    name.graphemes(true)
        .take(MAX_QUOTED_NAME)
        .take_while(|character| character.len() <= MAX_QUOTED_CHARACTER_BYTES)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_of_an_unknown_parameter_is_cut_between_characters() {
        let letter = "e\u{301}";
        assert_eq!(quote(&letter.repeat(50)), letter.repeat(MAX_QUOTED_NAME));
        assert_eq!(quote(&format!("a{}", "\u{301}".repeat(50))), "");
        assert_eq!(quote("from"), "from");
    }

    fn parse(query: &str) -> Result<Parameters, ParameterError> {
        Parameters::parse(query)
    }

    fn interval(value: &str) -> Option<Duration> {
        parse(&format!("interval={value}"))
            .ok()
            .map(|parameters| parameters.interval)
    }

    #[test]
    fn without_a_query_the_stream_is_that_of_the_book() {
        let book = Parameters {
            from: Number::from(2),
            count: NonZero::new(100),
            interval: Duration::from_secs(1),
            last_event_id: None,
        };
        assert_eq!(parse(""), Ok(book));
    }

    #[test]
    fn every_parameter_can_be_given_in_any_order() {
        let parameters = Parameters {
            from: Number::from(1_000),
            count: None,
            interval: Duration::from_millis(250),
            last_event_id: Some(7),
        };
        assert_eq!(
            parse("interval=250ms&last-event-id=7&count=0&from=1000"),
            Ok(parameters)
        );
    }

    #[test]
    fn a_start_has_at_most_1_000_digits() {
        let digits = |count| format!("from={}", "9".repeat(count));
        assert!(parse(&digits(1_000)).is_ok());
        assert_eq!(
            parse(&digits(1_001)),
            Err(ParameterError::From(NumberError::TooLong {
                digits: 1_001,
                max: 1_000
            }))
        );
    }

    #[test]
    fn an_interval_is_0_or_has_a_unit_and_is_at_most_an_hour() {
        assert_eq!(interval("0"), Some(Duration::ZERO));
        assert_eq!(interval("0s"), Some(Duration::ZERO));
        assert_eq!(interval("1ms"), Some(Duration::from_millis(1)));
        assert_eq!(interval("3600s"), Some(MAX_INTERVAL));
        assert_eq!(interval("3600000ms"), Some(MAX_INTERVAL));
        for refused in [
            "",
            "1",
            "s",
            "ms",
            "1m",
            "1.5s",
            "-1s",
            "+1s",
            "1 s",
            "1S",
            "3601s",
            "3600001ms",
            "99999999999999999999s",
        ] {
            assert_eq!(interval(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_count_is_a_whole_number_that_json_can_carry() {
        let count =
            |value: &str| parse(&format!("count={value}")).map(|parameters| parameters.count);
        assert_eq!(count("0"), Ok(None));
        assert_eq!(
            count("9007199254740991"),
            Ok(NonZero::new(MAX_JSON_INTEGER))
        );
        for refused in ["", "-1", "%2B1", "1.0", "ten", "9007199254740992"] {
            assert_eq!(count(refused), Err(ParameterError::Count), "{refused}");
        }
    }

    #[test]
    fn a_last_event_id_is_a_whole_number_up_to_10_to_the_12() {
        let id = |value: &str| {
            parse(&format!("last-event-id={value}")).map(|parameters| parameters.last_event_id)
        };
        assert_eq!(id("0"), Ok(Some(0)));
        assert_eq!(id("1000000000000"), Ok(Some(MAX_EVENT_ID)));
        for refused in ["", "-1", "abc", "1000000000001"] {
            assert_eq!(id(refused), Err(ParameterError::LastEventId), "{refused}");
        }
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        for name in ["from", "count", "interval", "last-event-id"] {
            let value = if name == "interval" { "1s" } else { "1" };
            let error = parse(&format!("{name}={value}&{name}={value}")).unwrap_err();
            assert!(matches!(error, ParameterError::Duplicate(duplicate) if duplicate == name));
        }
    }

    #[test]
    fn an_unknown_parameter_is_named_but_not_at_any_length() {
        let error = parse("start=7").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("There is no parameter \"start\": use \"from\"")
        );
        let error = parse(&"x".repeat(10_000)).unwrap_err();
        assert!(error.to_string().len() < 250);
    }

    #[test]
    fn a_refusal_says_which_parameter_and_why_and_gives_an_example() {
        assert_eq!(
            parse("from=1e9").unwrap_err().to_string(),
            "The parameter \"from\" must be a natural number of at most 1000 digits, but it has \
             something else than the digits 0 to 9 in it: write for example from=1000."
        );
    }

    proptest! {
        #[test]
        fn no_query_makes_parsing_panic(query in ".*") {
            let _ = parse(&query);
        }

        #[test]
        fn near_misses_do_not_make_parsing_panic(
            query in "((from|count|interval|last-event-id|x)=?[-+%0-9a-fms]{0,24}&?){0,4}",
        ) {
            if let Err(error) = parse(&query) {
                prop_assert!(error.to_string().ends_with('.'));
            }
        }

        #[test]
        fn what_is_written_is_what_is_read(
            from in "[1-9][0-9]{0,40}",
            count in 1..=MAX_JSON_INTEGER,
            milliseconds in 0_u64..=3_600_000,
            id in 0..=MAX_EVENT_ID,
        ) {
            let query =
                format!("from={from}&count={count}&interval={milliseconds}ms&last-event-id={id}");
            let expected = Parameters {
                from: from.parse().unwrap(),
                count: NonZero::new(count),
                interval: Duration::from_millis(milliseconds),
                last_event_id: Some(id),
            };
            prop_assert_eq!(parse(&query), Ok(expected));
        }
    }
}
