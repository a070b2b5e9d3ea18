//! Addresses as people write them.

use http::Uri;
use url::Url;

/// The scheme of an address that has none.
const DEFAULT_SCHEME: &str = "https://";

/// Reads an address as a browser's address bar does: the scheme may be left out, and names and
/// paths may have letters of any script.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse(text: &str) -> Result<Uri, String> {
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("{DEFAULT_SCHEME}{text}")
    };
    let mut url = Url::parse(&whole).map_err(|error| format!("{error}: {}", help(text)))?;
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") || !url.has_host() {
        return Err(help(text));
    }
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| help(text))
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
            ("ws://host", "ws://host/"),
            ("http://[::1]:80/a b", "http://[::1]/a%20b"),
            (
                "https://bücher.example/ä",
                "https://xn--bcher-kva.example/%C3%A4",
            ),
        ] {
            assert_eq!(parse(written).unwrap().to_string(), meant);
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
        }
    }
}
