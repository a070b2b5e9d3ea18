//! Why a connection cannot go on.

use std::io;

use crate::close::CloseCode;

/// How a peer broke the protocol or went over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// A reserved bit is set, and no extension was agreed on.
    #[error("a reserved bit is set")]
    ReservedBits,
    /// The op code stands for nothing.
    #[error("op code {0:#x} is reserved")]
    ReservedOpCode(u8),
    /// A control frame says that more of it follows.
    #[error("a control frame is fragmented")]
    FragmentedControlFrame,
    /// A control frame is longer than 125 bytes.
    #[error("a control frame is longer than 125 bytes")]
    LongControlFrame,
    /// A length is written in more bytes than it needs, or has its highest bit set.
    #[error("a payload length is not in its shortest form")]
    InvalidLength,
    /// A client sent a frame without a mask.
    #[error("a frame from a client is not masked")]
    UnmaskedFrame,
    /// A server sent a frame with a mask.
    #[error("a frame from a server is masked")]
    MaskedFrame,
    /// A continuation frame came while no message was open.
    #[error("there is no message to continue")]
    UnexpectedContinuation,
    /// A message began before the one before it had ended.
    #[error("a message began inside another one")]
    InterruptedMessage,
    /// Text, or the reason of a close, is not UTF-8.
    #[error("text is not UTF-8")]
    InvalidUtf8,
    /// The payload of a Close frame is one byte long: half a code.
    #[error("a Close frame has half a code")]
    TruncatedCloseCode,
    /// A Close frame carries a code that must not be sent.
    #[error("close code {0} must not be sent")]
    InvalidCloseCode(u16),
    /// A message is longer than the limit.
    #[error("a message is longer than {max_bytes} bytes")]
    MessageTooLong {
        /// The limit.
        max_bytes: usize,
    },
    /// A message has more fragments than the limit.
    #[error("a message has more than {max} fragments")]
    TooManyFragments {
        /// The limit.
        max: u32,
    },
    /// A message has more fragments without content than the limit.
    #[error("a message has more than {max} empty fragments")]
    TooManyEmptyFragments {
        /// The limit.
        max: u32,
    },
}

impl ProtocolError {
    /// The code with which the connection is closed (RFC 6455, section 7.4.1).
    pub fn close_code(self) -> CloseCode {
        match self {
            Self::InvalidUtf8 => CloseCode::INVALID_PAYLOAD,
            Self::MessageTooLong { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::TooManyFragments { .. } | Self::TooManyEmptyFragments { .. } => {
                CloseCode::POLICY_VIOLATION
            }
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

/// Why a [`WebSocket`](crate::WebSocket) ended other than by a closing handshake.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The byte stream failed.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    /// The byte stream ended without a closing handshake.
    #[error("the connection ended without a closing handshake")]
    Lost,
    /// The peer broke the protocol or went over a limit. It was told so.
    #[error("the peer broke the WebSocket protocol: {0}")]
    Protocol(#[from] ProtocolError),
    /// The peer did not answer a ping in time.
    #[error("the peer did not answer a ping in time")]
    PongTimeout,
    /// The peer took nothing of what was sent to it for too long.
    #[error("the peer stopped reading")]
    WriteTimeout,
    /// The peer did not finish the closing handshake in time.
    #[error("the peer did not finish the closing handshake in time")]
    CloseTimeout,
    /// A message was sent after the closing handshake had begun.
    #[error("the WebSocket is closed")]
    Closed,
}
