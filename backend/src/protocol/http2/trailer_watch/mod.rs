//! Counts the fields of each trailer section as they come, pseudo-header fields included.
//!
//! h2 leaves pseudo-header fields of trailers out without a word, and fields beyond the limit of a header
//! list. Both make the request malformed (RFC 9113, section 8.1), so the number of fields that came is
//! compared with the number that h2 has. To count them takes no HPACK tables: each field is one
//! representation (RFC 7541, section 6), whatever it refers to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::frame_scanner::{FrameHeader, frame_type};

/// Bytes of the priority that a HEADERS frame may begin with (RFC 9113, section 6.2).
const PRIORITY_BYTES: usize = 5;

/// How many trailer sections are remembered on a connection until their streams ask for them. Those that nobody
/// asks for, such as those of streams that were reset, are forgotten when newer ones come.
const MAX_REMEMBERED: usize = 1_024;

/// Numbers of fields by stream. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct TrailerCounts(Arc<Mutex<BTreeMap<u32, usize>>>);

impl TrailerCounts {
    /// How many fields the trailer section of this stream has; `None` if there was none.
    pub(super) fn take(&self, stream: u32) -> Option<usize> {
        self.lock().remove(&stream)
    }

    fn put(&self, stream: u32, fields: usize) {
        let mut counts = self.lock();
        counts.insert(stream, fields);
        if counts.len() > MAX_REMEMBERED {
            counts.pop_first();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches the header blocks from a client.
#[derive(Debug, Default)]
pub(super) struct TrailerWatch {
    counts: TrailerCounts,
    /// The newest stream that the client has opened.
    newest_stream: u32,
    /// The header block that is not complete.
    block: Option<Block>,
}

#[derive(Debug)]
struct Block {
    stream: u32,
    /// `None` for the header fields of a request, which h2 checks.
    counter: Option<FieldCounter>,
    ends_with_frame: bool,
    /// Bytes of the frame at hand that come before its part of the block.
    before: usize,
    /// Bytes of that part.
    left: usize,
    /// Set until the first byte of a padded frame, which says how long the padding is.
    padding_unknown: bool,
}

impl TrailerWatch {
    /// The numbers that are counted.
    pub(super) fn counts(&self) -> TrailerCounts {
        self.counts.clone()
    }

    /// `true` while a header block is not complete.
    pub(super) fn is_in_block(&self) -> bool {
        self.block.is_some()
    }

    /// Takes the header of the next frame.
    pub(super) fn frame(&mut self, frame: FrameHeader) {
        let length = frame.length as usize;
        match (frame.kind, &mut self.block) {
            (frame_type::HEADERS, _) => {
                let is_trailers = frame.stream <= self.newest_stream;
                self.newest_stream = self.newest_stream.max(frame.stream);
                let before = if frame.has_priority() {
                    PRIORITY_BYTES
                } else {
                    0
                };
                self.block = Some(Block {
                    stream: frame.stream,
                    counter: is_trailers.then(FieldCounter::default),
                    ends_with_frame: frame.ends_headers(),
                    before,
                    left: length.saturating_sub(before),
                    padding_unknown: frame.is_padded(),
                });
            }
            (frame_type::CONTINUATION, Some(block)) => {
                block.ends_with_frame = frame.ends_headers();
                block.before = 0;
                block.left = length;
                block.padding_unknown = false;
            }
            _ => {}
        }
    }

    /// Takes a piece of the frame's payload.
    pub(super) fn payload(&mut self, mut bytes: &[u8], is_last: bool) {
        let Some(block) = &mut self.block else {
            return;
        };
        if block.padding_unknown
            && let Some((padding, rest)) = bytes.split_first()
        {
            block.padding_unknown = false;
            block.left = block.left.saturating_sub(1 + usize::from(*padding));
            bytes = rest;
        }
        let skipped = block.before.min(bytes.len());
        block.before -= skipped;
        bytes = &bytes[skipped..];
        let taken = block.left.min(bytes.len());
        block.left -= taken;
        if let Some(counter) = &mut block.counter {
            counter.count(&bytes[..taken]);
        }
        if is_last && block.ends_with_frame {
            if let Some(counter) = &block.counter {
                self.counts.put(block.stream, counter.fields);
            }
            self.block = None;
        }
    }
}

/// Counts the representations of fields in a header block, however it is cut.
#[derive(Debug, Default)]
struct FieldCounter {
    fields: usize,
    expects: Expects,
    /// Strings that the representation at hand still has.
    strings: u8,
}

/// What the next byte is.
#[derive(Clone, Copy, Debug, Default)]
enum Expects {
    /// The first byte of a representation.
    #[default]
    Representation,
    /// More of an index or a table size, whose value does not matter.
    Index,
    /// The first byte of a string's length.
    Length,
    /// More of it: what was read, and the place of the next seven bits.
    MoreLength { value: usize, shift: u32 },
    /// So many bytes of a string.
    String(usize),
}

impl FieldCounter {
    fn count(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        while let Some((byte, rest)) = bytes.split_first() {
            if let Expects::String(left) = self.expects {
                let taken = left.min(bytes.len());
                bytes = &bytes[taken..];
                self.string(left - taken);
            } else {
                bytes = rest;
                self.byte(*byte);
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        match self.expects {
            Expects::Representation => self.representation(byte),
            Expects::Index if byte & 0x80 == 0 => self.next_string(),
            Expects::Index | Expects::String(_) => {}
            Expects::Length => match usize::from(byte & 0x7f) {
                0x7f => {
                    self.expects = Expects::MoreLength {
                        value: 0x7f,
                        shift: 0,
                    }
                }
                length => self.string(length),
            },
            Expects::MoreLength { value, shift } => {
                // h2 refuses what is so long that it overflows.
                let bits = usize::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
                let value = value.saturating_add(bits);
                if byte & 0x80 == 0 {
                    self.string(value);
                } else {
                    let shift = shift + 7;
                    self.expects = Expects::MoreLength { value, shift };
                }
            }
        }
    }

    fn representation(&mut self, byte: u8) {
        // Index of the field or its name, 0 for a name of its own; and what else there is (RFC 7541, section 6).
        let (mask, is_field, has_value) = match byte {
            0x80.. => (0x7f, true, false),
            0x40.. => (0x3f, true, true),
            0x20.. => (0x1f, false, false),
            _ => (0x0f, true, true),
        };
        let index = byte & mask;
        self.fields += usize::from(is_field);
        self.strings = u8::from(has_value) + u8::from(has_value && index == 0);
        if index == mask {
            self.expects = Expects::Index;
        } else {
            self.next_string();
        }
    }

    fn next_string(&mut self) {
        self.expects = match self.strings {
            0 => Expects::Representation,
            _ => Expects::Length,
        };
        self.strings = self.strings.saturating_sub(1);
    }

    fn string(&mut self, left: usize) {
        if left == 0 {
            self.next_string();
        } else {
            self.expects = Expects::String(left);
        }
    }
}

#[cfg(test)]
mod tests;
