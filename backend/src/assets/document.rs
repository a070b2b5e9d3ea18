//! The client's document, `index.html`: completed, compressed, and read for what it needs.

use std::ffi::OsStr;
use std::path::Path;

use http::{HeaderMap, HeaderValue, header};
use roomcast_shared::prime::PrimeEvent;

use super::asset::{Asset, content_hash};
use super::compress::compress;
use super::content_security_policy;
use super::first_events;
use super::html::{StartTag, escaped, start_tags};
use super::links;
use super::need::{Need, is_style_sheet, needs};
use super::page::{Page, select};
use super::{Deployment, INDEX, Origin};
use crate::negotiation::if_none_match;

/// How long a browser keeps the cookie: as long as it may keep the files, one year in seconds.
const COOKIE_MAX_AGE_SECONDS: u32 = 31_536_000;

/// Name of the cookie by which a client remembers that it keeps no files.
const NO_FILES_COOKIE: &str = "keeps-no-files";

/// How long it remembers that, in seconds: after thirty days it is tried anew, at the cost of one file that is
/// fetched twice.
const NO_FILES_MAX_AGE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The document of a page of the client.
#[derive(Debug)]
pub struct Document {
    asset: Asset,
    policy: HeaderValue,
    needs: Vec<Need>,
    head_links: String,
    cookie: String,
    set_cookie: HeaderValue,
    /// Cookie of a client that keeps no files, as it is sent back.
    no_files_cookie: String,
    set_no_files_cookie: HeaderValue,
    clear_no_files_cookie: HeaderValue,
    has_self_signed_certificate: bool,
}

impl Document {
    /// Completes a built document for one of its pages. `hash_of` says whether a path of the completed document is
    /// a file of the bundle, and which bytes are in it.
    pub(super) fn new(
        built: &str,
        page: Page,
        first_events: &[PrimeEvent],
        deployment: &Deployment,
        hash_of: impl Fn(&str) -> Option<String>,
    ) -> std::io::Result<Self> {
        let own = links::under(&select(built, page), &deployment.base_path);
        let text = first_events::insert(&own, first_events);
        let tags = start_tags(&text);
        let needs = needs(&tags, |path| hash_of(path).is_some());
        let cookie = cookie(page, deployment, &needs, hash_of);
        let security = match deployment.origin {
            Origin::Secure => "; Secure",
            Origin::Plain => "",
        };
        let path = deployment.base_path.cookie_path();
        let attributes = format!("; Path={path}; SameSite=Lax; HttpOnly{security}");
        let set = |cookie: &str, seconds: u32| {
            let set_cookie = format!("{cookie}; Max-Age={seconds}{attributes}");
            HeaderValue::try_from(set_cookie).expect("base64 is a field value")
        };
        let no_files_cookie = format!(
            "{}{NO_FILES_COOKIE}-{}=1",
            prefix(deployment),
            deployment.server_id
        );
        let policy = content_security_policy::policy(&tags);
        let head_links = head_links(&tags);
        let compressed = compress(INDEX, text.as_bytes())?;
        Ok(Self {
            asset: Asset::compressed(INDEX, text.into_bytes(), compressed),
            policy: HeaderValue::try_from(policy).expect("words and base64 are a field value"),
            needs,
            head_links,
            set_cookie: set(&cookie, COOKIE_MAX_AGE_SECONDS),
            cookie,
            set_no_files_cookie: set(&no_files_cookie, NO_FILES_MAX_AGE_SECONDS),
            clear_no_files_cookie: set(&no_files_cookie, 0),
            no_files_cookie,
            has_self_signed_certificate: deployment.has_self_signed_certificate,
        })
    }

    /// The document as a file.
    pub fn asset(&self) -> &Asset {
        &self.asset
    }

    /// Its `Content-Security-Policy`.
    pub fn content_security_policy(&self) -> &HeaderValue {
        &self.policy
    }

    /// The files that it needs, in the order in which it names them.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// Smallest of the needed files by which a client can show whether it keeps what was hinted: the script.
    /// Chromium takes a hinted style sheet from memory, whether it keeps files or not.
    pub(crate) fn probe(&self) -> &[Need] {
        let is_script = |need: &Need| Path::new(need.path()).extension() == Some(OsStr::new("js"));
        let script = self.needs.iter().position(is_script);
        script.map_or(&[], |index| &self.needs[index..=index])
    }

    /// `true` if browsers warn of the server's certificate, and those who accept it in spite of that may keep
    /// no files.
    pub(crate) fn has_self_signed_certificate(&self) -> bool {
        self.has_self_signed_certificate
    }

