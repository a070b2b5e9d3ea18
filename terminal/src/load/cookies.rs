//! Cookies within one load (RFC 6265bis): what a server sets on the way to a page goes with what is asked
//! of it after that.

use cookie_store::{CookieStore, RawCookie};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use url::{Host, Url};

/// Bytes of one cookie, as RFC 6265bis has it (section 5.6).
const MAX_COOKIE_BYTES: usize = 4096;

/// Cookies of one load: as many as browsers keep of all sites.
const MAX_COOKIES: usize = 3000;

/// The cookies that servers have set so far.
#[derive(Debug, Default)]
pub(super) struct Cookies(CookieStore);

impl Cookies {
    /// Keeps what a response from this address sets, as far as it may.
    pub(super) fn keep(&mut self, url: &Url, fields: &HeaderMap) {
        for value in fields.get_all(SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            let Ok(cookie) = RawCookie::parse(text.to_owned()) else {
                continue;
            };
            let is_full = self.0.iter_any().count() >= MAX_COOKIES;
            if !is_full && text.len() <= MAX_COOKIE_BYTES && may_be_set(&cookie, url) {
                // One that is refused says nothing to the page either.
                drop(self.0.insert_raw(&cookie.into_owned(), url));
            }
        }
    }

    /// The value of `cookie` for a request; `page` is the page that asks, if it is not the page itself that
    /// is asked for.
    pub(super) fn field(&self, url: &Url, page: Option<&Url>) -> Option<HeaderValue> {
        let is_same_site = page.is_none_or(|page| is_same_site(page, url));
        let mut cookies = self.0.matches(url);
        cookies.retain(|cookie| {
            let is_for_others = cookie
                .same_site()
                .is_some_and(|same_site| same_site.is_none() && cookie.secure() == Some(true));
            is_same_site || is_for_others
        });
        // Longer paths first.
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.as_ref().len()));
        let pairs: Vec<String> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect();
        HeaderValue::from_str(&pairs.join("; "))
            .ok()
            .filter(|value| !value.is_empty())
    }
}

/// The rules of names with a prefix, and that no cookie is for a whole top-level domain.
fn may_be_set(cookie: &RawCookie, url: &Url) -> bool {
    let is_secure = cookie.secure() == Some(true);
    let name = cookie.name().to_ascii_lowercase();
    let has_domain = cookie.domain().is_some_and(|domain| !domain.is_empty());
    if name.starts_with("__secure-") && !is_secure {
        return false;
    }
    if name.starts_with("__host-") && (!is_secure || has_domain || cookie.path() != Some("/")) {
        return false;
    }
    let domain = cookie.domain().unwrap_or_default().trim_start_matches('.');
    domain.is_empty() || domain.contains('.') || Some(domain) == url.host_str()
}

/// Whether two addresses are of one site: of the same scheme and domain, of which the last two labels count
/// here (no list of public suffixes is at hand).
fn is_same_site(one: &Url, other: &Url) -> bool {
    let site = |url: &Url| match url.host() {
        Some(Host::Domain(domain)) => {
            let labels: Vec<&str> = domain.rsplitn(3, '.').take(2).collect();
            labels.join(".")
        }
        _ => url.host_str().unwrap_or_default().to_owned(),
    };
    one.scheme() == other.scheme() && site(one) == site(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(url: &str, set: &[&str], to: &str, page: Option<&str>) -> Option<String> {
        let mut cookies = Cookies::default();
        let mut fields = HeaderMap::new();
        for one in set {
            fields.append(SET_COOKIE, HeaderValue::from_str(one).unwrap());
        }
        cookies.keep(&Url::parse(url).unwrap(), &fields);
        let page = page.map(|page| Url::parse(page).unwrap());
        let field = cookies.field(&Url::parse(to).unwrap(), page.as_ref())?;
        Some(field.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_to_its_host_path_and_scheme_alone() {
        let page = "https://www.a.example/b/c";
        let set = |cookie, to| sent(page, &[cookie], to, None).is_some();
        assert!(set("x=1", "https://www.a.example/b/d") && !set("x=1", "https://www.a.example/e"));
        assert!(set("x=1; Path=/", "https://www.a.example/e"));
        assert!(!set("x=1; Path=/", "https://a.example/"));
        assert!(set("x=1; Path=/; Domain=a.example", "https://c.a.example/"));
        assert!(!set("x=1; Path=/; Domain=b.example", "https://b.example/"));
        assert!(!set("x=1; Path=/; Domain=example", "https://b.example/"));
        assert!(!set("x=1; Path=/; Secure", "http://www.a.example/"));
        assert!(!set("x=1; Path=/; Max-Age=0", page));
        assert!(!set("__Host-x=1; Secure; Path=/; Domain=a.example", page));
        assert!(!set("__Secure-x=1; Path=/", page));
    }

    #[test]
    fn pages_of_another_site_get_only_what_is_meant_for_them() {
        let of = |cookie| {
            sent(
                "https://a.example/",
                &[cookie],
                "https://a.example/",
                Some("https://b.test/"),
            )
        };
        assert_eq!(of("x=1"), None);
        assert_eq!(of("x=1; SameSite=None; Secure").as_deref(), Some("x=1"));
        let near = sent(
            "https://a.b.test/",
            &["x=1"],
            "https://a.b.test/",
            Some("https://c.b.test/"),
        );
        assert_eq!(near.as_deref(), Some("x=1"));
    }
}
