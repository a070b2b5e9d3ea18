//! Keeps pages of other sites from acting for the people who look at them.
//!
//! A browser sends `Origin` with every WebSocket and every POST, and with what another site's
//! page reads. Requests without it are not from pages, or only follow a link.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::handler::problem::Problem;

/// The sites whose pages may use the rooms, beside our own.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins(Arc<[String]>);

/// Whether the page behind a request may use the rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is one of ours, or no page.
    Own,
    /// It is of a site that is allowed.
    Allowed,
    /// It is of another site.
    Foreign,
}

impl AllowedOrigins {
    /// Allows these, each written as browsers do: `https://example.org`, `https://a.b:8443`.
    pub fn new(origins: impl IntoIterator<Item = String>) -> Self {
        let lower = origins.into_iter().map(|origin| origin.to_lowercase());
        Self(lower.collect())
    }

    fn judge(&self, uri: &Uri, headers: &HeaderMap) -> Verdict {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Verdict::Own;
        };
        let Ok(origin) = origin.to_str() else {
            return Verdict::Foreign;
        };
        let origin = origin.to_lowercase();
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let own = uri.authority().map(http::uri::Authority::as_str).or(host);
        let named = origin.split_once("://").map(|(_, authority)| authority);
        if named.is_some() && named == own.map(str::to_lowercase).as_deref() {
            Verdict::Own
        } else if self.0.contains(&origin) {
            Verdict::Allowed
        } else {
            Verdict::Foreign
        }
    }
}

/// Refuses what comes from a page of another site, with 403. Use it as
/// `axum::middleware::from_fn_with_state(origins, origin::check)`.
pub async fn check(
    State(allowed): State<AllowedOrigins>,
    request: Request,
    next: Next,
) -> Response {
    let verdict = allowed.judge(request.uri(), request.headers());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match verdict {
        Verdict::Foreign => Problem::new(
            StatusCode::FORBIDDEN,
            "Pages of other sites may not use these rooms; the server's operator can allow this \
             one with --allow-origin.",
        )
        .into_response(),
        Verdict::Allowed if request.method() == Method::OPTIONS => preflight(),
        Verdict::Allowed | Verdict::Own => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let (Verdict::Allowed, Some(origin)) = (verdict, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
    response
}

/// What an allowed page may send (Fetch standard, section 4.8).
fn preflight() -> Response {
    let fields = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, idempotency-key, last-event-id, roomcast-name",
        ),
    ];
    (StatusCode::NO_CONTENT, fields).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(uri: &str, host: Option<&str>, origin: Option<&str>) -> Verdict {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        let allowed = AllowedOrigins::new(["https://Friend.example".to_owned()]);
        allowed.judge(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn own_pages_and_programs_may_act() {
        assert_eq!(judge("/", Some("a:8443"), None), Verdict::Own);
        let own = Some("https://a:8443");
        assert_eq!(judge("/", Some("A:8443"), own), Verdict::Own);
        assert_eq!(judge("https://a:8443/", None, own), Verdict::Own);
    }

    #[test]
    fn pages_of_other_sites_may_not_unless_they_are_allowed() {
        for origin in [
            "https://evil.example",
            "https://a",
            "https://a:8443.evil",
            "null",
            "",
        ] {
            let verdict = judge("/", Some("a:8443"), Some(origin));
            assert_eq!(verdict, Verdict::Foreign, "{origin}");
        }
        let friend = Some("https://friend.example");
        assert_eq!(judge("/", Some("a:8443"), friend), Verdict::Allowed);
        assert_eq!(judge("/", None, Some("null")), Verdict::Foreign);
    }
}
