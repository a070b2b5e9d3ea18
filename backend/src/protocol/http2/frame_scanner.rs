//! Finds the frame headers in a stream of HTTP/2 bytes (RFC 9113, section 4.1).

/// Frame types by their registered numbers (RFC 9113, section 6).
pub(super) mod frame_type {
    pub(in super::super) const DATA: u8 = 0x0;
    pub(in super::super) const HEADERS: u8 = 0x1;
    pub(in super::super) const RST_STREAM: u8 = 0x3;
    pub(in super::super) const PRIORITY: u8 = 0x2;
    pub(in super::super) const SETTINGS: u8 = 0x4;
    pub(in super::super) const PUSH_PROMISE: u8 = 0x5;
    pub(in super::super) const PING: u8 = 0x6;
    pub(in super::super) const GOAWAY: u8 = 0x7;
    pub(in super::super) const WINDOW_UPDATE: u8 = 0x8;
    pub(in super::super) const CONTINUATION: u8 = 0x9;
}

/// The flag of DATA and HEADERS that ends a stream.
const END_STREAM: u8 = 0x1;

/// Flags of HEADERS and, the first, of CONTINUATION.
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// The flag of SETTINGS that answers the other side's.
const ACK: u8 = 0x1;

/// The greatest payload, in bytes, that the server takes: what every peer may send when nothing
/// else was agreed on (RFC 9113, section 6.5.2).
const MAX_FRAME_BYTES: u32 = 16_384;

/// Bytes of a frame header.
const HEADER_BYTES: usize = 9;

/// What a frame's header says, as far as anybody here needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) kind: u8,
    pub(super) flags: u8,
    /// Bytes of payload, at most 2^24 − 1.
    pub(super) length: u32,
    /// The stream's identifier, 0 for the connection.
    pub(super) stream: u32,
}

impl FrameHeader {
    pub(super) fn ends_stream(self) -> bool {
        self.flags & END_STREAM != 0
    }

    /// `true` if a header block ends with it.
    pub(super) fn ends_headers(self) -> bool {
        self.flags & END_HEADERS != 0
    }

    /// `true` if its payload is padded.
    pub(super) fn is_padded(self) -> bool {
        self.flags & PADDED != 0
    }

    /// `true` for HEADERS that begin with a priority.
    pub(super) fn has_priority(self) -> bool {
        self.flags & PRIORITY != 0
    }

    /// Whether its payload is as long as its type demands (RFC 9113, sections 4.2 and 6).
    pub(super) fn has_valid_length(self) -> bool {
        let length = self.length;
        length <= MAX_FRAME_BYTES
            && match self.kind {
                frame_type::PRIORITY => length == 5,
                frame_type::RST_STREAM | frame_type::WINDOW_UPDATE => length == 4,
                frame_type::SETTINGS if self.flags & ACK != 0 => length == 0,
                frame_type::SETTINGS => length.is_multiple_of(6),
                frame_type::PING => length == 8,
                frame_type::GOAWAY => length >= 8,
                _ => true,
            }
    }

    /// Whether a connection may begin with this frame.
    pub(super) fn is_first_settings(self) -> bool {
        self.kind == frame_type::SETTINGS && self.flags & ACK == 0
    }
}

/// What the scanner comes across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// The header of a frame.
    Header(FrameHeader),
    /// A piece of its payload, which may be empty.
    Payload {
        bytes: &'a [u8],
        /// `true` if it ends the frame.
        is_last: bool,
    },
}

/// Walks from frame header to frame header, however the bytes are cut.
#[derive(Debug, Default)]
pub(super) struct FrameScanner {
    /// Bytes that come before the first frame.
    before: usize,
    /// Bytes of payload to pass over before the next header begins.
    skip: usize,
    header: [u8; HEADER_BYTES],
    filled: usize,
}

