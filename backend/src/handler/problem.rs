//! Refusals over HTTP, as problem details (RFC 9457); [`error_page`] shows them to people.
//!
//! [`error_page`]: super::error_page

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::protocol::request_body::RequestBodyError;

/// A refusal that a person can act on.
///
/// Its `type` is always `about:blank`: the status says what kind of problem it is
/// (RFC 9457, section 4.2.1), and the detail says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    /// The origin that the server saw, if that is what it refuses.
    origin: Option<Box<str>>,
}

#[derive(Serialize)]
struct ProblemDetails<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// An extension member (RFC 9457, section 3.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
}

impl Problem {
    /// A problem whose `detail` is one clear sentence that says what to do.
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            detail: detail.into(),
            origin: None,
        }
    }

    /// Adds the origin that is refused. A page that has another one knows by it that a proxy changes its `Origin`.
    #[must_use]
    pub fn with_origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// The origin that the server saw, if that is what it refuses.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The problem with a request body that could not be read to its end: 413 when it is too
    /// long, 408 when it stood still, 400 when it broke off or is malformed.
    pub fn from_body_error(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<RequestBodyError>() {
                let status = match error {
                    RequestBodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                    RequestBodyError::TooSlow { .. } | RequestBodyError::Unfinished => {
                        StatusCode::REQUEST_TIMEOUT
                    }
                    RequestBodyError::Malformed(_) | RequestBodyError::Broken(_) => {
                        StatusCode::BAD_REQUEST
                    }
                };
                return Self::new(status, sentence(error));
            }
            cause = error.source();
        }
        Self::new(
            StatusCode::BAD_REQUEST,
            "The request body broke off; send it again.",
        )
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence that says what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// An error as a sentence for people.
pub(crate) fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first
        .into_iter()
        .flatten()
        .chain(chars)
        .chain(['.'])
        .collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = ProblemDetails {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            origin: self.origin(),
        };
        let mut response = (self.status, axum::Json(details)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // For those who would rather have a page of it.
        response.extensions_mut().insert(self);
        response
    }
}
