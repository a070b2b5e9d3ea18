//! Fields that a request has once: two different values of one are refused, instead of one being chosen.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::handler::problem::Problem;

/// Fields whose value is no list (RFC 9110, section 5.3), as far as they matter to a request, and those of
/// event streams (WHATWG HTML, section 9.2), of idempotent requests and of our own.
static SINGLETONS: [HeaderName; 18] = [
    header::ACCESS_CONTROL_REQUEST_METHOD,
    header::AUTHORIZATION,
    header::CONTENT_LENGTH,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::DATE,
    header::HOST,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
    header::MAX_FORWARDS,
    header::ORIGIN,
    header::REFERER,
    header::USER_AGENT,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("roomcast-name"),
];

/// Refuses requests with two values of such a field, with 400. Equal ones are one.
/// Use it as `axum::middleware::from_fn(singleton_fields::check)`.
pub async fn check(request: Request, next: Next) -> Response {
    match ambiguous(request.headers()) {
        None => next.run(request).await,
        Some(name) => {
            let detail = format!("The field {name} is there twice with two values: send one.");
            Problem::new(StatusCode::BAD_REQUEST, detail).into_response()
        }
    }
}

/// The first of the fields that has two values.
fn ambiguous(headers: &HeaderMap) -> Option<&'static HeaderName> {
    SINGLETONS.iter().find(|name| {
        let mut values = headers.get_all(*name).iter();
        let first = values.next();
        values.any(|value| Some(value) != first)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn ambiguous_in(fields: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        ambiguous(&headers).map(HeaderName::as_str)
    }

    #[test]
    fn a_field_with_two_values_is_ambiguous_and_one_sent_twice_is_not() {
        for name in [
            "idempotency-key",
            "content-type",
            "last-event-id",
            "roomcast-name",
        ] {
            assert_eq!(ambiguous_in(&[(name, "a"), (name, "b")]), Some(name));
            assert_eq!(ambiguous_in(&[(name, "a"), ("x", "y"), (name, "a")]), None);
        }
        assert_eq!(ambiguous_in(&[("accept", "a/b"), ("accept", "c/d")]), None);
    }
}
