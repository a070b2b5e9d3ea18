//! The head of an HTTP/1 request: whether it is one, and how its body is framed (RFC 9112).
//!
//! Everything that two readers could read in two ways is refused here, before hyper sees it.

use http::{Method, StatusCode, Uri};

use crate::handler::problem::{Problem, sentence};
use crate::http_token::is_token_byte;

/// The most header fields of a request; hyper keeps no more.
const MAX_FIELDS: usize = 100;

/// The one transfer coding that is implemented (RFC 9112, section 7.1).
const CHUNKED: &str = "chunked";

/// A head that is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestHead {
    /// How the end of the body is found.
    pub(super) framing: Framing,
    /// `true` if it asks for another protocol: what comes behind it may be no HTTP.
    pub(super) asks_for_upgrade: bool,
    /// Minor version of HTTP/1, which a later one than ours may be.
    pub(super) minor_version: u8,
    /// Index of the digit that says so.
    pub(super) minor_version_at: usize,
}

/// How long the body of a request is (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes; 0 without a body.
    Length(u64),
    /// Chunks, until the last one.
    Chunked,
}

/// Why a head is refused. The connection ends with the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeadError {
    #[error(
        "end each line of the head with CR LF, and use no other control characters in it \
        (RFC 9112, section 2.2)"
    )]
    ControlCharacter,
    #[error(
        "begin with a method, a target and HTTP/1.1, with one space between them (RFC 9112, section 3)"
    )]
    RequestLine,
    #[error(
        "ask for a path that begins with /, or for a whole URL without a fragment (RFC 9112, section 3.2)"
    )]
    Target,
    #[error("speak HTTP/1.1 here, or HTTP/2 from the first byte on (RFC 9112, section 2.5)")]
    Version,
    #[error(
        "write each field as a name, a colon right behind it, and a value on the same line \
        (RFC 9112, section 5)"
    )]
    Field,
    #[error("send at most {MAX_FIELDS} header fields")]
    TooManyFields,
    #[error("send a head of at most {max_bytes} bytes")]
    TooLong { max_bytes: usize },
    #[error("ask for a shorter address: the head has at most {max_bytes} bytes")]
    TargetTooLong { max_bytes: usize },
    #[error("give the length of the body once, as decimal digits (RFC 9112, section 6.2)")]
    ContentLength,
    #[error("send a shorter body: nothing as long as that is taken")]
    BodyTooLong,
    #[error("send either Content-Length or Transfer-Encoding (RFC 9112, section 6.1)")]
    TwoLengths,
    #[error("send no Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1)")]
    TransferEncodingInHttp10,
    #[error(
        "end Transfer-Encoding with chunked, once and without parameters: otherwise the end of the body \
        cannot be found (RFC 9112, section 6.3)"
    )]
    NotChunkedLast,
    #[error(
        "use no transfer coding but chunked: others are not implemented (RFC 9112, section 6.1)"
    )]
    TransferCoding,
}

impl HeadError {
    /// The status of the answer.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::ControlCharacter
            | Self::RequestLine
            | Self::Target
            | Self::Field
            | Self::ContentLength
            | Self::TwoLengths
            | Self::TransferEncodingInHttp10
            | Self::NotChunkedLast => StatusCode::BAD_REQUEST,
            Self::BodyTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TargetTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::TooManyFields | Self::TooLong { .. } => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::TransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        }
    }

    /// The answer.
    pub(super) fn problem(&self) -> Problem {
        Problem::new(self.status(), sentence(self))
    }
}

impl RequestHead {
    /// Reads a head to the empty line at its end, in which every line ends with CR LF.
    ///
    /// # Errors
    /// [`HeadError`] for the first rule that it breaks.
    pub(super) fn parse(head: &[u8]) -> Result<Self, HeadError> {
        let mut lines = Lines(head);
        let request_line = lines.next().ok_or(HeadError::RequestLine)?;
        let minor_version = check_request_line(request_line)?;
        let mut fields = Fields::default();
        for line in lines.take_while(|line| !line.is_empty()) {
            fields.add(line)?;
        }
        Ok(Self {
            asks_for_upgrade: minor_version > 0 && fields.has_upgrade,
            framing: fields.framing(minor_version)?,
            minor_version,
            minor_version_at: request_line.len() - 1,
        })
    }
}

