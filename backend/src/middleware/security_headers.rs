//! Response fields by which browsers guard people: on every response, added after its handler.
//!
//! A field that the handler set itself is left alone. The `Content-Security-Policy` is the
//! handler's, as it depends on the page. `Strict-Transport-Security` is never sent: it would
//! bind the whole host name for months, every port of it, and the name is `localhost` or has a
//! self-signed certificate until somebody says otherwise. Who serves a public name lets the
//! proxy that ends its TLS add the field.

use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// What matters only for a document, and is spared elsewhere. `Cross-Origin-Opener-Policy` is not
/// among it: it would have Chromium show the page 50 ms later, as ARCHITECTURE.md tells.
const FOR_DOCUMENTS: [(HeaderName, &str); 2] = [
    // The page asks for none of these, so nothing that slips into it can.
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    // Other sites do not learn the address: it can name a room.
    (header::REFERRER_POLICY, "same-origin"),
];

/// Adds the fields; use it as `axum::middleware::map_response(security_headers::add)`.
pub async fn add(mut response: Response) -> Response {
    add_to(response.headers_mut());
    response
}

/// Adds them to the fields of one response.
pub(crate) fn add_to(headers: &mut HeaderMap) {
    let mut add = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // What scripts of any site may read, pages of any site may embed.
    let policy = if headers
        .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        .is_some_and(|origin| origin == "*")
    {
        "cross-origin"
    } else {
        "same-origin"
    };
    let is_document = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let mut add = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    add(CROSS_ORIGIN_RESOURCE_POLICY, policy);
    if is_document {
        for (name, value) in FOR_DOCUMENTS {
            add(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(fields: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers: HeaderMap = fields
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        add_to(&mut headers);
        headers
    }

    #[test]
    fn nothing_is_sniffed_or_embedded_elsewhere() {
        let headers = after(&[]);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn what_any_origin_may_read_any_origin_may_embed() {
        let headers = after(&[(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")]);
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
        let headers = after(&[(header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://example.org")]);
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
    }

    #[test]
    fn documents_are_guarded_more() {
        let headers = after(&[(header::CONTENT_TYPE, "text/html; charset=utf-8")]);
        for (name, value) in FOR_DOCUMENTS {
            assert_eq!(headers[name], value);
        }
    }

    #[test]
    fn a_field_of_the_handler_is_left_alone() {
        let headers = after(&[
            (header::CONTENT_TYPE, "text/html"),
            (header::REFERRER_POLICY, "no-referrer"),
        ]);
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }

    #[test]
    fn no_host_name_is_bound_to_tls() {
        assert!(!after(&[]).contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
