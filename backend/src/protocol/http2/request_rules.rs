//! The rules for a request that h2 leaves to its user (RFC 9113, sections 8.2 and 8.3).

use http::{HeaderMap, Method, Request, header};

use crate::protocol::trailers::{self, ForbiddenTrailer};

/// Why a request is malformed (RFC 9113, section 8.1.1). Its stream is reset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("a field value begins or ends with white space (RFC 9113, section 8.2.1)")]
    PaddedFieldValue,
    #[error("`:path` begins with neither `/` nor is it `*` for OPTIONS (section 8.3.1)")]
    Path,
    #[error("`:authority` has a user name (section 8.3.1)")]
    UserInformation,
    #[error("`host` names another host than `:authority` (section 8.3.1)")]
    HostDiffers,
    #[error("neither `:authority` nor `host` names a host (section 8.3.1)")]
    NoHost,
    #[error("its trailers have pseudo-header fields or too many fields (section 8.1)")]
    TrailersLeftOut,
    #[error(transparent)]
    ForbiddenTrailer(#[from] ForbiddenTrailer),
}

/// Checks what h2 did not.
///
/// # Errors
/// The first rule that the request breaks.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Malformed> {
    check_values(request.headers())?;
    if let Some(path) = request.uri().path_and_query() {
        let is_asterisk = request.method() == Method::OPTIONS && path.as_str() == "*";
        if !path.as_str().starts_with('/') && !is_asterisk {
            return Err(Malformed::Path);
        }
    }
    check_host(request.uri(), request.headers())
}

/// Checks trailers; `came` is how many fields of them came, of which h2 leaves out some.
///
/// # Errors
/// The first rule that they break.
pub(super) fn check_trailers(trailers: &HeaderMap, came: Option<usize>) -> Result<(), Malformed> {
    if came != Some(trailers.len()) {
        return Err(Malformed::TrailersLeftOut);
    }
    check_values(trailers)?;
    Ok(trailers::check(trailers)?)
}

fn check_values(fields: &HeaderMap) -> Result<(), Malformed> {
    if fields.values().any(is_padded) {
        return Err(Malformed::PaddedFieldValue);
    }
    Ok(())
}

fn is_padded(value: &http::HeaderValue) -> bool {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_space(value.as_bytes().first()) || is_space(value.as_bytes().last())
}

fn check_host(uri: &http::Uri, headers: &HeaderMap) -> Result<(), Malformed> {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(Malformed::UserInformation);
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Malformed::HostDiffers);
    }
    match (authority, host) {
        (None, None) => Err(Malformed::NoHost),
        (Some(authority), Some(host))
            if !authority.as_bytes().eq_ignore_ascii_case(host.as_bytes()) =>
        {
            Err(Malformed::HostDiffers)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::request::Builder;

    fn checked(request: Builder) -> Result<(), Malformed> {
        check(&request.body(()).unwrap())
    }

    fn get(uri: &str) -> Builder {
        Request::get(uri)
    }

    #[test]
    fn an_ordinary_request_passes() {
        assert_eq!(checked(get("https://example.org/a?b")), Ok(()));
        assert_eq!(
            checked(get("https://example.org/").header("host", "EXAMPLE.org")),
            Ok(())
        );
        assert_eq!(checked(get("/").header("host", "example.org")), Ok(()));
    }

    #[test]
    fn a_field_value_with_outer_white_space_is_malformed() {
        for value in [" a", "a ", "\ta", "a\t"] {
            let request = get("https://example.org/").header("x", value);
            assert_eq!(checked(request), Err(Malformed::PaddedFieldValue));
        }
        let request = get("https://example.org/").header("x", "a b");
        assert_eq!(checked(request), Ok(()));
    }

    #[test]
    fn trailers_from_which_fields_were_left_out_are_malformed() {
        let trailers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
        };
        let sound = trailers("x-checksum", "abc");
        assert_eq!(check_trailers(&sound, Some(1)), Ok(()));
        for came in [None, Some(0), Some(2)] {
            assert_eq!(
                check_trailers(&sound, came),
                Err(Malformed::TrailersLeftOut)
            );
        }
        let padded = check_trailers(&trailers("x", " a"), Some(1));
        assert_eq!(padded, Err(Malformed::PaddedFieldValue));
        let forbidden = check_trailers(&trailers("content-length", "1"), Some(1));
        assert!(matches!(forbidden, Err(Malformed::ForbiddenTrailer(_))));
    }

    #[test]
    fn only_options_may_ask_for_the_asterisk() {
        let asterisk = |method| {
            Request::builder()
                .method(method)
                .uri("*")
                .header("host", "example.org")
        };
        assert_eq!(checked(asterisk("OPTIONS")), Ok(()));
        assert_eq!(checked(asterisk("GET")), Err(Malformed::Path));
    }

    #[test]
    fn a_user_name_in_the_authority_is_malformed() {
        let request = get("https://somebody@example.org/");
        assert_eq!(checked(request), Err(Malformed::UserInformation));
    }

    #[test]
    fn a_host_that_contradicts_the_authority_is_malformed() {
        let request = get("https://example.org/").header("host", "example.com");
        assert_eq!(checked(request), Err(Malformed::HostDiffers));
    }

    #[test]
    fn a_request_for_no_host_is_malformed() {
        assert_eq!(checked(get("/")), Err(Malformed::NoHost));
    }
}
