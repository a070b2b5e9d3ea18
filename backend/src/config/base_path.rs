//! Path under which a proxy serves the server.

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// Bytes of a base path: it is repeated in every address of a page and in cookies, whose attributes browsers cut
/// at 1024 bytes (RFC 6265bis, section 5.6).
pub const MAX_BASE_PATH_BYTES: usize = 256;

/// First segments of the server's own addresses. Under one of them, `/rooms/a` could mean the room `a` without the
/// prefix, or the page `/a` with it.
const OWN_SEGMENTS: [&str; 6] = ["api", "healthz", "index.html", "prime", "readyz", "rooms"];

/// Prefix of all paths of the server: empty, or segments that each begin with a slash, normalized (RFC 3986,
/// section 6.2.2). Its characters need no escaping in HTML, in cookies and in header fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// Reason why a text is no base path.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; write a path such as /chat or /tools/chat, or / for none")]
pub struct BasePathError {
    reason: Reason,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it does not begin with a slash")]
    NoSlash,
    #[error("it has {bytes} bytes and may have {MAX_BASE_PATH_BYTES}")]
    TooLong { bytes: usize },
    #[error("it has an empty segment")]
    EmptySegment,
    #[error("browsers resolve the segment `{0}`")]
    DotSegment(String),
    #[error("`?` begins a query, which is no part of a path")]
    Query,
    #[error("`#` begins a fragment, which is no part of a path")]
    Fragment,
    #[error("{0:?} is none of the letters, digits, -, ., _ and ~, nor percent-encoded")]
    Character(char),
    #[error("`%` stands before something other than two hexadecimal digits")]
    Encoding,
    #[error("`{0}` encodes a slash, a backslash or a control character")]
    EncodedDelimiter(String),
    #[error("the server has addresses of its own under `/{0}`")]
    OwnSegment(String),
}

impl From<Reason> for BasePathError {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl BasePath {
    /// `true` if the server is at the root of its host.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The prefix, without a slash at its end; empty at the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a path of the server as its clients see it.
    pub fn join(&self, path: &str) -> String {
        [self.as_str(), path].concat()
    }

    /// Returns what follows the prefix in the path of a request: empty for the prefix alone. `None` if the path is
    /// not under it.
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut rest = path;
        for own in self.0.split('/').skip(1) {
            rest = rest.strip_prefix('/')?;
            let (segment, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            if normalized(segment)? != own {
                return None;
            }
            rest = after;
        }
        Some(rest)
    }

    /// Returns the `Path` of cookies (RFC 6265, section 5.1.4).
    pub fn cookie_path(&self) -> &str {
        if self.is_root() { "/" } else { &self.0 }
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cookie_path())
    }
}

impl FromStr for BasePath {
    type Err = BasePathError;

    /// Reads a path; a slash at its end means nothing, and `/` alone is the root.
    fn from_str(text: &str) -> Result<Self, BasePathError> {
        let segments = text.strip_prefix('/').ok_or(Reason::NoSlash)?;
        if segments.is_empty() {
            return Ok(Self::default());
        }
        let mut path = String::with_capacity(text.len());
        for segment in segments.strip_suffix('/').unwrap_or(segments).split('/') {
            let segment = read_segment(segment)?;
            if path.is_empty() && OWN_SEGMENTS.contains(&segment.as_str()) {
                return Err(Reason::OwnSegment(segment).into());
            }
            path.push('/');
            path.push_str(&segment);
        }
        if path.len() > MAX_BASE_PATH_BYTES {
            return Err(Reason::TooLong { bytes: path.len() }.into());
        }
        Ok(Self(path))
    }
}

/// Reads a segment, and normalizes it.
fn read_segment(segment: &str) -> Result<String, Reason> {
    let is_allowed = |c: &char| c.is_ascii() && is_unreserved(*c as u8) || *c == '%';
    match segment.chars().find(|c| !is_allowed(c)) {
        None => {}
        Some('?') => return Err(Reason::Query),
        Some('#') => return Err(Reason::Fragment),
        Some(other) => return Err(Reason::Character(other)),
    }
    let segment = normalized(segment).ok_or(Reason::Encoding)?;
    for (position, _) in segment.match_indices('%') {
        let encoded = &segment[position..position + 3];
        let byte = u8::from_str_radix(&encoded[1..], 16).map_err(|_| Reason::Encoding)?;
        if byte.is_ascii_control() || byte == b'/' || byte == b'\\' {
            return Err(Reason::EncodedDelimiter(encoded.to_owned()));
        }
    }
    match segment.as_str() {
        "" => Err(Reason::EmptySegment),
        "." | ".." => Err(Reason::DotSegment(segment)),
        _ => Ok(segment),
    }
}

