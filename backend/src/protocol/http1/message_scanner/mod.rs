//! Finds where the requests of an HTTP/1 connection begin and end, however their bytes are cut.
//!
//! It reads what the client sends before hyper does, by the same rules or stricter ones, so that what hyper
//! takes for a head is one that was checked here.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::chunk_extension;
use super::request_head::{Framing, HeadError, RequestHead, split_field};
use crate::protocol::trailers::{self, ForbiddenTrailer};

/// The longest first line of a chunk, in bytes: the size and extensions, which nobody uses.
const MAX_CHUNK_LINE_BYTES: usize = 4 * 1024;

/// The longest trailer section, in bytes; hyper takes no longer one.
const MAX_TRAILER_BYTES: usize = 16 * 1024 - 1;

/// Hexadecimal digits of the greatest size of a chunk.
const MAX_SIZE_DIGITS: usize = 15;

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The head of a request, or an empty line before it.
    Head,
    /// So many bytes of a body of known length.
    Body(u64),
    /// The first line of a chunk.
    ChunkLine,
    /// So many bytes of a chunk, with the line end behind its data.
    Chunk(u64),
    /// The trailer section.
    Trailers,
    /// Unknown, until the response says whether the connection becomes something else.
    BehindUpgrade,
    /// No HTTP.
    Upgraded,
}

/// What is to be done with the next bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More are needed.
    Wait,
    /// So many go on to hyper.
    Pass(usize),
    /// So many are dropped: empty lines between requests.
    Drop(usize),
    /// So many are a whole head, which goes on to hyper.
    Head(usize, RequestHead),
}

/// Why the bytes are no HTTP.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScanError {
    /// A head is refused, and nothing behind it is read.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// A body is malformed.
    #[error(
        "begin each chunk with its size in hexadecimal digits and CR LF (RFC 9112, section 7.1)"
    )]
    Chunk,
    #[error(
        "write trailers as lines of a name, a colon and a value, in at most {MAX_TRAILER_BYTES} bytes \
        (RFC 9112, section 7.1.2)"
    )]
    Trailers,
    #[error(transparent)]
    ForbiddenTrailer(#[from] ForbiddenTrailer),
}

/// State machine over the bytes of one connection.
#[derive(Debug)]
pub(super) struct MessageScanner {
    state: State,
    max_head_bytes: usize,
    /// How far an incomplete head or trailer section was looked through.
    looked_through: usize,
    /// `true` behind an empty line before a head.
    has_empty_line: bool,
    /// `true` if the request that is being read asks for an upgrade.
    upgrade: bool,
    /// Heads, chunk lines and trailer sections that are complete.
    units: u64,
}

impl MessageScanner {
    /// Begins with the first byte of a connection. Heads have at most `max_head_bytes`.
    pub(super) fn new(max_head_bytes: usize) -> Self {
        Self {
            state: State::Head,
            max_head_bytes,
            looked_through: 0,
            has_empty_line: false,
            upgrade: false,
            units: 0,
        }
    }

    /// `true` between requests and in their heads.
    pub(super) fn is_in_head(&self) -> bool {
        self.state == State::Head
    }

    /// `true` in the data of a body.
    pub(super) fn is_in_data(&self) -> bool {
        matches!(self.state, State::Body(_) | State::Chunk(_))
    }

    /// `true` behind a request that asks for an upgrade.
    pub(super) fn is_behind_upgrade(&self) -> bool {
        self.state == State::BehindUpgrade
    }

    /// Says what became of the request that asked for an upgrade.
    pub(super) fn decide_upgrade(&mut self, is_upgraded: bool) {
        self.state = if is_upgraded {
            State::Upgraded
        } else {
            State::Head
        };
    }

    /// The number of the unit that is begun and must be completed in time, where `unread` bytes of it are
    /// held back.
    pub(super) fn begun_unit(&self, unread: usize) -> Option<u64> {
        // Between requests, the idle time of the connection goes on over empty lines.
        let has_begun_first = self.has_empty_line && self.units == 0;
        let has_begun = match self.state {
            State::Head => unread > 0 || has_begun_first,
            State::ChunkLine => unread > 0,
            State::Trailers => true,
            State::Body(_) | State::Chunk(_) | State::BehindUpgrade | State::Upgraded => false,
        };
        has_begun.then_some(self.units)
    }

