//! Frames as they are on the wire (RFC 9113, section 4), typed and shortened.

mod error_code;
mod flags;
mod frame_type;
mod setting;

pub use error_code::ErrorCode;
pub use flags::Flags;
pub use frame_type::FrameType;
pub use setting::{Setting, SettingId};

use crate::hpack::FieldList;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: FrameType,
    /// Its flags.
    pub flags: Flags,
    /// The stream that it belongs to; 0 is the connection.
    pub stream: u32,
    /// Bytes of its payload.
    pub length: u32,
    /// What it says.
    pub payload: Payload,
}

/// What a frame says, as far as was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The beginning of a body's next part; `None` when contents are not looked at.
    Data(Option<Excerpt>),
    /// The head of a message, or trailers.
    Headers(HeaderBlock),
    /// A priority, which RFC 9113 no longer uses.
    Priority {
        /// The stream that this one depends on.
        dependency: u32,
        /// Whether it is to be the only one that does.
        exclusive: bool,
        /// Its weight, from 1 to 256.
        weight: u16,
    },
    /// The stream ends now.
    ResetStream(ErrorCode),
    /// What the sender wants of the other side; empty when it acknowledges the other side's.
    Settings(Vec<Setting>),
    /// A request that the server will answer unasked.
    PushPromise {
        /// The stream of the response.
        promised: u32,
        /// The request.
        fields: HeaderBlock,
    },
    /// Eight bytes that come back.
    Ping([u8; 8]),
    /// The sender takes no new streams.
    GoAway {
        /// The last stream that it looked at.
        last_stream: u32,
        /// Why.
        code: ErrorCode,
        /// What it has to say about it.
        debug_data: Excerpt,
    },
    /// The receiver may send more.
    WindowUpdate {
        /// How many bytes.
        increment: u32,
    },
    /// The rest of a header block.
    Continuation(HeaderBlock),
    /// A type that RFC 9113 does not know.
    Unknown(Excerpt),
    /// Shorter or longer than its type allows.
    Malformed,
}

/// What became of a header block, or of its part in this frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderBlock {
    /// Contents are not looked at.
    NotRead,
    /// It goes on in the next CONTINUATION.
    Unfinished,
    /// It ends here.
    Fields(FieldList),
    /// It cannot be decoded: it, or one before it, is damaged or too large.
    Undecodable,
}

/// The beginning of some bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether that is all of them.
    pub is_whole: bool,
}

impl Excerpt {
    /// The beginning of `bytes`, of which there are `length` in all.
    pub(crate) fn new(bytes: &[u8], max_bytes: usize, length: usize) -> Self {
        let bytes = &bytes[..bytes.len().min(max_bytes).min(length)];
        Self {
            is_whole: bytes.len() == length,
            bytes: bytes.to_vec(),
        }
    }
}
