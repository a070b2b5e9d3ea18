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
    watched: Vec<Watched>,
    keeps_nothing: bool,
}

/// File that went ahead of a document.
#[derive(Clone, Debug)]
struct Watched {
    path: String,
    way: Way,
    times_asked: u8,
}

/// Way in which a file went ahead of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Named by a 103: the client asks for it once, for the hint or for the page.
    Hinted,
    /// Pushed: the client has it and does not ask.
    Pushed,
}

/// Conclusion from the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    /// Nothing is known yet.
    Unknown,
    /// The client keeps files.
    Keeps,
    /// The client asked again for a file that it had been given.
    KeepsNothing,
}

impl CacheEvidence {
    /// Notes that a file went ahead of a document.
    pub(super) fn sent_ahead(&mut self, path: &str, way: Way) {
        let is_watched = self.watched.iter().any(|watched| watched.path == path);
        if !is_watched && self.watched.len() < MAX_WATCHED_FILES {
            self.watched.push(Watched {
                path: path.to_owned(),
                way,
                times_asked: 0,
            });
        }
    }

    /// Notes a request for a file. One that forces a fetch (a reload that skips the cache) or revalidates
    /// says nothing.
    pub(super) fn asked(&mut self, path: &str, headers: &HeaderMap) {
        if headers.contains_key(header::IF_NONE_MATCH) || skips_cache(headers) {
            return;
        }
        let Some(watched) = self.watched.iter_mut().find(|file| file.path == path) else {
            return;
        };
        watched.times_asked = watched.times_asked.saturating_add(1);
        let times_given = match watched.way {
            Way::Hinted => 0,
            Way::Pushed => 1,
        };
        self.keeps_nothing |= watched.times_asked + times_given > 1;
    }

    /// Concludes at the next document. What was hinted is kept if none of it was asked for twice.
    pub(super) fn caching(&self) -> Caching {
        let is_kept = |file: &Watched| file.way == Way::Hinted && file.times_asked == 1;
        if self.keeps_nothing {
            Caching::KeepsNothing
        } else if self.watched.iter().any(is_kept) {
            Caching::Keeps
        } else {
            Caching::Unknown
        }
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

    fn evidence(way: Way, times_asked: u8) -> CacheEvidence {
        let mut evidence = CacheEvidence::default();
        evidence.sent_ahead("/a.css", way);
        for _ in 0..times_asked {
            evidence.asked("/a.css", &HeaderMap::new());
        }
        evidence
    }

    #[test]
    fn a_client_that_asks_again_for_what_it_was_given_keeps_nothing() {
        for (way, times_asked, expected) in [
            (Way::Hinted, 0, Caching::Unknown),
            (Way::Hinted, 1, Caching::Keeps),
            (Way::Hinted, 2, Caching::KeepsNothing),
            (Way::Pushed, 0, Caching::Unknown),
            (Way::Pushed, 1, Caching::KeepsNothing),
        ] {
            let caching = evidence(way, times_asked).caching();
            assert_eq!(caching, expected, "{way:?} {times_asked}");
        }
    }

    #[test]
    fn reloads_revalidations_and_other_files_are_no_evidence() {
        let mut evidence = evidence(Way::Hinted, 1);
        for (name, value) in [
            (header::CACHE_CONTROL, "max-age=0, No-Cache"),
            (header::CACHE_CONTROL, "no-store"),
            (header::IF_NONE_MATCH, "\"x\""),
        ] {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
            evidence.asked("/a.css", &headers);
        }
        evidence.asked("/b.css", &HeaderMap::new());
        evidence.asked("/b.css", &HeaderMap::new());
        assert_eq!(evidence.caching(), Caching::Keeps);
    }

    #[test]
    fn the_files_watched_on_a_connection_are_bounded() {
        let mut evidence = CacheEvidence::default();
        for file in 0..2 * MAX_WATCHED_FILES {
            evidence.sent_ahead(&file.to_string(), Way::Hinted);
        }
        assert_eq!(evidence.watched.len(), MAX_WATCHED_FILES);
    }
}
