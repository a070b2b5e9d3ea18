//! Where a redirect leads, and what may go along (WHATWG Fetch, section 4.4).

use ::http::{HeaderMap, Response, StatusCode, Uri, header};
use url::Url;

/// The address that a response sends its reader to; `None` when it is no redirect, or one to
/// nowhere.
pub fn target<B>(from: &Uri, response: &Response<B>) -> Option<Uri> {
    match response.status() {
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {}
        _ => return None,
    }
    let location = response.headers().get(header::LOCATION)?;
    resolve(from, std::str::from_utf8(location.as_bytes()).ok()?)
}

/// The address that a reference means on the page `base`, without its fragment; `None` when that
/// is none of `http` or `https`.
pub fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let mut url = Url::parse(&base.to_string()).ok()?.join(reference).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https")
        .then(|| url.as_str().parse().ok())
        .flatten()
}

/// Whether two addresses are of one origin: scheme, host and port.
pub fn is_same_origin(a: &Uri, b: &Uri) -> bool {
    let origin = |uri: &Uri| Url::parse(&uri.to_string()).map(|url| url.origin());
    matches!((origin(a), origin(b)), (Ok(a), Ok(b)) if a == b)
}

/// Removes what was meant for one origin only.
pub fn remove_secrets(headers: &mut HeaderMap) {
    for name in [
        header::AUTHORIZATION,
        header::COOKIE,
        header::PROXY_AUTHORIZATION,
    ] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn a_reference_is_resolved_against_the_page_it_stands_on() {
        let base = uri("https://host/a/b?c");
        for (reference, meant) in [
            ("d", Some("https://host/a/d")),
            ("/d?e#f", Some("https://host/d?e")),
            ("//other/", Some("https://other/")),
            ("http://other:80/x y", Some("http://other/x%20y")),
            ("javascript:alert(1)", None),
            ("https://", None),
        ] {
            assert_eq!(resolve(&base, reference), meant.map(uri), "{reference}");
        }
    }

    #[test]
    fn only_a_redirect_with_a_place_leads_somewhere() {
        let from = uri("https://host/");
        let answer = |status: u16, location: Option<&str>| {
            let mut response = Response::builder().status(status);
            if let Some(location) = location {
                response = response.header(header::LOCATION, location);
            }
            target(&from, &response.body(()).unwrap())
        };
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(answer(status, Some("/b")), Some(uri("https://host/b")));
            assert_eq!(answer(status, None), None);
        }
        assert_eq!(answer(201, Some("/b")), None);
        assert_eq!(answer(304, Some("/b")), None);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let here = uri("https://host/a");
        assert!(is_same_origin(&here, &uri("https://HOST:443/b")));
        for other in ["http://host/a", "https://host:8443/a", "https://other/a"] {
            assert!(!is_same_origin(&here, &uri(other)));
        }
    }
}
