//! What goes ahead of the document: pushed, or hinted.

use axum::extract::Request;
use http::{HeaderMap, HeaderValue, Method, header};

use super::cache_evidence::{CacheEvidence, Caching};
use crate::assets::{Document, Need};
use crate::protocol::connection_store::ConnectionStore;
use crate::protocol::http2::early_hints::EarlyHints;
use crate::protocol::http2::push::{PushError, Pusher};

/// Field by which browsers, and no other clients, say for what they fetch (Fetch Metadata).
const FETCH_DESTINATION: &str = "sec-fetch-dest";

/// Concludes whether the client of a request keeps files: a validator proves it now, a cookie and the earlier
/// requests of the connection told it before.
pub(super) fn caching(document: &Document, request: &Request) -> Caching {
    if request.headers().contains_key(header::IF_NONE_MATCH) {
        return Caching::Keeps;
    }
    if document.has_no_files_cookie(request.headers()) {
        return Caching::KeepsNothing;
    }
    let store = request.extensions().get::<ConnectionStore>();
    let keeps_nothing = store.is_some_and(|store| {
        store.with(|evidence: &mut CacheEvidence| evidence.shows_that_nothing_is_kept())
    });
    if keeps_nothing {
        Caching::KeepsNothing
    } else {
        Caching::Unknown
    }
}

/// Pushes what the document needs; hints it by one 103 if the client takes no pushes. A client that keeps
/// nothing is sent nothing ahead: it would fetch everything twice.
///
/// On HTTP/1.1 the request carries neither pusher nor hints, and the document's own links have
/// to do. So they have where a client left too many pushes untaken.
pub(super) fn send(document: &Document, caching: Caching, request: &Request) {
    if caching == Caching::KeepsNothing {
        return;
    }
    let needs = wanted(document, request.method(), request.headers());
    let Some(pusher) = request.extensions().get::<Pusher>() else {
        return;
    };
    for need in needs {
        match pusher.push(need.path()) {
            Ok(()) => note_push(need, request),
            Err(PushError::Already) => {}
            Err(PushError::Disabled) => {
                return hint(hinted(document, caching, needs, request), request);
            }
            Err(error) => {
                tracing::debug!(path = need.path(), "not pushed: {error}");
                return;
            }
        }
    }
}

/// Files to hint. A browser that was warned of the certificate may keep nothing, so until it has shown a validator
/// the hint is the smallest file alone: how often it is asked for tells.
fn hinted<'a>(
    document: &'a Document,
    caching: Caching,
    needs: &'a [Need],
    request: &Request,
) -> &'a [Need] {
    let is_browser = request.headers().contains_key(FETCH_DESTINATION);
    if caching == Caching::Unknown && is_browser && document.has_self_signed_certificate() {
        document.probe()
    } else {
        needs
    }
}

fn hint(needs: &[Need], request: &Request) {
    let Some(hints) = request.extensions().get::<EarlyHints>() else {
        return;
    };
    if needs.is_empty() {
        return;
    }
    let links: Vec<HeaderValue> = needs.iter().map(|need| need.link().clone()).collect();
    if let Err(error) = hints.send(&links) {
        tracing::debug!("not hinted: {error}");
    }
}

/// Notes a file that was pushed, to see whether the client asks for it again.
fn note_push(need: &Need, request: &Request) {
    if let Some(store) = request.extensions().get::<ConnectionStore>() {
        store.with(|evidence: &mut CacheEvidence| evidence.pushed(need.path()));
    }
}

/// The files that are to go ahead: none if the client has them, or does not load the page.
fn wanted<'a>(document: &'a Document, method: &Method, headers: &HeaderMap) -> &'a [Need] {
    // Browsers say what they fetch for (Fetch Metadata); other clients do not say, and may
    // load the page. A script that merely reads the document does not.
    let loads_page = headers
        .get(FETCH_DESTINATION)
        .is_none_or(|destination| destination == "document");
    if method == Method::GET && loads_page && !document.is_known(headers) {
        document.needs()
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use http::header;

    use super::*;
    use crate::assets::{Assets, Deployment, Page};

    fn assets() -> Assets {
        let folder = tempfile::tempdir().unwrap();
        let document = "<link rel=stylesheet href=/a.css><script src=/a.js></script>";
        fs::write(folder.path().join("index.html"), document).unwrap();
        fs::write(folder.path().join("a.css"), "").unwrap();
        fs::write(folder.path().join("a.js"), "").unwrap();
        Assets::from_dir(folder.path(), &[], &Deployment::for_test()).unwrap()
    }

    fn wanted_paths(method: &Method, fields: &[(&'static str, &str)]) -> Vec<String> {
        let assets = assets();
        let headers = fields
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    value.parse().unwrap(),
                )
            })
            .collect();
        wanted(assets.document(Page::Primes).unwrap(), method, &headers)
            .iter()
            .map(|need| need.path().to_owned())
            .collect()
    }

    #[test]
    fn a_client_that_loads_the_page_is_sent_what_it_needs_in_the_documents_order() {
        for fields in [&[][..], &[("sec-fetch-dest", "document")]] {
            assert_eq!(wanted_paths(&Method::GET, fields), ["/a.css", "/a.js"]);
        }
    }

    #[test]
    fn a_client_that_does_not_load_the_page_is_sent_nothing() {
        for destination in ["empty", "image", "serviceworker"] {
            let fields = [("sec-fetch-dest", destination)];
            assert_eq!(wanted_paths(&Method::GET, &fields), [""; 0]);
        }
        assert_eq!(wanted_paths(&Method::HEAD, &[]), [""; 0]);
    }

    #[test]
    fn a_client_that_has_the_files_is_sent_nothing() {
        let assets = assets();
        let document = assets.document(Page::Primes).unwrap();
        let older = (header::IF_NONE_MATCH, HeaderValue::from_static("\"older\""));
        let second_visit = HeaderMap::from_iter([older]);
        let set_cookie = document.set_cookie(&second_visit).unwrap();
        let cookie = set_cookie.to_str().unwrap().split(';').next().unwrap();
        let etag = document.asset().representations()[0].etag();

        assert_eq!(wanted_paths(&Method::GET, &[("cookie", cookie)]), [""; 0]);
        let fields = [("if-none-match", etag.to_str().unwrap())];
        assert_eq!(wanted_paths(&Method::GET, &fields), [""; 0]);
        assert_eq!(wanted_paths(&Method::GET, &[("cookie", "a=b")]).len(), 2);
    }
}