    /// `Set-Cookie` by which a client remembers that it keeps no files, or forgets that once it has shown a
    /// validator; `None` when its cookies are right already.
    pub(crate) fn set_no_files_cookie(
        &self,
        request: &HeaderMap,
        keeps_nothing: bool,
    ) -> Option<&HeaderValue> {
        match (self.has_no_files_cookie(request), keeps_nothing) {
            (false, true) => Some(&self.set_no_files_cookie),
            (true, false) if request.contains_key(header::IF_NONE_MATCH) => {
                Some(&self.clear_no_files_cookie)
            }
            _ => None,
        }
    }

    /// `true` if the client was seen to keep no files on an earlier connection.
    pub(crate) fn has_no_files_cookie(&self, request: &HeaderMap) -> bool {
        has_cookie(request, &self.no_files_cookie)
    }

    /// `link` elements for its style sheets and its icon, for other pages of this server.
    pub(crate) fn head_links(&self) -> &str {
        &self.head_links
    }

    /// The `Set-Cookie` by which a client remembers that it has the bundle; `None` when it
    /// remembers already, or has not yet shown that it keeps what it is given.
    ///
    /// It shows that by a validator, be it of an older document. Having been sent the bundle proves
    /// nothing: on a server whose certificate a person told Chromium to accept, it keeps cookies
    /// for a year and files for no moment.
    pub fn set_cookie(&self, request: &HeaderMap) -> Option<&HeaderValue> {
        let keeps_files = request.contains_key(header::IF_NONE_MATCH);
        (keeps_files && !self.is_remembered(request)).then_some(&self.set_cookie)
    }

    /// Whether the client has this very bundle: its cookie says so, or the validator of a
    /// document that it has kept.
    pub fn is_known(&self, request: &HeaderMap) -> bool {
        self.is_remembered(request)
            || self.asset.representations().iter().any(|representation| {
                if_none_match::matches(request, representation.etag().as_bytes())
            })
    }

    fn is_remembered(&self, request: &HeaderMap) -> bool {
        has_cookie(request, &self.cookie)
    }
}

/// `true` if a request carries this cookie, given as `name=value`.
fn has_cookie(request: &HeaderMap, cookie: &str) -> bool {
    // HTTP/2 may split the field (RFC 9113, section 8.2.3).
    request.get_all(header::COOKIE).iter().any(|value| {
        let pairs = value.as_bytes().split(|&byte| byte == b';');
        pairs
            .map(<[u8]>::trim_ascii)
            .any(|pair| pair == cookie.as_bytes())
    })
}

/// Prefix of the names of cookies. Browsers take both only together with `Secure`, and `__Host-` only with the path
/// `/` (RFC 6265bis, section 4.1.3).
fn prefix(deployment: &Deployment) -> &'static str {
    match deployment.origin {
        Origin::Secure if deployment.base_path.is_root() => "__Host-",
        Origin::Secure => "__Secure-",
        Origin::Plain => "",
    }
}

/// Name and value of the cookie: it changes when one of the needed files does.
fn cookie(
    page: Page,
    deployment: &Deployment,
    needs: &[Need],
    hash_of: impl Fn(&str) -> Option<String>,
) -> String {
    let bundle: Vec<String> = needs
        .iter()
        .map(|need| {
            format!(
                "{} {}",
                need.path(),
                hash_of(need.path()).unwrap_or_default()
            )
        })
        .collect();
    let hash = content_hash(bundle.join("\n").as_bytes());
    let (prefix, server_id) = (prefix(deployment), &deployment.server_id);
    format!("{prefix}{}-{server_id}={hash}", page.cookie())
}

