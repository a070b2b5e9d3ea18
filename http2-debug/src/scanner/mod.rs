//! Finds the frames in the bytes that one side sends, however they are cut.

mod header_blocks;
mod payload;

use crate::frame::{Flags, Frame, FrameType};
use header_blocks::HeaderBlocks;

/// Bytes of a frame header (RFC 9113, section 4.1).
const HEADER_BYTES: usize = 9;

/// How much of a body is kept of each DATA frame, in bytes: enough to know it again.
const EXCERPT_BYTES: usize = 256;

/// How much is kept of a frame that is neither body nor header fields, in bytes: 170 settings, or the
/// explanation in a GOAWAY.
const CONTROL_BYTES: usize = 1_024;

/// How long a part of a header block may be to be decoded, in bytes. Frames are shorter unless the
/// other side allowed more.
const HEADER_BYTES_KEPT: usize = 64 * 1_024;

/// How far to look into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything but header fields and bodies.
    Control,
    /// Everything.
    Contents,
}

/// Walks from frame to frame in one direction of a connection. Memory: at most one header block.
#[derive(Debug)]
pub struct Scanner {
    depth: Depth,
    header: [u8; HEADER_BYTES],
    filled: usize,
    /// The frame whose payload comes now.
    current: Option<Head>,
    header_blocks: HeaderBlocks,
}

/// A frame of which the header has come.
#[derive(Debug)]
struct Head {
    kind: FrameType,
    flags: Flags,
    stream: u32,
    length: u32,
    /// Bytes of payload that are still to come.
    left: usize,
    /// The first bytes of the payload.
    kept: Vec<u8>,
    /// How many of them to keep.
    keep: usize,
}

impl Scanner {
    /// A scanner for bytes that begin with a frame: what a client sends first is not one.
    pub fn new(depth: Depth) -> Self {
        Self {
            depth,
            header: [0; HEADER_BYTES],
            filled: 0,
            current: None,
            header_blocks: HeaderBlocks::default(),
        }
    }

    /// Shows each frame that is complete with these bytes.
    pub fn scan(&mut self, mut bytes: &[u8], mut visit: impl FnMut(&Frame)) {
        while !bytes.is_empty() {
            let Some(head) = &mut self.current else {
                bytes = self.fill_header(bytes);
                self.end_frame(&mut visit);
                continue;
            };
            let (payload, rest) = bytes.split_at(head.left.min(bytes.len()));
            let wanted = (head.keep - head.kept.len()).min(payload.len());
            head.kept.extend_from_slice(&payload[..wanted]);
            head.left -= payload.len();
            bytes = rest;
            self.end_frame(&mut visit);
        }
    }

    /// Takes bytes for a frame header and yields the others.
    fn fill_header<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = bytes.split_at((HEADER_BYTES - self.filled).min(bytes.len()));
        self.header[self.filled..self.filled + taken.len()].copy_from_slice(taken);
        self.filled += taken.len();
        if self.filled == HEADER_BYTES {
            self.filled = 0;
            self.current = Some(Head::new(self.header, self.depth));
        }
        rest
    }

    /// Shows the current frame if nothing of it is missing.
    fn end_frame(&mut self, visit: &mut impl FnMut(&Frame)) {
        if let Some(head) = self.current.take_if(|head| head.left == 0) {
            visit(&self.frame(&head));
        }
    }
}

impl Head {
    fn new(header: [u8; HEADER_BYTES], depth: Depth) -> Self {
        let [high, middle, low, kind, flags, stream @ ..] = header;
        let length = u32::from_be_bytes([0, high, middle, low]);
        let kind = FrameType(kind);
        let keep = match (kind, depth) {
            // The promised stream, behind one byte that says how much padding there is.
            (FrameType::PUSH_PROMISE, Depth::Control) => 5,
            (FrameType::DATA | FrameType::HEADERS | FrameType::CONTINUATION, Depth::Control) => 0,
            (FrameType::DATA, Depth::Contents) => 1 + EXCERPT_BYTES,
            (FrameType::HEADERS | FrameType::PUSH_PROMISE | FrameType::CONTINUATION, _) => {
                HEADER_BYTES_KEPT
            }
            _ => CONTROL_BYTES,
        };
        Self {
            kind,
            flags: Flags(flags),
            // The first bit is reserved.
            stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
            length,
            left: length as usize,
            kept: Vec::new(),
            keep,
        }
    }

    fn is_whole(&self) -> bool {
        self.kept.len() == self.length as usize
    }
}

#[cfg(test)]
mod tests;