/// Decodes what needs no percent-encoding, and writes the digits of the rest in capitals. `None` if `%` stands
/// before something else than two digits.
fn normalized(segment: &str) -> Option<String> {
    let mut normal = String::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((before, encoded)) = rest.split_once('%') {
        normal.push_str(before);
        let digits = encoded.get(..2)?;
        // A sign is no digit, though numbers may have one.
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if is_unreserved(byte) {
            normal.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(normal, "%{byte:02X}");
        }
        rest = &encoded[2..];
    }
    Some(normal + rest)
}

/// `true` for the characters that need no percent-encoding anywhere (RFC 3986, section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base_path(text: &str) -> BasePath {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_is_kept_without_its_last_slash_and_normalized() {
        for (text, path) in [
            ("/", ""),
            ("/chat", "/chat"),
            ("/chat/", "/chat"),
            ("/tools/chat", "/tools/chat"),
            ("/tools/rooms", "/tools/rooms"),
            ("/a-b_c.d~1", "/a-b_c.d~1"),
            ("/...", "/..."),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/%63hat", "/chat"),
            ("/Rooms", "/Rooms"),
        ] {
            assert_eq!(base_path(text).as_str(), path, "{text}");
        }
    }

    #[test]
    fn what_is_no_base_path_is_refused_with_the_reason_and_examples() {
        for (text, reason) in [
            ("", "does not begin with a slash"),
            ("chat", "does not begin with a slash"),
            ("https://host/chat", "does not begin with a slash"),
            ("//", "an empty segment"),
            ("//chat", "an empty segment"),
            ("/chat//", "an empty segment"),
            ("/a//b", "an empty segment"),
            ("/.", "the segment `.`"),
            ("/a/..", "the segment `..`"),
            ("/a/%2e%2E/b", "the segment `..`"),
            ("/chat?a=b", "begins a query"),
            ("/chat#a", "begins a fragment"),
            ("/a b", "' ' is none of"),
            ("/a\n", "'\\n' is none of"),
            ("/café", "'é' is none of"),
            ("/a;b", "';' is none of"),
            ("/a\"b", "'\"' is none of"),
            ("/a<b", "'<' is none of"),
            ("/a%", "two hexadecimal digits"),
            ("/a%2", "two hexadecimal digits"),
            ("/a%g1", "two hexadecimal digits"),
            ("/a%2Fb", "`%2F` encodes a slash"),
            ("/a%5cb", "`%5C` encodes a slash, a backslash"),
            ("/a%00", "`%00` encodes"),
            ("/a%7f", "`%7F` encodes"),
            ("/rooms", "addresses of its own under `/rooms`"),
            ("/%61pi/chat", "addresses of its own under `/api`"),
        ] {
            let error = text.parse::<BasePath>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(error.ends_with("/ for none"), "{text}: {error}");
        }
    }

    #[test]
    fn a_path_may_have_256_bytes_and_no_more() {
        let longest = format!("/{}", "a".repeat(MAX_BASE_PATH_BYTES - 1));
        assert_eq!(base_path(&format!("{longest}/")).as_str(), longest);
        let error = format!("{longest}a").parse::<BasePath>().unwrap_err();
        let expected = "it has 257 bytes and may have 256";
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn a_request_is_under_a_path_by_whole_segments() {
        let chat = base_path("/chat");
        for (path, rest) in [
            ("/chat", Some("")),
            ("/chat/", Some("/")),
            ("/chat/rooms/a", Some("/rooms/a")),
            ("/%63hat/rooms", Some("/rooms")),
            ("/chat//rooms", Some("//rooms")),
            ("/chatter", None),
            ("/Chat/", None),
            ("/rooms/chat", None),
            ("//chat", None),
            ("/%zz", None),
            ("/", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(chat.strip(path), rest, "{path}");
        }
        let encoded = base_path("/tools/caf%C3%A9");
        assert_eq!(encoded.strip("/tools/caf%c3%a9/x"), Some("/x"));
        assert_eq!(encoded.strip("/tools"), None);
    }

    #[test]
    fn at_the_root_every_path_stays_as_it_is() {
        let root = BasePath::default();
        assert_eq!(root.strip("/rooms"), Some("/rooms"));
        assert_eq!(root.join("/rooms"), "/rooms");
        assert_eq!((root.cookie_path(), root.to_string().as_str()), ("/", "/"));
        assert_eq!(base_path("/chat").join("/rooms"), "/chat/rooms");
        assert_eq!(base_path("/chat/").cookie_path(), "/chat");
    }

    proptest! {
        #[test]
        fn what_was_joined_is_stripped_again(
            base in "(/[a-z.~%2C]{1,6}){0,3}/?", path in "/[a-z/%]{0,12}"
        ) {
            if let Ok(base) = base.parse::<BasePath>() {
                let joined = base.join(&path);
                prop_assert_eq!(base.strip(&joined), Some(path.as_str()));
                prop_assert_eq!(base.to_string().parse(), Ok(base));
            }
        }
    }
}
