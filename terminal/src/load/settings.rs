//! How a page is loaded.

use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderValue};
use roomcast_client::http::{self as client_http, Options};
use url::Url;

use super::reference::Reference;
use super::viewport::Viewport;

/// How to load a page.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) options: Options,
    /// Whether files that a `Link` field names are asked for.
    pub(super) use_hints: bool,
    /// Fields for requests to the origin of the address.
    pub(super) fields: HeaderMap,
    pub(super) timeout: Duration,
    /// The window for which files are chosen.
    pub(super) viewport: Viewport,
    pub(super) max_files: usize,
    pub(super) max_mebibytes: u64,
}

impl Settings {
    /// The fields of the request for a file of the page at this address.
    pub(super) fn fields_for(&self, reference: &Reference, address: &Url) -> HeaderMap {
        let mut fields = HeaderMap::new();
        fields.insert(ACCEPT, HeaderValue::from_static(reference.purpose.accept()));
        fields.insert(
            ACCEPT_ENCODING,
            HeaderValue::from_static(client_http::ACCEPT_ENCODING),
        );
        // They may hold secrets, which are nobody else's business.
        if reference.url.origin() == address.origin() {
            for name in self.fields.keys() {
                fields.remove(name);
            }
            fields.extend(self.fields.clone());
        }
        fields
    }
}
