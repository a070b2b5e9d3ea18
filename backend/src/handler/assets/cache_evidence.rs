//! Evidence of whether a client keeps the files that it is given.
//!
//! Pushes and hints help only a client that keeps files. Chromium keeps none of a server whose certificate a
//! person told it to accept: it fetches what was hinted, drops it, and fetches it again for the page.

use http::{HeaderMap, header};

/// Files of one connection that are watched: more than the documents of this server need.
const MAX_WATCHED_FILES: usize = 32;

/// Evidence from the requests of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct CacheEvidence {
    given: Vec<String>,
    keeps_nothing: bool,
}

/// Conclusion about a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    /// Nothing is known yet.
    Unknown,
    /// The client keeps files: it has shown a validator.
    Keeps,
    /// The client asked again for a file that it had been given.
    KeepsNothing,
}

impl CacheEvidence {
    /// Notes that a file was pushed: a client that keeps it does not ask for it.
    pub(super) fn pushed(&mut self, path: &str) {
        if !self.has_given(path) && self.given.len() < MAX_WATCHED_FILES {
            self.given.push(path.to_owned());
        }
    }

    /// Notes a request for a file. One that forces a fetch (a reload that skips the cache) or revalidates
    /// says nothing.
    pub(super) fn asked(&mut self, path: &str, headers: &HeaderMap) {
        if headers.contains_key(header::IF_NONE_MATCH) || skips_cache(headers) {
            return;
        }
        self.keeps_nothing |= self.has_given(path);
        self.pushed(path);
    }

    /// Returns `true` if the client asked again for a file that it had been given.
    ///
    /// The opposite proves nothing: a page that asks while the fetch for the hint is on its way shares it, whether
    /// the client keeps files or not.
    pub(super) fn shows_that_nothing_is_kept(&self) -> bool {
        self.keeps_nothing
    }

    fn has_given(&self, path: &str) -> bool {
        self.given.iter().any(|given| given == path)
    }
}

/// `true` if the client wants the file itself and no copy (RFC 9111, section 5.2.1.4).
fn skips_cache(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(header::CACHE_CONTROL).iter();
    let mut directives = fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b','));
    directives.any(|directive| {
        let directive = directive.trim_ascii();
        directive.eq_ignore_ascii_case(b"no-cache") || directive.eq_ignore_ascii_case(b"no-store")
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_client_that_asks_again_for_what_it_was_given_keeps_nothing() {
        for (is_pushed, times_asked, expected) in [
            (false, 1, false),
            (false, 2, true),
            (true, 0, false),
            (true, 1, true),
        ] {
            let mut evidence = CacheEvidence::default();
            if is_pushed {
                evidence.pushed("/a.css");
            }
            for _ in 0..times_asked {
                evidence.asked("/a.css", &HeaderMap::new());
            }
            let concluded = evidence.shows_that_nothing_is_kept();
            assert_eq!(concluded, expected, "pushed {is_pushed}, {times_asked}");
        }
    }

    #[test]
    fn reloads_revalidations_and_other_files_are_no_evidence() {
        let mut evidence = CacheEvidence::default();
        evidence.asked("/a.css", &HeaderMap::new());
        for (name, value) in [
            (header::CACHE_CONTROL, "max-age=0, No-Cache"),
            (header::CACHE_CONTROL, "no-store"),
            (header::IF_NONE_MATCH, "\"x\""),
        ] {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
            evidence.asked("/a.css", &headers);
        }
        evidence.asked("/b.css", &HeaderMap::new());
        assert!(!evidence.shows_that_nothing_is_kept());
    }

    #[test]
    fn the_files_watched_on_a_connection_are_bounded() {
        let mut evidence = CacheEvidence::default();
        for file in 0..2 * MAX_WATCHED_FILES {
            evidence.asked(&file.to_string(), &HeaderMap::new());
        }
        assert_eq!(evidence.given.len(), MAX_WATCHED_FILES);
    }
}
