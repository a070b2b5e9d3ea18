//! Fields that no trailer section may have (RFC 9110, section 6.5.1), in either version of HTTP.
//!
//! A reader acts on the header fields before the trailers arrive. A field that says how to frame, route,
//! authenticate or understand the message comes too late there.

use http::HeaderMap;

/// Fields about the connection, the framing, the target, conditions and expectations, the person, the content.
const FORBIDDEN: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "content-length",
    "transfer-encoding",
    "host",
    "cache-control",
    "expect",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "range",
    "authorization",
    "cookie",
    "origin",
    "proxy-authorization",
    "referer",
    "set-cookie",
    "content-encoding",
    "content-language",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "idempotency-key",
    "last-event-id",
];

/// A trailer field that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no trailer field (RFC 9110, section 6.5.1); send it before the body")]
pub(super) struct ForbiddenTrailer(String);

/// Checks the fields of a trailer section.
///
/// # Errors
/// [`ForbiddenTrailer`] names the first one that is not allowed.
pub(super) fn check(trailers: &HeaderMap) -> Result<(), ForbiddenTrailer> {
    let mut names = trailers.keys().map(http::HeaderName::as_str);
    match names.find(|name| FORBIDDEN.contains(name)) {
        None => Ok(()),
        Some(name) => Err(ForbiddenTrailer(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_may_follow_a_body_and_its_length_may_not() {
        let section = |name: &'static str| {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-checksum", "abc".parse().unwrap());
            trailers.insert(name, "1".parse().unwrap());
            trailers
        };
        assert_eq!(check(&section("digest")), Ok(()));
        for name in FORBIDDEN {
            let error = check(&section(name));
            assert_eq!(error, Err(ForbiddenTrailer((*name).to_owned())));
        }
    }
}
