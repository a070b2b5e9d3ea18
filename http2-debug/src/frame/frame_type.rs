//! Types of frames.

use std::fmt;

/// A type of frame, by its registered number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameType(pub u8);

impl FrameType {
    /// Part of a body.
    pub const DATA: Self = Self(0x0);
    /// The head of a message, or trailers.
    pub const HEADERS: Self = Self(0x1);
    /// A priority.
    pub const PRIORITY: Self = Self(0x2);
    /// The end of a stream.
    pub const RST_STREAM: Self = Self(0x3);
    /// What one side wants of the other.
    pub const SETTINGS: Self = Self(0x4);
    /// A request that the server answers unasked.
    pub const PUSH_PROMISE: Self = Self(0x5);
    /// Is anybody there?
    pub const PING: Self = Self(0x6);
    /// No new streams.
    pub const GOAWAY: Self = Self(0x7);
    /// More may be sent.
    pub const WINDOW_UPDATE: Self = Self(0x8);
    /// The rest of a header block.
    pub const CONTINUATION: Self = Self(0x9);

    /// Its registered name (RFC 9113, section 11.2; RFC 7838; RFC 8336; RFC 9218).
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x0 => "DATA",
            0x1 => "HEADERS",
            0x2 => "PRIORITY",
            0x3 => "RST_STREAM",
            0x4 => "SETTINGS",
            0x5 => "PUSH_PROMISE",
            0x6 => "PING",
            0x7 => "GOAWAY",
            0x8 => "WINDOW_UPDATE",
            0x9 => "CONTINUATION",
            0xa => "ALTSVC",
            0xc => "ORIGIN",
            0x10 => "PRIORITY_UPDATE",
            _ => return None,
        })
    }
}

impl fmt::Display for FrameType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "UNKNOWN({:#04x})", self.0),
        }
    }
}