impl FrameScanner {
    /// A scanner for bytes of which the first `skip` are no frames.
    pub(super) fn after(before: usize) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }

    /// `true` if a frame has begun and not ended.
    pub(super) fn is_in_frame(&self) -> bool {
        self.filled > 0 || self.skip > 0
    }

    /// Shows each frame header that is complete in `bytes` and what came before, and all payload, until
    /// `visit` fails.
    ///
    /// # Errors
    /// What `visit` fails with, and where in `bytes` that frame's header begins.
    pub(super) fn scan<E>(
        &mut self,
        bytes: &[u8],
        mut visit: impl FnMut(Found<'_>) -> Result<(), E>,
    ) -> Result<(), (E, usize)> {
        let length_before = bytes.len();
        let before = self.before.min(bytes.len());
        self.before -= before;
        let mut bytes = &bytes[before..];
        loop {
            if self.skip > 0 && !bytes.is_empty() {
                let (payload, rest) = bytes.split_at(self.skip.min(bytes.len()));
                self.skip -= payload.len();
                bytes = rest;
                let found = Found::Payload {
                    bytes: payload,
                    is_last: self.skip == 0,
                };
                visit(found).map_err(|error| (error, length_before - bytes.len()))?;
            }
            if bytes.is_empty() {
                return Ok(());
            }
            let taken = (HEADER_BYTES - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < HEADER_BYTES {
                return Ok(());
            }
            self.filled = 0;
            let [high, middle, low, kind, flags, stream @ ..] = self.header;
            let length = u32::from_be_bytes([0, high, middle, low]);
            self.skip = length as usize;
            let frame = FrameHeader {
                kind,
                flags,
                length,
                // The first bit is reserved (RFC 9113, section 4.1).
                stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
            };
            let header_end = length_before - bytes.len();
            let begin = header_end.saturating_sub(HEADER_BYTES);
            visit(Found::Header(frame)).map_err(|error| (error, begin))?;
            if length == 0 {
                let nothing = Found::Payload {
                    bytes: &[],
                    is_last: true,
                };
                visit(nothing).map_err(|error| (error, begin))?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_type_has_its_lengths() {
        let valid = |kind, flags, length| {
            let header = FrameHeader {
                kind,
                flags,
                length,
                stream: 1,
            };
            header.has_valid_length()
        };
        assert!(valid(frame_type::DATA, 0, 16_384) && !valid(frame_type::DATA, 0, 16_385));
        assert!(valid(frame_type::PRIORITY, 0, 5) && !valid(frame_type::PRIORITY, 0, 4));
        assert!(valid(frame_type::RST_STREAM, 0, 4) && !valid(frame_type::RST_STREAM, 0, 5));
        assert!(valid(frame_type::SETTINGS, 0, 12) && !valid(frame_type::SETTINGS, 0, 7));
        assert!(valid(frame_type::SETTINGS, ACK, 0) && !valid(frame_type::SETTINGS, ACK, 6));
        assert!(valid(frame_type::PING, 0, 8) && !valid(frame_type::PING, ACK, 9));
        assert!(valid(frame_type::GOAWAY, 0, 30) && !valid(frame_type::GOAWAY, 0, 7));
        assert!(!valid(frame_type::WINDOW_UPDATE, 0, 3));
    }

    #[test]
    fn a_refused_frame_is_pointed_at() {
        let ping = [&[0, 0, 8, 6, 0, 0, 0, 0, 0], [0; 8].as_slice()].concat();
        let reset = [0, 0, 4, 3, 0, 0, 0, 0, 1];
        let bytes = [ping.as_slice(), &reset].concat();
        let refuse_reset = |found: Found<'_>| match found {
            Found::Header(frame) if frame.kind == frame_type::RST_STREAM => Err("reset"),
            _ => Ok(()),
        };
        let whole = FrameScanner::default().scan(&bytes, refuse_reset);
        assert_eq!(whole, Err(("reset", 17)));
        let mut scanner = FrameScanner::default();
        assert_eq!(scanner.scan(&bytes[..20], refuse_reset), Ok(()));
        assert_eq!(scanner.scan(&bytes[20..], refuse_reset), Err(("reset", 0)));
    }

    proptest! {
        #[test]
        fn every_header_is_found_however_the_bytes_are_cut(
            frames in proptest::collection::vec((any::<u8>(), any::<u8>(), 0_u32..300), 0..20),
            skip in 0_usize..30,
            piece in 1_usize..40,
        ) {
            let mut bytes = vec![0xff; skip];
            for (kind, flags, length) in &frames {
                bytes.extend_from_slice(&length.to_be_bytes()[1..]);
                bytes.extend_from_slice(&[*kind, *flags, 0, 0, 0, 1]);
                bytes.extend(std::iter::repeat_n(0xee, *length as usize));
            }

            let mut scanner = FrameScanner::after(skip);
            let mut seen = Vec::new();
            let (mut payload, mut ends) = (0, 0);
            for piece in bytes.chunks(piece) {
                let scanned = scanner.scan(piece, |found| {
                    match found {
                        Found::Header(frame) => seen.push((frame.kind, frame.flags, frame.length)),
                        Found::Payload { bytes, is_last } => {
                            payload += bytes.len();
                            ends += usize::from(is_last);
                        }
                    }
                    Ok::<_, ()>(())
                });
                prop_assert!(scanned.is_ok());
            }

            prop_assert!(!scanner.is_in_frame());
            prop_assert_eq!(ends, frames.len());
            prop_assert_eq!(payload, frames.iter().map(|frame| frame.2 as usize).sum::<usize>());
            prop_assert_eq!(seen, frames);
        }
    }
}
