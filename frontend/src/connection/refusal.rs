//! What a refusal means for whoever wanted to connect.

use std::time::Duration;

use leptos::leptos_dom::helpers::window;
use serde::{Deserialize, Deserializer};

use super::reason;
use crate::dom::is_secure;

/// Whether it is worth while to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Later: after this time, if the server says so.
    ForNow(Option<Duration>),
    /// Not with the same wishes.
    ForGood,
}

/// The wait before a proxy is asked again that refuses in the server's place. Its operator may be at work.
const PROXY_WAIT: Duration = Duration::from_secs(10);

impl Refusal {
    /// What a status means, with the seconds of `Retry-After`. None where it is no refusal, or a failure that
    /// may be over at the next try. `is_explained` is `true` if the server itself says why; what a proxy
    /// refuses it may take later.
    pub fn of(status: u16, retry_after: Option<u64>, is_explained: bool) -> Option<Self> {
        match status {
            429 | 503 => Some(Self::ForNow(retry_after.map(Duration::from_secs))),
            400..500 if is_explained => Some(Self::ForGood),
            300..500 => Some(Self::ForNow(Some(PROXY_WAIT))),
            _ => None,
        }
    }
}

/// Why there was no success, in the words of the server if it has some.
pub fn why<'de>(status: u16, json: impl Deserializer<'de>) -> Why {
    let Problem { detail, origin } = Problem::read(json);
    let is_explained = !detail.is_empty();
    Why {
        words: if !is_explained {
            reason::words(status, is_secure())
        } else if is_rewritten(&origin, &window().origin()) {
            reason::origin_rewritten(&origin)
        } else {
            detail
        },
        is_explained,
    }
}

/// Why there was no success.
pub struct Why {
    /// Sentences for people.
    pub words: String,
    /// `true` if they are the server's own.
    pub is_explained: bool,
}

/// What is wrong (RFC 9457), as far as people are told.
#[derive(Default, Deserialize)]
pub(super) struct Problem {
    detail: String,
    /// The origin that the server saw; empty if that is not what is wrong.
    #[serde(default)]
    origin: String,
}

impl Problem {
    /// Reads what the server says is wrong; empty where it says nothing.
    pub(super) fn read<'de>(json: impl Deserializer<'de>) -> Self {
        Self::deserialize(json).unwrap_or_default()
    }
}

/// Returns `true` if the server saw another origin than the one that the browser has sent: `own`.
fn is_rewritten(seen: &str, own: &str) -> bool {
    // The server writes all origins in small letters.
    !seen.is_empty() && !seen.eq_ignore_ascii_case(own)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connection::json::Json;

    #[test]
    fn who_is_too_much_for_now_may_come_back_when_the_server_says_so_or_by_their_own_schedule() {
        for status in [429, 503] {
            let told = Refusal::ForNow(Some(Duration::from_secs(10)));
            assert_eq!(Refusal::of(status, Some(10), true), Some(told));
            let untold = Some(Refusal::ForNow(None));
            assert_eq!(Refusal::of(status, None, false), untold);
        }
    }

    #[test]
    fn what_is_not_understood_or_not_there_is_not_worth_asking_for_again() {
        for status in [400, 404, 410, 499] {
            let refusal = Refusal::of(status, Some(10), true);
            assert_eq!(refusal, Some(Refusal::ForGood));
        }
    }

    #[test]
    fn what_a_proxy_refuses_may_be_taken_later() {
        for status in [302, 400, 401, 403, 404, 413] {
            let refusal = Refusal::of(status, None, false);
            assert_eq!(refusal, Some(Refusal::ForNow(Some(PROXY_WAIT))), "{status}");
        }
    }

    #[test]
    fn no_answer_and_a_failure_on_the_way_say_nothing_about_the_next_try() {
        for status in [0, 200, 204, 299, 500, 502, 504] {
            assert_eq!(Refusal::of(status, Some(10), false), None, "{status}");
        }
    }

    #[test]
    fn an_origin_that_is_not_that_of_the_page_was_rewritten() {
        assert!(is_rewritten("http://other.example", "http://chat.example"));
        assert!(!is_rewritten("http://chat.example", "http://chat.example"));
        assert!(!is_rewritten("", "http://chat.example"));
        assert!(!is_rewritten("null", "null"));
        let words = reason::origin_rewritten("http://other.example");
        assert!(words.contains("saw http://other.example."), "{words}");
        assert!(!words.contains("--allow-origin"), "{words}");
    }

    #[test]
    fn a_problem_is_told_in_the_words_of_the_server() {
        let json = json!({"type": "about:blank", "status": 400, "detail": "Take another name."});
        assert_eq!(Problem::read(Json(json)).detail, "Take another name.");
        for json in [json!(null), json!({"status": 400})] {
            assert_eq!(Problem::read(Json(json)).detail, "");
        }
    }
}
