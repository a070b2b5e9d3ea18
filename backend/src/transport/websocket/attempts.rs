//! What came of the last opening handshakes.
//!
//! Scripts in a browser are not told why a WebSocket was refused. So a client gives each handshake a token of
//! its own, `?attempt=TOKEN`, and asks for its outcome by another request.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use tokio::time::Instant;

use crate::handler::problem::Problem;

/// Handshakes that are remembered, some hundred bytes each. A client asks within seconds.
const MAX_REMEMBERED: usize = 1_024;

/// How long a handshake is remembered.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The length of the longest token, in bytes.
const MAX_TOKEN_BYTES: usize = 64;

/// The token of a handshake: 1 to 64 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt(Box<str>);

impl Attempt {
    /// Reads `?attempt=`. `None` if there is none, or none that is valid.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let parameters = form_urlencoded::parse(uri.query()?.as_bytes());
        let token = parameters
            .into_iter()
            .find_map(|(name, value)| (name == "attempt").then_some(value))?;
        let is_valid = (1..=MAX_TOKEN_BYTES).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| Self(token.into()))
    }
}

/// What came of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The WebSocket was opened here.
    Accepted,
    /// It came without what makes it a handshake.
    Stripped,
    /// It was refused.
    Refused {
        /// Why.
        problem: Problem,
        /// The seconds of `Retry-After`, if there are any.
        retry_after: Option<u64>,
    },
}

/// The last handshakes that had a token. Bounded in number and age.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<VecDeque<(Instant, Attempt, Outcome)>>);

impl Attempts {
    /// Remembers what came of a handshake at `now`.
    pub(crate) fn remember(&self, attempt: Attempt, outcome: Outcome, now: Instant) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |(at, ..): &(Instant, _, _)| now.saturating_duration_since(*at) >= MAX_AGE;
        while kept.len() >= MAX_REMEMBERED || kept.front().is_some_and(is_old) {
            kept.pop_front();
        }
        kept.push_back((now, attempt, outcome));
    }

    /// The newest outcome of a handshake. `None` if it did not arrive here, or too long ago.
    pub(crate) fn outcome(&self, attempt: &Attempt, now: Instant) -> Option<Outcome> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest_first = kept.iter().rev();
        newest_first
            .find(|(at, kept, _)| kept == attempt && now.saturating_duration_since(*at) < MAX_AGE)
            .map(|(.., outcome)| outcome.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(token: &str) -> Attempt {
        let uri = format!("/rooms/a?from=now&attempt={token}");
        Attempt::of(&uri.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_token_is_1_to_64_visible_ascii_characters() {
        for query in [
            "",
            "?",
            "?attempt=",
            "?attempt=a%20b",
            "?attempt=%C3%A9",
            "?other=a",
        ] {
            let uri = format!("/rooms/a{query}").parse().unwrap();
            assert_eq!(Attempt::of(&uri), None, "{query}");
        }
        attempt(&"a".repeat(64));
        let uri = format!("/rooms/a?attempt={}", "a".repeat(65));
        assert_eq!(Attempt::of(&uri.parse().unwrap()), None);
    }

    #[test]
    fn the_newest_outcome_of_an_attempt_is_known_for_a_minute() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        attempts.remember(attempt("a"), Outcome::Accepted, start);
        attempts.remember(attempt("a"), Outcome::Stripped, start);
        attempts.remember(attempt("b"), Outcome::Accepted, start);
        assert_eq!(
            attempts.outcome(&attempt("a"), start),
            Some(Outcome::Stripped)
        );
        assert_eq!(attempts.outcome(&attempt("c"), start), None);
        assert_eq!(attempts.outcome(&attempt("b"), start + MAX_AGE), None);
    }

    #[test]
    fn no_more_attempts_are_remembered_than_the_limit() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for number in 0..=MAX_REMEMBERED {
            attempts.remember(attempt(&number.to_string()), Outcome::Accepted, now);
        }
        assert_eq!(attempts.0.lock().unwrap().len(), MAX_REMEMBERED);
        assert_eq!(attempts.outcome(&attempt("0"), now), None);
        assert!(attempts.outcome(&attempt("1"), now).is_some());
        attempts.remember(attempt("late"), Outcome::Accepted, now + MAX_AGE);
        assert_eq!(attempts.0.lock().unwrap().len(), 1);
    }
}
