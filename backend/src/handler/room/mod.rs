//! Rooms over HTTP: every way to read and write one.

pub mod address;
mod conversation;
pub mod events;
pub mod history;
pub mod lobby;
mod message_body;
mod pace;
pub mod publish;
mod room_path;
mod service;
pub mod socket;
pub mod socket_report;
pub mod typing;
mod visitor;

pub use room_path::RoomPath;
pub use service::{OpenRoomsError, RoomService};
pub use visitor::Visitor;

use axum::extract::Query;
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use serde::de::DeserializeOwned;

use crate::event_log::LogError;
use crate::handler::problem::{Problem, sentence};
use crate::room::RoomFull;

/// When to come back if a room or the server is full, in seconds.
const FULL_RETRY_SECONDS: u64 = 10;

/// How much of an unknown parameter's name is repeated in the refusal, in characters.
const MAX_QUOTED_NAME: usize = 40;

/// A refusal, and perhaps a field that says when or how to try again.
#[derive(Debug)]
pub struct Refused {
    problem: Problem,
    field: Option<(HeaderName, HeaderValue)>,
}

impl Refused {
    fn later(status: StatusCode, detail: String, seconds: u64) -> Self {
        let problem = Problem::new(status, detail);
        Self::from(problem).with((header::RETRY_AFTER, HeaderValue::from(seconds)))
    }

    fn with(self, field: (HeaderName, HeaderValue)) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            field: None,
        }
    }
}

impl From<LogError> for Refused {
    fn from(error: LogError) -> Self {
        let status = match error {
            LogError::TooManyRooms { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::later(status, sentence(&error), FULL_RETRY_SECONDS)
    }
}

impl From<RoomFull> for Refused {
    fn from(error: RoomFull) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::later(status, sentence(&error), FULL_RETRY_SECONDS)
    }
}

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> axum::response::Response {
        let mut response = self.problem.into_response();
        if let Some((name, value)) = self.field {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The parameters of a request's address.
///
/// # Errors
/// 400 when they are something else than they should be.
fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let understood = Query::<T>::try_from_uri(uri).map(|Query(query)| query);
    understood.map_err(|rejection| {
        let text = rejection.to_string();
        let cause = text.strip_prefix("Failed to deserialize query string: ");
        let cause = cause.unwrap_or(&text);
        let detail = format!("The query in the address is not understood: {cause}.");
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })
}

/// Checks that the query of an address has no other parameters than these, and each once at most: what is not
/// understood is not passed over.
///
/// # Errors
/// 400 for an unknown parameter or one given twice.
fn check_query(uri: &Uri, known: &[&str]) -> Result<(), Problem> {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let mut seen = Vec::new();
    for (name, _) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if !known.contains(&&*name) {
            let name: String = name.chars().take(MAX_QUOTED_NAME).collect();
            let advice = if known.is_empty() {
                "leave it out".to_owned()
            } else {
                format!("use {}", known.join(", "))
            };
            return Err(bad(format!(
                "There is no parameter \"{name}\" here: {advice}."
            )));
        }
        if seen.contains(&name) {
            return Err(bad(format!(
                "The parameter \"{name}\" is given twice: give it once."
            )));
        }
        seen.push(name);
    }
    Ok(())
}

/// The fields of every stream's response.
fn stream_headers(content_type: &'static str) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-transform"),
        ),
        // Tells nginx not to hold the stream back.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn what_cannot_be_kept_is_refused_for_a_while_with_a_sentence_for_people() {
        for (error, status) in [
            (LogError::Full, 503),
            (LogError::ReadOnly, 503),
            (LogError::Busy, 503),
            (LogError::TooManyRooms { max: 5 }, 429),
        ] {
            let response = Refused::from(error).into_response();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["retry-after"], "10");
        }
        let sentence = sentence(&LogError::TooManyRooms { max: 5 });
        assert_eq!(sentence, "There are 5 rooms already; use one of them.");
    }
}
