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

use super::foreign_origin::{ForeignOrigin, Mismatch};
use crate::assets::Origin;
use crate::handler::problem::Problem;
use crate::negotiation::accept;

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
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is one of ours, or no page.
    Own,
    /// It is of a site that is allowed.
    Allowed,
    /// It is of another site.
    Foreign(ForeignOrigin),
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
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let own = uri.authority().map(Authority::as_str).or(host);
        let own = own.map(str::to_lowercase);
        let foreign = |origin: &str, mismatch| {
            let host = own.as_deref().unwrap_or("no host");
            Verdict::Foreign(ForeignOrigin::new(origin, host, mismatch))
        };
        let Ok(origin) = origin.to_str() else {
            return foreign("no text", Mismatch::Unnamed);
        };
        let origin = origin.to_lowercase();
        if self.others.contains(&origin) {
            return Verdict::Allowed;
        }
        match origin.split_once("://") {
            Some((scheme, authority)) if own.as_deref() == Some(authority) => {
                if self.may_be_ours(scheme) {
                    Verdict::Own
                } else if scheme == "http" {
                    foreign(&origin, Mismatch::Scheme)
                } else {
                    foreign(&origin, Mismatch::Unnamed)
                }
            }
            Some(_) if parse_origin(&origin).is_ok() => foreign(&origin, Mismatch::Host),
            _ => foreign(&origin, Mismatch::Unnamed),
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
    let opens_page = opens_page(request.method(), request.headers());
    let origin = request.headers().get(header::ORIGIN).cloned();
    if verdict == Verdict::Allowed {
        request.extensions_mut().insert(AllowedPage);
    }
    let is_allowed = verdict == Verdict::Allowed;
    let mut response = match verdict {
        Verdict::Foreign(foreign) => {
            let foreign = ForeignOrigin {
                mismatch: match foreign.mismatch {
                    Mismatch::Host if opens_page => Mismatch::Added,
                    mismatch => mismatch,
                },
                ..foreign
            };
            let problem = Problem::new(StatusCode::FORBIDDEN, foreign.advice());
            let problem = problem.with_origin(&foreign.origin);
            let mut response = problem.into_response();
            response.extensions_mut().insert(foreign);
            response
        }
        Verdict::Allowed if request.method() == Method::OPTIONS => preflight(),
        Verdict::Allowed | Verdict::Own => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.filter(|_| is_allowed) {
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

/// Returns `true` for a request by which a browser opens the address as a page. Those that are no `POST` have no
/// `Origin` (Fetch standard, section 3.2).
fn opens_page(method: &Method, headers: &HeaderMap) -> bool {
    let is_get = method == Method::GET || method == Method::HEAD;
    // Browsers leave this field out on sites without TLS.
    let opens = match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => accept::prefers_html(headers),
    };
    is_get && opens
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

    fn foreign(verdict: Verdict) -> ForeignOrigin {
        match verdict {
            Verdict::Foreign(foreign) => foreign,
            other => panic!("{other:?}"),
        }
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
            let refused = foreign(judge("/", Some("a:8443"), Some(origin)));
            assert_eq!(&*refused.origin, origin);
        }
        let friend = Some("https://friend.example");
        assert_eq!(judge("/", Some("a:8443"), friend), Verdict::Allowed);
        foreign(judge("/", None, Some("null")));
        foreign(judge("/", None, Some("https://a")));
    }

    #[test]
    fn a_refused_page_is_told_both_values_and_what_to_set() {
        let behind_proxy = judge_at(
            Origin::Plain,
            "/",
            Some("chat.example"),
            Some("http://chat.example:8081"),
        );
        let advice = foreign(behind_proxy).advice();
        for part in [
            "from http://chat.example:8081,",
            "asked as chat.example.",
            "proxy_set_header Host $http_host;",
            "--allow-origin http://chat.example:8081.",
        ] {
            assert!(advice.contains(part), "{part}: {advice}");
        }
    }

    #[test]
    fn browsers_open_pages_by_get_and_say_so() {
        for (method, name, value, opens) in [
            (Method::GET, "sec-fetch-mode", "navigate", true),
            (Method::GET, "accept", "text/html", true),
            (Method::POST, "sec-fetch-mode", "navigate", false),
            (Method::GET, "sec-fetch-mode", "websocket", false),
            (Method::GET, "accept", "*/*", false),
        ] {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]);
            assert_eq!(opens_page(&method, &headers), opens, "{method} {value}");
        }
    }

    #[test]
    fn an_origin_that_a_proxy_has_added_is_to_be_removed_and_not_to_be_allowed() {
        let advice =
            ForeignOrigin::new("https://other.example", "a:8443", Mismatch::Added).advice();
        for part in [
            "saw Origin: https://other.example,",
            "asked as a:8443",
            "Remove the line",
        ] {
            assert!(advice.contains(part), "{part}: {advice}");
        }
        assert!(!advice.contains("--allow-origin"), "{advice}");
    }

    #[test]
    fn a_page_without_tls_of_a_server_with_tls_is_told_the_right_address() {
        let advice = foreign(judge("/", Some("a:8443"), Some("http://a:8443"))).advice();
        assert!(advice.contains("open https://a:8443 instead"), "{advice}");
    }

    #[test]
    fn an_origin_that_cannot_be_allowed_is_not_offered_to_be() {
        for origin in ["null", "ftp://a:8443", "https://", "file://"] {
            let advice = foreign(judge("/", Some("a:8443"), Some(origin))).advice();
            assert!(!advice.contains("--allow-origin"), "{advice}");
        }
    }

    #[test]
    fn a_long_origin_is_cut_where_it_is_shown() {
        let origin = format!("https://{}", "a".repeat(1_000));
        let advice = foreign(judge("/", Some("a:8443"), Some(&origin))).advice();
        assert!(advice.len() < 1_000, "{}", advice.len());
    }

    #[test]
    fn a_page_of_another_scheme_is_ours_only_where_a_proxy_may_have_tls() {
        for (origin, over_tls, without) in [
            ("https://a:8443", true, true),
            ("http://a:8443", false, true),
            ("ftp://a:8443", false, false),
        ] {
            let is_own = |own| judge_at(own, "/", Some("a:8443"), Some(origin)) == Verdict::Own;
            assert_eq!(is_own(Origin::Secure), over_tls, "{origin}");
            assert_eq!(is_own(Origin::Plain), without, "{origin}");
        }
    }
}
