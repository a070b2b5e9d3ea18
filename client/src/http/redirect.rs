//! Where a redirect leads, how far it is followed, and what may go along (WHATWG Fetch, section 4.4).

use ::http::{HeaderMap, Response, StatusCode, Uri, header};
use url::Url;

use crate::address::strip_credentials;

/// How many redirects are followed, as many as browsers do.
pub const MAX_REDIRECTS: usize = 20;

/// The addresses that a request went to, from redirect to redirect.
#[derive(Clone, Debug)]
pub struct Trail {
    before: Vec<Uri>,
    url: Uri,
}

/// A request was sent from one address to the next without an end.
#[derive(Debug, thiserror::Error)]
#[error("the server redirects too often: {}", chain(.urls))]
pub struct TooManyRedirects {
    /// The addresses in their order.
    pub urls: Vec<Uri>,
}

impl Trail {
    /// Begins at an address.
    pub fn new(url: Uri) -> Self {
        Self {
            before: Vec::new(),
            url,
        }
    }

    /// The address to ask now.
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// Follows a redirect. What the request's fields say to one origin only does not go along to
    /// another.
    ///
    /// # Errors
    /// [`TooManyRedirects`] when the address was asked before, or after [`MAX_REDIRECTS`].
    pub fn follow(&mut self, next: Uri, headers: &mut HeaderMap) -> Result<(), TooManyRedirects> {
        if !is_same_origin(&self.url, &next) {
            remove_secrets(headers);
        }
        self.before.push(std::mem::replace(&mut self.url, next));
        if self.before.contains(&self.url) || self.before.len() > MAX_REDIRECTS {
            let mut urls = std::mem::take(&mut self.before);
            urls.push(self.url.clone());
            return Err(TooManyRedirects { urls });
        }
        Ok(())
    }
}

/// The addresses of a chain of redirects; of a circle, one round.
fn chain(urls: &[Uri]) -> String {
    let mut text = String::new();
    for (index, url) in urls.iter().enumerate() {
        if index > 0 {
            text.push_str(" → ");
        }
        text.push_str(&url.to_string());
        if urls[..index].contains(url) {
            text.push_str(" (a circle)");
            break;
        }
    }
    text
}

/// The address that a response sends its reader to; `None` when it is no redirect, or one to
/// nowhere.
pub fn target<B>(from: &Uri, response: &Response<B>) -> Option<Uri> {
    resolve(from, location(response)?)
}

/// The same for the opening handshake of a WebSocket, whose redirects may lead to `ws` and `wss` as
/// well as to `http` and `https`. The address is written as `from` is, so that two of one origin
/// look it.
pub fn web_socket_target<B>(from: &Uri, response: &Response<B>) -> Option<Uri> {
    let mut url = join(from, location(response)?)?;
    let says_ws = matches!(from.scheme_str(), Some("ws" | "wss"));
    let scheme = match (url.scheme(), says_ws) {
        ("ws" | "http", true) => "ws",
        ("wss" | "https", true) => "wss",
        ("ws" | "http", false) => "http",
        ("wss" | "https", false) => "https",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    url.as_str().parse().ok()
}

/// What a redirect says about its target.
fn location<B>(response: &Response<B>) -> Option<&str> {
    match response.status() {
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {}
        _ => return None,
    }
    let location = response.headers().get(header::LOCATION)?;
    std::str::from_utf8(location.as_bytes()).ok()
}

/// The address that a reference means on the page `base`, without its fragment; `None` when that
/// is none of `http` or `https`. A name and a password in it are left out.
pub fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let url = join(base, reference)?;
    matches!(url.scheme(), "http" | "https")
        .then(|| url.as_str().parse().ok())
        .flatten()
}

fn join(base: &Uri, reference: &str) -> Option<Url> {
    let mut url = Url::parse(&base.to_string()).ok()?.join(reference).ok()?;
    url.set_fragment(None);
    strip_credentials(&mut url);
    Some(url)
}

/// Whether two addresses are of one origin: scheme, host and port.
fn is_same_origin(a: &Uri, b: &Uri) -> bool {
    let origin = |uri: &Uri| Url::parse(&uri.to_string()).map(|url| url.origin());
    matches!((origin(a), origin(b)), (Ok(a), Ok(b)) if a == b)
}

/// Removes what was meant for one origin only, its name among it.
fn remove_secrets(headers: &mut HeaderMap) {
    for name in [
        header::HOST,
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
            ("https://user:password@other/", Some("https://other/")),
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
    fn a_web_socket_is_sent_on_to_addresses_of_all_four_schemes() {
        for (from, location, target) in [
            ("ws://host/a", "/b", Some("ws://host/b")),
            ("ws://host/a", "https://host/b#c", Some("wss://host/b")),
            ("wss://host/a", "ws://other/", Some("ws://other/")),
            (
                "https://host/a",
                "wss://host:8443/",
                Some("https://host:8443/"),
            ),
            ("https://host/a", "http://host/", Some("http://host/")),
            ("ws://host/a", "ftp://host/", None),
        ] {
            let response = Response::builder().status(307);
            let response = response.header(header::LOCATION, location);
            assert_eq!(
                web_socket_target(&uri(from), &response.body(()).unwrap()),
                target.map(uri),
                "{from} to {location}"
            );
        }
    }

    #[test]
    fn a_circle_is_named_once() {
        let mut trail = Trail::new(uri("http://host/a"));
        let mut headers = HeaderMap::new();
        trail.follow(uri("http://host/b"), &mut headers).unwrap();
        let error = trail
            .follow(uri("http://host/a"), &mut headers)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server redirects too often: \
             http://host/a → http://host/b → http://host/a (a circle)"
        );
    }

    #[test]
    fn as_many_redirects_are_followed_as_are_allowed() {
        let mut trail = Trail::new(uri("http://host/"));
        let mut headers = HeaderMap::new();
        let step = |step: usize| uri(&format!("http://host/{step}"));
        for next in 1..=MAX_REDIRECTS {
            trail.follow(step(next), &mut headers).unwrap();
            assert_eq!(*trail.url(), step(next));
        }
        let error = trail
            .follow(step(MAX_REDIRECTS + 1), &mut headers)
            .unwrap_err();
        assert_eq!(error.urls.len(), MAX_REDIRECTS + 2);
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        let mut trail = Trail::new(uri("http://host/a"));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, ::http::HeaderValue::from_static("a=b"));
        headers.insert(header::HOST, ::http::HeaderValue::from_static("x"));
        headers.insert(header::ACCEPT, ::http::HeaderValue::from_static("*/*"));
        trail.follow(uri("http://host/b"), &mut headers).unwrap();
        assert_eq!(headers.len(), 3);
        trail.follow(uri("http://other/"), &mut headers).unwrap();
        assert_eq!(headers.len(), 1);
        assert!(headers.contains_key(header::ACCEPT));
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