fn head_links(tags: &[StartTag<'_>]) -> String {
    tags.iter()
        .filter_map(|tag| {
            let relation = if is_style_sheet(tag) {
                "stylesheet"
            } else if tag.name == "link" && tag.has_word("rel", "icon") {
                "icon"
            } else {
                return None;
            };
            let path = escaped(tag.attribute("href")?);
            Some(format!("<link rel=\"{relation}\" href=\"{path}\">"))
        })
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BasePath;

    const BUILT: &str = "<link rel=icon href=/i.svg><link rel=stylesheet href=/a.css><script src=/a.js></script>\
        <ol id=first-primes></ol>";

    fn document(script_hash: &str, origin: Origin) -> Document {
        document_under("/", script_hash, origin)
    }

    fn document_under(base_path: &str, script_hash: &str, origin: Origin) -> Document {
        let base_path: BasePath = base_path.parse().unwrap();
        let events = [PrimeEvent {
            id: 1,
            number: 2.into(),
        }];
        let own = base_path.clone();
        let hash_of = |path: &str| match own.strip(path)? {
            "/a.css" => Some("style".to_owned()),
            "/a.js" => Some(script_hash.to_owned()),
            _ => None,
        };
        let deployment = Deployment {
            origin,
            base_path,
            ..Deployment::for_test()
        };
        Document::new(BUILT, Page::Primes, &events, &deployment, hash_of).unwrap()
    }

    fn request(name: header::HeaderName, value: &HeaderValue) -> HeaderMap {
        HeaderMap::from_iter([(name, value.clone())])
    }

    /// What a browser asks with that has kept the document of an older server.
    fn second_visit() -> HeaderMap {
        let older = HeaderValue::from_static("\"older\"");
        request(header::IF_NONE_MATCH, &older)
    }

    fn cookie_of(document: &Document) -> HeaderValue {
        let visit = second_visit();
        let set_cookie = document.set_cookie(&visit).unwrap();
        let pair = set_cookie.to_str().unwrap().split(';').next().unwrap();
        format!("theme=dark; {pair}").parse().unwrap()
    }

    #[test]
    fn the_completed_document_is_what_is_served() {
        let document = document("1", Origin::Secure);
        let plain = document.asset().representations().iter().last().unwrap();
        assert_eq!(plain.bytes(), &BUILT.replace("</ol>", "<li>2</li></ol>"));
    }

    #[test]
    fn a_client_that_was_given_the_cookie_is_known_and_not_given_it_again() {
        let document = document("1", Origin::Secure);
        let mut headers = request(header::COOKIE, &cookie_of(&document));
        assert!(document.is_known(&headers));
        headers.extend(second_visit());
        assert_eq!(document.set_cookie(&headers), None);
        assert!(!document.is_known(&HeaderMap::new()));
    }

    #[test]
    fn a_client_that_has_not_shown_that_it_keeps_files_is_given_no_cookie() {
        let document = document("1", Origin::Secure);
        assert_eq!(document.set_cookie(&HeaderMap::new()), None);
    }

    #[test]
    fn the_cookie_of_another_bundle_does_not_count() {
        let (old, new) = (document("1", Origin::Secure), document("2", Origin::Secure));
        let headers = request(header::COOKIE, &cookie_of(&old));
        assert!(!new.is_known(&headers));
        let mut headers = headers;
        headers.extend(second_visit());
        assert!(new.set_cookie(&headers).is_some());
    }

    #[test]
    fn a_client_that_has_the_document_has_the_bundle() {
        let document = document("1", Origin::Secure);
        for representation in document.asset().representations() {
            let headers = request(header::IF_NONE_MATCH, representation.etag());
            assert!(document.is_known(&headers));
        }
        let other = HeaderValue::from_static("\"other\"");
        assert!(!document.is_known(&request(header::IF_NONE_MATCH, &other)));
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_where_there_is_tls() {
        let set_cookie = |origin| {
            let document = document("1", origin);
            document
                .set_cookie(&second_visit())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        let secure = set_cookie(Origin::Secure);
        assert!(
            secure.starts_with("__Host-bundle-t=") && secure.ends_with("; Secure"),
            "{secure}"
        );
        let plain = set_cookie(Origin::Plain);
        assert!(
            plain.starts_with("bundle-t=") && !plain.contains("Secure"),
            "{plain}"
        );
        for cookie in [secure, plain] {
            assert!(
                cookie.contains("; Path=/; ") && cookie.contains("; HttpOnly"),
                "{cookie}"
            );
        }
    }

    #[test]
    fn under_a_base_path_files_links_and_cookies_have_it() {
        let document = document_under("/chat", "1", Origin::Secure);
        let paths: Vec<_> = document.needs().iter().map(Need::path).collect();
        assert_eq!(paths, ["/chat/a.css", "/chat/a.js"]);
        let link = document.needs()[0].link();
        assert_eq!(link, "</chat/a.css>; rel=preload; as=style");
        assert!(document.head_links().contains("href=\"/chat/a.css\""));
        // `__Host-` would ask for the path `/`.
        let set_cookie = document.set_cookie(&second_visit()).unwrap();
        let set_cookie = set_cookie.to_str().unwrap();
        assert!(set_cookie.starts_with("__Secure-bundle-t="), "{set_cookie}");
        assert!(set_cookie.contains("; Path=/chat; "), "{set_cookie}");
    }

    #[test]
    fn other_pages_can_use_its_style_sheets_and_its_icon() {
        assert_eq!(
            document("1", Origin::Secure).head_links(),
            "<link rel=\"icon\" href=\"/i.svg\"><link rel=\"stylesheet\" href=\"/a.css\">"
        );
    }
}
