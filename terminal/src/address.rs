//! Addresses as people write them.

use http::{HeaderValue, Uri};
use roomcast_client::address::{WrittenAddress, read};

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// It, without a name and a password.
    pub url: Uri,
    /// The `Authorization` that a name and a password in it mean, for its origin alone.
    pub authorization: Option<HeaderValue>,
}

/// Reads an address as a browser's address bar does: the scheme may be left out, and names and
/// paths may have letters of any script.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse(text: &str) -> Result<Address, String> {
    let written = read(text).map_err(|error| format!("{error}: {}", help(text)))?;
    let WrittenAddress {
        mut url,
        authorization,
    } = written;
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") || !url.has_host() {
        return Err(help(text));
    }
    url.set_fragment(None);
    let url = url.as_str().parse().map_err(|_| help(text))?;
    Ok(Address { url, authorization })
}

/// The same for what is no WebSocket.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse_http(text: &str) -> Result<Address, String> {
    let address = parse(text)?;
    match address.url.scheme_str() {
        Some("http" | "https") => Ok(address),
        _ => Err("only http:// and https:// can be asked; roomcast ws opens WebSockets".to_owned()),
    }
}

fn help(text: &str) -> String {
    format!("'{text}' is no address of a server; write https://host/path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_understood_as_in_a_browser() {
        for (written, meant) in [
            ("https://host/a?b#c", "https://host/a?b"),
            ("host", "https://host/"),
            ("localhost:8443/prime", "https://localhost:8443/prime"),
            ("host/p?u=http://x", "https://host/p?u=http://x"),
            ("ws://host", "ws://host/"),
            ("http://[::1]:80/a b", "http://[::1]/a%20b"),
            (
                "https://bücher.example/ä",
                "https://xn--bcher-kva.example/%C3%A4",
            ),
        ] {
            assert_eq!(parse(written).unwrap().url.to_string(), meant);
        }
    }

    #[test]
    fn what_no_client_can_ask_is_refused_with_a_hint() {
        for written in [
            "",
            "ftp://host/",
            "https://",
            "http://a b/",
            "https://host:99999/",
        ] {
            let error = parse(written).unwrap_err();
            assert!(error.contains("write https://host/path"), "{error}");
            assert!(parse_http(written).is_err());
        }
    }

    #[test]
    fn a_web_socket_has_a_client_of_its_own() {
        assert!(parse_http("http://a/b?c").is_ok());
        let error = parse_http("wss://host/").unwrap_err();
        assert!(error.contains("roomcast ws"), "{error}");
    }
}
