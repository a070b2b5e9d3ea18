//! Answers requests that came without TLS to a port that speaks it: with the same address over TLS.

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};

use crate::config::BasePath;
use crate::middleware::security_headers;

/// The port that a URL with `https` means if it names none.
const DEFAULT_PORT: u16 = 443;

/// No host name is longer (RFC 1035, section 2.3.4), in bytes.
const MAX_HOST_BYTES: usize = 253;

/// Redirects every request to this server over TLS; `port` is where it listens.
pub(crate) fn router(port: u16, base_path: BasePath) -> Router {
    let redirect = async move |request: Request| {
        let location = location(request.uri(), request.headers(), port, &base_path);
        answer(location.as_deref())
    };
    Router::new()
        .fallback(redirect)
        .layer(map_response(security_headers::add))
}

/// 308, which keeps method and body; 400 where nobody can tell which host is meant.
fn answer(location: Option<&str>) -> Response {
    let fields = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        // The host is what this one client says.
        (header::CACHE_CONTROL, "no-store"),
        (header::CONNECTION, "close"),
    ];
    let Some(location) = location else {
        let sentence = "This port speaks TLS: ask over https://, and name the host.\n";
        return (StatusCode::BAD_REQUEST, fields, sentence).into_response();
    };
    let sentence = format!("This port speaks TLS: ask {location} instead.\n");
    let location = [(header::LOCATION, location)];
    (StatusCode::PERMANENT_REDIRECT, fields, location, sentence).into_response()
}

/// The address of the request over TLS, under the base path. `None` if it names no host, or what cannot be one.
fn location(uri: &Uri, headers: &HeaderMap, port: u16, base_path: &BasePath) -> Option<String> {
    let host = || Authority::try_from(headers.get(header::HOST)?.as_bytes()).ok();
    // An absolute URL counts more than the field (RFC 9112, section 3.2.2).
    let authority = uri.authority().cloned().or_else(host)?;
    if authority.as_str().contains('@') || !is_host(authority.host()) {
        return None;
    }
    // Who came through a forwarded port comes through it again.
    let port = match port_of(&authority, port)? {
        DEFAULT_PORT => String::new(),
        port => format!(":{port}"),
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    if !path.starts_with('/') {
        return None;
    }
    let prefix = match base_path.strip(uri.path()) {
        Some(_) => "",
        None => base_path.as_str(),
    };
    Some(format!("https://{}{port}{prefix}{path}", authority.host()))
}

/// The port of an authority, `otherwise` if it names none. `None` if what it names is none.
fn port_of(authority: &Authority, otherwise: u16) -> Option<u16> {
    let rest = authority.as_str().strip_prefix(authority.host())?;
    match rest.strip_prefix(':').unwrap_or_default() {
        "" => Some(otherwise),
        digits => digits.parse().ok(),
    }
}

/// Whether a text is an IPv6 address in brackets, or has the characters of a name or an IPv4 address alone.
fn is_host(host: &str) -> bool {
    if let Some(ip) = host.strip_prefix('[') {
        let ip = ip.strip_suffix(']').unwrap_or_default();
        return ip.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !host.is_empty() && host.len() <= MAX_HOST_BYTES && host.bytes().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location_of(target: &str, host: Option<&str>, port: u16) -> Option<String> {
        location_under("/", target, host, port)
    }

    fn location_under(
        base_path: &str,
        target: &str,
        host: Option<&str>,
        port: u16,
    ) -> Option<String> {
        let host = host.map(|host| (header::HOST, host.parse().unwrap()));
        let headers = host.into_iter().collect();
        let base_path = base_path.parse().unwrap();
        location(&target.parse().unwrap(), &headers, port, &base_path)
    }

    #[test]
    fn the_address_over_tls_is_under_the_base_path() {
        for (target, path) in [
            ("/", "/chat/"),
            ("/rooms/a?b", "/chat/rooms/a?b"),
            ("/chat/rooms/a?b", "/chat/rooms/a?b"),
            ("/chat", "/chat"),
            ("/chatter", "/chat/chatter"),
        ] {
            let location = location_under("/chat", target, Some("here"), 1);
            assert_eq!(location, Some(format!("https://here:1{path}")));
        }
    }

    #[test]
    fn the_address_over_tls_has_the_same_host_port_path_and_query() {
        for (target, host, port, expected) in [
            (
                "/a?b=%20c",
                "chat.example.org:8443",
                1,
                "https://chat.example.org:8443/a?b=%20c",
            ),
            ("/", "[2001:db8::7]:8443", 1, "https://[2001:db8::7]:8443/"),
            ("/", "127.0.0.1", 8443, "https://127.0.0.1:8443/"),
            ("/", "chat.example.org", 443, "https://chat.example.org/"),
            (
                "/",
                "chat.example.org:443",
                8443,
                "https://chat.example.org/",
            ),
            ("/", "my_host:", 8443, "https://my_host:8443/"),
            ("//elsewhere/x", "here:1", 1, "https://here:1//elsewhere/x"),
            ("http://here:1/a", "elsewhere", 2, "https://here:1/a"),
        ] {
            let location = location_of(target, Some(host), port);
            assert_eq!(location.as_deref(), Some(expected), "{target} {host}");
        }
    }

    #[test]
    fn a_host_that_cannot_be_one_is_redirected_nowhere() {
        for host in [
            "",
            "a b",
            "a/b",
            "user@host",
            "host:99999",
            "[::g]",
            "[::1",
            "a\"b",
            "a'b",
            "a;b",
            "a%2fb",
            "a,b",
        ] {
            assert_eq!(location_of("/", Some(host), 8443), None, "{host}");
        }
        assert_eq!(location_of("/", None, 8443), None);
        assert_eq!(location_of("*", Some("host"), 8443), None);
        assert_eq!(location_of("/", Some(&"a".repeat(254)), 8443), None);
    }
}
