//! An address as people write it: perhaps without a scheme, perhaps with a name and a password.

use ::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::{ParseError, Url};

/// An address that was understood. It says nothing secret any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenAddress {
    /// The address without name and password.
    pub url: Url,
    /// The `Authorization` that they mean (RFC 7617), for the origin of the address alone.
    pub authorization: Option<HeaderValue>,
}

/// Reads an address, as `https` if it names no scheme.
///
/// # Errors
/// What is wrong with it as a URL.
pub fn read(text: &str) -> Result<WrittenAddress, ParseError> {
    let mut url = if has_scheme(text) {
        Url::parse(text)?
    } else {
        Url::parse(&format!("https://{text}"))?
    };
    let authorization = basic_authorization(&url);
    strip_credentials(&mut url);
    Ok(WrittenAddress { url, authorization })
}

/// Takes name and password out of an address, which others may see from here on.
pub(crate) fn strip_credentials(url: &mut Url) {
    // Addresses that can have none refuse to lose them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// Whether a text begins with a scheme and two slashes (RFC 3986, section 3.1); further on `://` may
/// stand in a query as well.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The credentials of a URL, where they are written in percent-encoding.
fn basic_authorization(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_stands_at_the_beginning_and_nowhere_else() {
        for (written, meant) in [
            ("host/p?u=http://x", "https://host/p?u=http://x"),
            ("host:80/http://x", "https://host:80/http://x"),
            ("http://host/?u=ws://x", "http://host/?u=ws://x"),
            ("localhost:8443", "https://localhost:8443/"),
        ] {
            assert_eq!(read(written).unwrap().url.as_str(), meant);
        }
    }

    #[test]
    fn a_name_and_a_password_become_a_field_and_are_seen_no_more() {
        let address = read("https://ad%40:p%3Aw%zz@host/a").unwrap();
        assert_eq!(address.url.as_str(), "https://host/a");
        let value = address.authorization.unwrap();
        let expected = format!("Basic {}", STANDARD.encode("ad@:p:w%zz"));
        assert_eq!(value.to_str().unwrap(), expected);
        assert!(value.is_sensitive());
        // The example of RFC 7617, section 2.
        let address = read("Aladdin:open%20sesame@host").unwrap();
        assert_eq!(
            address.authorization.unwrap(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(read("host").unwrap().authorization, None);
    }
}
