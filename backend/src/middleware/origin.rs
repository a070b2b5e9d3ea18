//! Keeps pages of other sites from acting for the people who look at them.
//!
//! A browser sends `Origin` with every WebSocket and every POST, and with what another site's
//! page reads. Requests without it are not from pages, or only follow a link.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::assets::Origin;
use crate::handler::problem::Problem;

/// The sites whose pages may use the rooms.
#[derive(Clone, Debug)]
pub struct AllowedOrigins {
    own: Origin,
    others: Arc<[String]>,
}

/// Stands in a request from a page of another site that may use the rooms.
#[derive(Clone, Copy, Debug)]
pub struct AllowedPage;

/// Reads an origin that is to be allowed, and writes it as browsers do.
///
/// # Errors
/// A sentence that says what an origin looks like.
pub fn parse_origin(text: &str) -> Result<String, String> {
    let lower = text.to_lowercase();
    let lower = lower.strip_suffix('/').unwrap_or(&lower);
    let unlike = || {
        "write scheme and host as browsers send them, such as https://example.org or \
         http://localhost:3000, and no path"
            .to_owned()
    };
    let (scheme, authority) = lower.split_once("://").ok_or_else(unlike)?;
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return Err(unlike()),
    };
    let is_host = authority.parse::<Authority>().is_ok_and(|authority| {
        let (host, text) = (authority.host(), authority.as_str());
        let has_port = text.len() > host.len();
        !host.is_empty() && !text.contains(['@', '*']) && (!has_port || authority.port().is_some())
    });
    if !is_host {
        return Err(unlike());
    }
    let authority = authority.strip_suffix(default_port).unwrap_or(authority);
    Ok([scheme, "://", authority].concat())
}

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
    /// Allows our own pages, and those of `others`, each as [`parse_origin`] writes it.
    pub fn new(own: Origin, others: impl IntoIterator<Item = String>) -> Self {
        Self {
            own,
            others: others.into_iter().collect(),
        }
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
        let own = own.map(str::to_lowercase);
        let named = origin
            .split_once("://")
            .filter(|(scheme, _)| self.may_be_ours(scheme))
            .map(|(_, authority)| authority);
        if named.is_some() && named == own.as_deref() {
            Verdict::Own
        } else if self.others.contains(&origin) {
            Verdict::Allowed
        } else {
            Verdict::Foreign
        }
    }

    /// Whether our own pages can be of this scheme. A page of `http://` on our host is not ours
    /// when we speak TLS: whoever sits in between can have written it.
    fn may_be_ours(&self, scheme: &str) -> bool {
        match self.own {
            Origin::Secure => scheme == "https",
            Origin::Plain => scheme == "https" || scheme == "http",
        }
    }
}

/// Refuses what comes from a page of another site, with 403. Use it as
/// `axum::middleware::from_fn_with_state(origins, origin::check)`.
pub async fn check(
    State(allowed): State<AllowedOrigins>,
    mut request: Request,
    next: Next,
) -> Response {
    let verdict = allowed.judge(request.uri(), request.headers());
    let origin = request.headers().get(header::ORIGIN).cloned();
    if verdict == Verdict::Allowed {
        request.extensions_mut().insert(AllowedPage);
    }
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
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("location, retry-after"),
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

    fn judge_at(own: Origin, uri: &str, host: Option<&str>, origin: Option<&str>) -> Verdict {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        let allowed = AllowedOrigins::new(own, [parse_origin("https://Friend.example").unwrap()]);
        allowed.judge(&uri.parse().unwrap(), &headers)
    }

    fn judge(uri: &str, host: Option<&str>, origin: Option<&str>) -> Verdict {
        judge_at(Origin::Secure, uri, host, origin)
    }

    #[test]
    fn an_origin_is_taken_as_browsers_write_it() {
        for (text, origin) in [
            ("https://example.org", "https://example.org"),
            ("HTTPS://Example.org/", "https://example.org"),
            ("https://example.org:443", "https://example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(parse_origin(text).as_deref(), Ok(origin), "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "example.org",
            "//example.org",
            "https://",
            "https://*",
            "https://*.example.org",
            "https://example.org/path",
            "https://example.org?query",
            "https://user@example.org",
            "https://example.org:port",
            "file://host",
        ] {
            assert!(parse_origin(text).is_err(), "{text}");
        }
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

    #[test]
    fn a_page_of_another_scheme_is_ours_only_where_a_proxy_may_have_tls() {
        for (origin, over_tls, without) in [
            ("https://a:8443", Verdict::Own, Verdict::Own),
            ("http://a:8443", Verdict::Foreign, Verdict::Own),
            ("ftp://a:8443", Verdict::Foreign, Verdict::Foreign),
        ] {
            let judge = |own| judge_at(own, "/", Some("a:8443"), Some(origin));
            assert_eq!(judge(Origin::Secure), over_tls, "{origin}");
            assert_eq!(judge(Origin::Plain), without, "{origin}");
        }
    }
}
