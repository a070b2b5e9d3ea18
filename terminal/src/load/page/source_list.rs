//! The lists of sources of a policy (Content Security Policy Level 3, section 2.3.1).

use url::Url;

/// From where files may come.
#[derive(Clone, Debug)]
pub(super) struct SourceList(Vec<String>);

impl SourceList {
    pub(super) fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self(words.map(str::to_owned).collect())
    }

    /// Whether it holds this word, in any case for keywords.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0
            .iter()
            .any(|own| own == word || (!word.contains('-') && own.eq_ignore_ascii_case(word)))
            || (matches!(
                word,
                "'strict-dynamic'" | "'unsafe-inline'" | "allow-scripts"
            ) && self.0.iter().any(|own| own.eq_ignore_ascii_case(word)))
    }

    pub(super) fn has_nonce(&self, nonce: Option<&str>) -> bool {
        nonce.is_some_and(|nonce| {
            self.0.iter().any(|own| {
                let own = own
                    .strip_prefix("'nonce-")
                    .and_then(|own| own.strip_suffix('\''));
                own == Some(nonce) && !nonce.is_empty()
            })
        })
    }

    /// Whether scripts pass by nonce or hash alone.
    pub(super) fn is_strict(&self) -> bool {
        self.has("'strict-dynamic'")
    }

    /// Whether everything may stand in the document: a nonce or a hash takes that back.
    pub(super) fn allow_all_inline(&self) -> bool {
        let is_strict = |own: &String| {
            let own = own.to_ascii_lowercase();
            own.starts_with("'nonce-") || own.starts_with("'sha") || own == "'strict-dynamic'"
        };
        self.has("'unsafe-inline'") && !self.0.iter().any(is_strict)
    }

    /// Whether an address is of one of the sources.
    pub(super) fn allow(&self, url: &Url, page: &Url, is_redirected: bool) -> bool {
        self.0.iter().any(|source| {
            let source = source.as_str();
            if source == "*" {
                return matches!(url.scheme(), "http" | "https") || url.scheme() == page.scheme();
            }
            if source.eq_ignore_ascii_case("'self'") {
                return is_in(url, page);
            }
            if source.starts_with('\'') {
                return false;
            }
            if let Some(scheme) = source.strip_suffix(':') {
                return is_scheme(&scheme.to_ascii_lowercase(), url.scheme());
            }
            is_host(source, url, page, is_redirected).unwrap_or(false)
        })
    }
}

/// Whether an address is of the origin of a page, or of the same one made secure.
pub(super) fn is_in(url: &Url, page: &Url) -> bool {
    let is_upgraded = page.scheme() == "http"
        && url.scheme() == "https"
        && url.host() == page.host()
        && (url.port() == page.port() || (url.port().is_none() && page.port().is_none()));
    url.origin() == page.origin() || is_upgraded
}

/// A scheme stands for its secure one as well.
fn is_scheme(wanted: &str, own: &str) -> bool {
    wanted == own || (wanted == "http" && own == "https")
}

/// `scheme://host:port/path`, of which all but the host may be missing.
fn is_host(source: &str, url: &Url, page: &Url, is_redirected: bool) -> Option<bool> {
    let (scheme, rest) = match source.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (page.scheme().to_owned(), source),
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host = host.to_ascii_lowercase();
    let own = url.host_str()?.to_ascii_lowercase();
    let is_host = host == "*"
        || own == host
        || host
            .strip_prefix('*')
            .is_some_and(|end| end.starts_with('.') && own.ends_with(end));
    let is_port = match port {
        Some("*") => true,
        Some(port) => {
            let port: u16 = port.parse().ok()?;
            url.port_or_known_default() == Some(port)
                || (port == 80
                    && url.scheme() == "https"
                    && url.port_or_known_default() == Some(443))
        }
        None => url.port().is_none(),
    };
    let path = percent_decoded(path);
    let own_path = percent_decoded(url.path());
    let is_path = path.is_empty()
        || is_redirected
        || if path.ends_with('/') {
            own_path.starts_with(&path)
        } else {
            own_path == path
        };
    Some(is_scheme(&scheme, url.scheme()) && is_host && is_port && is_path)
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_scheme_a_host_a_port_or_a_path() {
        let page = Url::parse("http://a.example:81/").unwrap();
        for (source, url, expected) in [
            ("'self'", "http://a.example:81/x", true),
            ("'SELF'", "http://a.example/x", false),
            ("*", "https://b.example/x", true),
            ("http:", "https://b.example/x", true),
            ("https:", "http://b.example/x", false),
            ("b.example", "http://b.example/x", true),
            ("b.example", "http://b.example:8080/x", false),
            ("b.example:*", "http://b.example:8080/x", true),
            ("*.example", "http://b.example/x", true),
            ("*.b.example", "http://b.example/x", false),
            ("http://b.example/c/", "http://b.example/c/x", true),
            ("http://b.example/c", "http://b.example/c/x", false),
            ("'none'", "http://a.example:81/x", false),
            ("self", "http://a.example:81/x", false),
        ] {
            let list = SourceList::new([source].into_iter());
            assert_eq!(
                list.allow(&Url::parse(url).unwrap(), &page, false),
                expected,
                "{source} {url}"
            );
        }
    }
}