/// The lines of a head without their ends.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.windows(2).position(|pair| pair == b"\r\n")?;
        let line = &self.0[..end];
        self.0 = &self.0[end + 2..];
        Some(line)
    }
}

/// Checks the first line; says the minor version.
fn check_request_line(line: &[u8]) -> Result<u8, HeadError> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HeadError::RequestLine);
    };
    let &[
        b'H',
        b'T',
        b'T',
        b'P',
        b'/',
        major @ b'0'..=b'9',
        b'.',
        minor @ b'0'..=b'9',
    ] = version
    else {
        return Err(HeadError::RequestLine);
    };
    if major != b'1' {
        return Err(HeadError::Version);
    }
    let method = Method::from_bytes(method).map_err(|_| HeadError::RequestLine)?;
    if is_valid_target(&method, target) {
        Ok(minor - b'0')
    } else {
        Err(HeadError::Target)
    }
}

/// The forms of a target, and the methods that each of them is for (RFC 9112, section 3.2).
fn is_valid_target(method: &Method, target: &[u8]) -> bool {
    // The parser passes over what is behind it, which no client may send.
    if target.contains(&b'#') {
        return false;
    }
    let Ok(uri) = Uri::try_from(target) else {
        return false;
    };
    if method == Method::CONNECT {
        uri.scheme().is_none() && uri.path_and_query().is_none()
    } else if target == b"*" {
        method == Method::OPTIONS
    } else {
        target.starts_with(b"/") || uri.scheme().is_some()
    }
}

/// What the header fields say about the framing.
#[derive(Debug, Default)]
struct Fields {
    count: usize,
    has_upgrade: bool,
    length: Option<u64>,
    transfer_codings: Option<Vec<String>>,
}

impl Fields {
    fn add(&mut self, line: &[u8]) -> Result<(), HeadError> {
        self.count += 1;
        if self.count > MAX_FIELDS {
            return Err(HeadError::TooManyFields);
        }
        let (name, value) = split_field(line).ok_or(HeadError::Field)?;
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = parse_length(value)?;
            if self
                .length
                .replace(length)
                .is_some_and(|other| other != length)
            {
                return Err(HeadError::ContentLength);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let codings = self.transfer_codings.get_or_insert_default();
            let value = String::from_utf8_lossy(value).to_ascii_lowercase();
            codings.extend(value.split(',').map(|coding| coding.trim().to_owned()));
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.has_upgrade = true;
        }
        Ok(())
    }

    /// The one place where it is decided where a body ends.
    fn framing(self, minor_version: u8) -> Result<Framing, HeadError> {
        let Some(codings) = self.transfer_codings else {
            return Ok(Framing::Length(self.length.unwrap_or(0)));
        };
        if minor_version == 0 {
            return Err(HeadError::TransferEncodingInHttp10);
        }
        if self.length.is_some() {
            return Err(HeadError::TwoLengths);
        }
        let chunked = codings.iter().filter(|coding| *coding == CHUNKED).count();
        let has_empty = codings.iter().any(String::is_empty);
        if has_empty || chunked != 1 || codings.last().is_none_or(|last| last != CHUNKED) {
            return Err(HeadError::NotChunkedLast);
        }
        if codings.len() > 1 {
            return Err(HeadError::TransferCoding);
        }
        Ok(Framing::Chunked)
    }
}

/// Splits a field line into its name and its value; `None` if it is none (RFC 9112, section 5.1). A line that
/// begins with white space continues the one before it, which is obsolete.
pub(super) fn split_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_name = !name.is_empty() && name.iter().copied().all(is_token_byte);
    is_name.then(|| (name, value.trim_ascii()))
}

/// A length is digits alone: neither a sign nor a list.
fn parse_length(value: &[u8]) -> Result<u64, HeadError> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(HeadError::ContentLength);
    }
    let digits = std::str::from_utf8(value).map_err(|_| HeadError::ContentLength)?;
    // hyper keeps the two greatest numbers for itself.
    let length = digits.parse::<u64>().ok();
    length
        .filter(|length| *length <= u64::MAX / 2)
        .ok_or(HeadError::BodyTooLong)
}

#[cfg(test)]
mod tests;
