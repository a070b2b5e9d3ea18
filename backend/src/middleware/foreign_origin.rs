//! The refusal of a page of another site, and the advice about it.

use roomcast_shared::operator_advice::OPERATOR_ADVICE;

/// Characters of an origin or host that are shown and logged: more than any name has.
const MAX_SHOWN_CHARS: usize = 260;

/// Why a page may not use the rooms. Stands in the response that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForeignOrigin {
    /// The origin of the page, as the browser sent it.
    pub(crate) origin: Box<str>,
    /// The host and port at which the server was asked.
    pub(crate) host: Box<str>,
    pub(super) mismatch: Mismatch,
}

/// In what an origin differs from those that may use the rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// It is none that could be allowed, such as `null`.
    Unnamed,
    /// The page came over `http:`, and the server speaks TLS.
    Scheme,
    /// Another host or port.
    Host,
    /// It is in a request by which a browser opens a page, and browsers put none there.
    Added,
}

impl ForeignOrigin {
    pub(super) fn new(origin: &str, host: &str, mismatch: Mismatch) -> Self {
        let shown = |value: &str| value.chars().take(MAX_SHOWN_CHARS).collect();
        Self {
            origin: shown(origin),
            host: shown(host),
            mismatch,
        }
    }

    /// One or two sentences that say what is refused, with both values, and what to set.
    pub(crate) fn advice(&self) -> String {
        let Self { origin, host, .. } = self;
        match self.mismatch {
            Mismatch::Unnamed => format!(
                "A page whose origin is \"{origin}\" may not use these rooms: open the page by its http: or \
                 https: address, outside of sandboxed frames."
            ),
            Mismatch::Scheme => format!(
                "The page was loaded from {origin}, without TLS, and this server speaks TLS: open \
                 https://{host} instead.{OPERATOR_ADVICE}allow the page with --allow-origin {origin}."
            ),
            Mismatch::Host => format!(
                "The server takes this page for one of another site.{OPERATOR_ADVICE}the page is from {origin}, \
                 but the server was asked as {host}. If a proxy is in front of the server, have it pass on the \
                 host and port (nginx: proxy_set_header Host $http_host;); or, if you trust that site, allow its \
                 pages with --allow-origin {origin}."
            ),
            Mismatch::Added => format!(
                "A proxy in front of the server sets another origin for this page.{OPERATOR_ADVICE}the server \
                 was asked as {host} and saw Origin: {origin}, which browsers do not send when they open a page. \
                 Remove the line that sets it from the configuration of the proxy (nginx: proxy_set_header \
                 Origin)."
            ),
        }
    }
}
