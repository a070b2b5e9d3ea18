//! Cookies within one load (RFC 6265bis): what a server sets on the way to a page goes with what is asked
//! of it after that.

use std::collections::HashMap;

use cookie_store::{Cookie, CookieDomain, CookieStore, RawCookie, StoreAction};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use url::{Host, Url};

/// Bytes of one cookie, as RFC 6265bis has it (section 5.6).
const MAX_COOKIE_BYTES: usize = 4096;

/// Cookies of one load: as many as browsers keep of all sites.
const MAX_COOKIES: usize = 3000;

/// The cookies that servers have set so far.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    store: CookieStore,
    /// When each was first set, as a count: a value that replaces another keeps its place.
    places: HashMap<Identity, usize>,
    next_place: usize,
}

/// Domain, path and name, which tell one cookie from others (RFC 6265bis, section 5.7).
type Identity = (CookieDomain, String, String);

impl Cookies {
    /// Keeps what a response from this address sets, as far as it may.
    pub(super) fn keep(&mut self, url: &Url, fields: &HeaderMap) {
        for value in fields.get_all(SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            let Ok(cookie) = RawCookie::parse(text.to_owned()) else {
                continue;
            };
            let is_full = self.store.iter_any().count() >= MAX_COOKIES;
            if !is_full && text.len() <= MAX_COOKIE_BYTES && may_be_set(&cookie, url) {
                self.insert(&cookie, url);
            }
        }
    }

    /// Keeps a cookie, unless the store refuses it: that says nothing to the page either.
    fn insert(&mut self, cookie: &RawCookie, url: &Url) {
        let Ok(cookie) = Cookie::try_from_raw_cookie(cookie, url) else {
            return;
        };
        let identity = identity(&cookie);
        match self.store.insert(cookie.into_owned(), url) {
            Ok(StoreAction::ExpiredExisting) => {
                self.places.remove(&identity);
            }
            Ok(StoreAction::Inserted | StoreAction::UpdatedExisting) => {
                self.places.entry(identity).or_insert(self.next_place);
                self.next_place += 1;
            }
            Err(_) => {}
        }
    }

    /// The value of `cookie` for a request. `pages` are the page and the frame that ask; there is none if the
    /// page itself is asked for. A frame of another site makes a request one of another site, also if it goes
    /// to the site of the page.
    pub(super) fn field(&self, url: &Url, pages: &[&Url]) -> Option<HeaderValue> {
        let is_same_site = pages.iter().all(|page| is_same_site(page, url));
        let mut cookies = self.store.matches(url);
        cookies.retain(|cookie| {
            let is_for_others = cookie
                .same_site()
                .is_some_and(|same_site| same_site.is_none() && cookie.secure() == Some(true));
            is_same_site || is_for_others
        });
        // Longer paths first, and of equal ones the oldest (RFC 6265bis, section 5.8.3).
        cookies.sort_by_key(|cookie| {
            let place = self.places.get(&identity(cookie));
            (std::cmp::Reverse(cookie.path.as_ref().len()), place)
        });
        let pairs: Vec<String> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect();
        HeaderValue::from_str(&pairs.join("; "))
            .ok()
            .filter(|value| !value.is_empty())
    }
}

fn identity(cookie: &Cookie) -> Identity {
    (
        cookie.domain.clone(),
        cookie.path.as_ref().to_owned(),
        cookie.name().to_owned(),
    )
}

/// The rules of names with a prefix and of attributes that want `Secure`, and that no cookie is for a whole top-level domain.
fn may_be_set(cookie: &RawCookie, url: &Url) -> bool {
    let is_secure = cookie.secure() == Some(true);
    let name = cookie.name().to_ascii_lowercase();
    let has_domain = cookie.domain().is_some_and(|domain| !domain.is_empty());
    let is_for_others = cookie.same_site().is_some_and(|site| site.is_none());
    let wants_secure =
        name.starts_with("__secure-") || is_for_others || cookie.partitioned() == Some(true);
    if wants_secure && !is_secure {
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
        let pages: Vec<&Url> = page.iter().collect();
        let field = cookies.field(&Url::parse(to).unwrap(), &pages)?;
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
    fn cookies_of_equal_path_are_sent_in_the_order_in_which_they_were_first_set() {
        let url = "https://a.example/b/";
        let set = ["z=1; Path=/", "y=1", "a=1; Path=/", "x=1", "z=2; Path=/"];
        let all = sent(url, &set, url, None);
        assert_eq!(all.as_deref(), Some("y=1; x=1; z=2; a=1"));
        let again = ["z=1", "y=1", "z=0; Max-Age=0", "z=2"];
        let all = sent(url, &again, url, None);
        assert_eq!(all.as_deref(), Some("y=1; z=2"));
    }

    #[test]
    fn cookies_for_other_sites_and_partitioned_ones_must_be_secure() {
        let url = "https://a.example/";
        for attribute in ["SameSite=None", "Partitioned"] {
            let insecure = format!("x=1; {attribute}");
            let secure = format!("{insecure}; Secure");
            assert_eq!(sent(url, &[&insecure], url, None), None);
            assert_eq!(sent(url, &[&secure], url, None).as_deref(), Some("x=1"));
        }
    }

    #[test]
    fn a_frame_of_another_site_sends_no_cookies_of_the_page() {
        let mut cookies = Cookies::default();
        let mut fields = HeaderMap::new();
        fields.append(SET_COOKIE, HeaderValue::from_static("x=1; SameSite=Strict"));
        let [page, frame] =
            ["https://a.example/", "https://b.test/"].map(|url| Url::parse(url).unwrap());
        cookies.keep(&page, &fields);
        assert!(cookies.field(&page, &[&page, &page]).is_some());
        assert!(cookies.field(&page, &[&page, &frame]).is_none());
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