    /// Looks at bytes that begin where the last step ended.
    ///
    /// # Errors
    /// [`ScanError`] when they break a rule; there is no next step then.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Result<Step, ScanError> {
        if bytes.is_empty() {
            return Ok(Step::Wait);
        }
        match self.state {
            State::Head => self.head(bytes),
            State::Body(left) => {
                let taken = left.min(bytes.len() as u64);
                self.state = match left - taken {
                    0 => self.next_message(),
                    left => State::Body(left),
                };
                Ok(pass(taken))
            }
            State::ChunkLine => self.chunk_line(bytes),
            State::Chunk(left) => {
                let taken = left.min(bytes.len() as u64);
                self.state = match left - taken {
                    0 => State::ChunkLine,
                    left => State::Chunk(left),
                };
                Ok(pass(taken))
            }
            State::Trailers => self.trailers(bytes),
            State::BehindUpgrade => Ok(Step::Wait),
            State::Upgraded => Ok(Step::Pass(bytes.len())),
        }
    }

    fn next_message(&self) -> State {
        if self.upgrade {
            State::BehindUpgrade
        } else {
            State::Head
        }
    }

    fn head(&mut self, bytes: &[u8]) -> Result<Step, ScanError> {
        if bytes.starts_with(b"\r\n") {
            // A client may send one before a request (RFC 9112, section 2.2).
            self.has_empty_line = true;
            return Ok(Step::Drop(2));
        }
        let Some(length) = self.section_end(bytes)? else {
            if bytes.len() > self.max_head_bytes {
                return Err(self.too_long(bytes).into());
            }
            return Ok(Step::Wait);
        };
        if length > self.max_head_bytes {
            return Err(self.too_long(bytes).into());
        }
        let head = RequestHead::parse(&bytes[..length])?;
        self.upgrade = head.asks_for_upgrade;
        self.complete_unit();
        self.state = match head.framing {
            Framing::Length(0) => self.next_message(),
            Framing::Length(length) => State::Body(length),
            Framing::Chunked => State::ChunkLine,
        };
        Ok(Step::Head(length, head))
    }

    fn too_long(&self, bytes: &[u8]) -> HeadError {
        let max_bytes = self.max_head_bytes;
        if bytes[..max_bytes].contains(&b'\n') {
            HeadError::TooLong { max_bytes }
        } else {
            HeadError::TargetTooLong { max_bytes }
        }
    }

    /// Looks for the empty line that ends a section of lines; says where it ends. Control characters are an
    /// error as soon as they come: a line that ends with LF alone would end for some readers and not for others.
    fn section_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, HeadError> {
        // What comes behind a CR may be still missing.
        while let Some(byte) = bytes.get(self.looked_through) {
            match byte {
                b'\r' => match bytes.get(self.looked_through + 1) {
                    None => return Ok(None),
                    Some(b'\n') => {
                        let line_begin = self.looked_through;
                        self.looked_through += 2;
                        if line_begin == 0 || bytes[..line_begin].ends_with(b"\n") {
                            return Ok(Some(std::mem::take(&mut self.looked_through)));
                        }
                    }
                    Some(_) => return Err(HeadError::ControlCharacter),
                },
                b'\t' | b' '..=b'~' | 0x80.. => self.looked_through += 1,
                _ => return Err(HeadError::ControlCharacter),
            }
        }
        Ok(None)
    }

    fn chunk_line(&mut self, bytes: &[u8]) -> Result<Step, ScanError> {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            // Only the end of the line has a CR.
            let in_line = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if bytes.len() > MAX_CHUNK_LINE_BYTES || in_line.contains(&b'\r') {
                return Err(ScanError::Chunk);
            }
            return Ok(Step::Wait);
        };
        let line = bytes[..end].strip_suffix(b"\r").ok_or(ScanError::Chunk)?;
        let size = chunk_size(line).ok_or(ScanError::Chunk)?;
        self.complete_unit();
        self.state = match size {
            0 => State::Trailers,
            // Behind the data comes CR LF, which hyper checks.
            size => State::Chunk(size + 2),
        };
        Ok(Step::Pass(end + 1))
    }

    fn trailers(&mut self, bytes: &[u8]) -> Result<Step, ScanError> {
        let end = self.section_end(bytes).map_err(|_| ScanError::Trailers)?;
        if end.unwrap_or(bytes.len()) > MAX_TRAILER_BYTES {
            return Err(ScanError::Trailers);
        }
        let Some(end) = end else {
            return Ok(Step::Wait);
        };
        trailers::check(&parse_trailers(&bytes[..end]).ok_or(ScanError::Trailers)?)?;
        self.complete_unit();
        self.state = self.next_message();
        Ok(Step::Pass(end))
    }

    fn complete_unit(&mut self) {
        self.units += 1;
        self.looked_through = 0;
    }
}

/// Passes bytes on, of which there are no more than fit into memory.
fn pass(bytes: u64) -> Step {
    Step::Pass(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// The size in the first line of a chunk: digits, perhaps white space, and perhaps extensions.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let (size, extensions) = line.split_at(digits.count());
    let zeros = size.iter().take_while(|byte| **byte == b'0').count();
    if size.is_empty()
        || size.len() - zeros > MAX_SIZE_DIGITS
        || line.len() > MAX_CHUNK_LINE_BYTES
        || !chunk_extension::are_valid(extensions)
    {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()
}

fn parse_trailers(section: &[u8]) -> Option<HeaderMap> {
    let mut trailers = HeaderMap::new();
    for line in section.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let (name, value) = split_field(line)?;
        let name = HeaderName::from_bytes(name).ok()?;
        trailers.append(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(trailers)
}

#[cfg(test)]
mod tests;
