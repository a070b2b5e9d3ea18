//! Frames (RFC 6455, section 5.2): headers, and whole frames that many connections share.

use bytes::{BufMut, Bytes, BytesMut};

use crate::close::CloseFrame;
use crate::error::ProtocolError;

/// The longest payload of a control frame, in bytes (RFC 6455, section 5.5).
pub const MAX_CONTROL_PAYLOAD_BYTES: usize = 125;

/// The longest header: two bytes, eight of length, four of mask.
pub const MAX_HEADER_BYTES: usize = 14;

/// The longest payload whose length stands in the second byte of the header.
const MAX_SHORT_LENGTH: u64 = 125;

/// The shortest payload whose length takes eight bytes.
const MIN_LONG_LENGTH: u64 = 1 << 16;

/// The highest bit of a length must not be set.
const LENGTH_END: u64 = 1 << 63;

/// Stands in the second byte for a length of two bytes.
const LENGTH_IN_TWO_BYTES: u8 = 126;

/// Stands in the second byte for a length of eight bytes.
const LENGTH_IN_EIGHT_BYTES: u8 = 127;

/// What a frame is for (RFC 6455, section 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpCode {
    /// Goes on with the message that is open.
    Continuation,
    /// Begins a text message.
    Text,
    /// Begins a binary message.
    Binary,
    /// Begins or answers the closing handshake.
    Close,
    /// Asks for a pong with the same payload.
    Ping,
    /// Answers a ping, or says that its sender is alive.
    Pong,
}

impl OpCode {
    fn from_bits(bits: u8) -> Result<Self, ProtocolError> {
        Ok(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            reserved => return Err(ProtocolError::ReservedOpCode(reserved)),
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    /// Whether the frame controls the connection and may stand between fragments.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What stands before the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// What the frame is for.
    pub op_code: OpCode,
    /// The masking key; clients must have one, servers must not.
    pub mask: Option<[u8; 4]>,
    /// How long the payload is, in bytes; less than 2^63.
    pub payload_len: u64,
}

impl FrameHeader {
    /// Reads a header from the start of `input`, with its length; `None` when it is incomplete.
    ///
    /// # Errors
    /// [`ProtocolError`] as soon as the bytes that are there cannot begin a valid frame.
    pub fn parse(input: &[u8]) -> Result<Option<(Self, usize)>, ProtocolError> {
        let Some((&first, input)) = input.split_first() else {
            return Ok(None);
        };
        if first & 0x70 != 0 {
            return Err(ProtocolError::ReservedBits);
        }
        let fin = first & 0x80 != 0;
        let op_code = OpCode::from_bits(first & 0x0F)?;
        if op_code.is_control() && !fin {
            return Err(ProtocolError::FragmentedControlFrame);
        }
        let Some((&second, input)) = input.split_first() else {
            return Ok(None);
        };
        let short_length = second & 0x7F;
        if op_code.is_control() && u64::from(short_length) > MAX_SHORT_LENGTH {
            return Err(ProtocolError::LongControlFrame);
        }
        let Some((payload_len, length_bytes)) = parse_length(short_length, input)? else {
            return Ok(None);
        };
        let (mask, mask_bytes) = if second & 0x80 == 0 {
            (None, 0)
        } else if let Some((key, _)) = input[length_bytes..].split_first_chunk() {
            (Some(*key), key.len())
        } else {
            return Ok(None);
        };
        let header = Self {
            fin,
            op_code,
            mask,
            payload_len,
        };
        Ok(Some((header, 2 + length_bytes + mask_bytes)))
    }

    /// Writes the header, at most [`MAX_HEADER_BYTES`].
    pub fn encode(&self, out: &mut impl BufMut) {
        out.put_u8(u8::from(self.fin) << 7 | self.op_code.bits());
        let mask_bit = u8::from(self.mask.is_some()) << 7;
        match (
            u8::try_from(self.payload_len),
            u16::try_from(self.payload_len),
        ) {
            (Ok(len), _) if self.payload_len <= MAX_SHORT_LENGTH => out.put_u8(mask_bit | len),
            (_, Ok(len)) => {
                out.put_u8(mask_bit | LENGTH_IN_TWO_BYTES);
                out.put_u16(len);
            }
            _ => {
                out.put_u8(mask_bit | LENGTH_IN_EIGHT_BYTES);
                out.put_u64(self.payload_len);
            }
        }
        if let Some(key) = self.mask {
            out.put_slice(&key);
        }
    }
}

/// The payload's length and how many bytes after the second it took.
fn parse_length(short: u8, input: &[u8]) -> Result<Option<(u64, usize)>, ProtocolError> {
    match short {
        LENGTH_IN_TWO_BYTES => match input.first_chunk::<2>() {
            Some(bytes) => match u64::from(u16::from_be_bytes(*bytes)) {
                ..=MAX_SHORT_LENGTH => Err(ProtocolError::InvalidLength),
                len => Ok(Some((len, bytes.len()))),
            },
            None => Ok(None),
        },
        LENGTH_IN_EIGHT_BYTES => match input.first_chunk::<8>() {
            Some(bytes) => match u64::from_be_bytes(*bytes) {
                len if !(MIN_LONG_LENGTH..LENGTH_END).contains(&len) => {
                    Err(ProtocolError::InvalidLength)
                }
                len => Ok(Some((len, bytes.len()))),
            },
            None => Ok(None),
        },
        len => Ok(Some((u64::from(len), 0))),
    }
}

/// A whole unfragmented frame as a server sends it: encoded once, sent to any number of
/// connections. A clone shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedFrame {
    op_code: OpCode,
    header_len: usize,
    bytes: Bytes,
}

impl EncodedFrame {
    /// A text message.
    pub fn text(text: &str) -> Self {
        Self::encode(OpCode::Text, text.as_bytes())
    }

    /// A binary message.
    pub fn binary(payload: &[u8]) -> Self {
        Self::encode(OpCode::Binary, payload)
    }

    /// The end of the connection, or with `None` one without a code.
    pub fn close(frame: Option<&CloseFrame>) -> Self {
        Self::encode(
            OpCode::Close,
            &frame.map(CloseFrame::to_payload).unwrap_or_default(),
        )
    }

    /// A question whether the peer is alive. A payload is cut at [`MAX_CONTROL_PAYLOAD_BYTES`].
    pub fn ping(payload: &[u8]) -> Self {
        Self::encode(
            OpCode::Ping,
            &payload[..payload.len().min(MAX_CONTROL_PAYLOAD_BYTES)],
        )
    }

    /// The answer to a ping. A payload is cut at [`MAX_CONTROL_PAYLOAD_BYTES`].
    pub fn pong(payload: &[u8]) -> Self {
        Self::encode(
            OpCode::Pong,
            &payload[..payload.len().min(MAX_CONTROL_PAYLOAD_BYTES)],
        )
    }

    /// The bytes on the wire, header and payload.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What the frame is for.
    pub fn op_code(&self) -> OpCode {
        self.op_code
    }

    /// The payload, sharing the frame's bytes.
    pub fn payload(&self) -> Bytes {
        self.bytes.slice(self.header_len..)
    }

    fn encode(op_code: OpCode, payload: &[u8]) -> Self {
        let mut bytes = BytesMut::with_capacity(MAX_HEADER_BYTES + payload.len());
        let header = FrameHeader {
            fin: true,
            op_code,
            mask: None,
            payload_len: payload.len() as u64,
        };
        header.encode(&mut bytes);
        let header_len = bytes.len();
        bytes.put_slice(payload);
        Self {
            op_code,
            header_len,
            bytes: bytes.freeze(),
        }
    }
}

/// Whole text messages in a row, encoded once as a server sends them, written in one piece to any
/// number of connections. A clone or a slice shares the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodedFrames(Bytes);

impl EncodedFrames {
    /// Takes frames that were written by [`EncodedFrames::put_text`] one after the other, or whole
    /// ones of them.
    pub fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Writes a text message behind others.
    pub fn put_text(out: &mut impl BufMut, text: &str) {
        let header = FrameHeader {
            fin: true,
            op_code: OpCode::Text,
            mask: None,
            payload_len: text.len() as u64,
        };
        header.encode(out);
        out.put_slice(text.as_bytes());
    }

    /// The bytes on the wire.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The frames' payloads, sharing the bytes. Ends at the first byte that is no frame.
    pub fn payloads(&self) -> impl Iterator<Item = Bytes> {
        let mut rest = self.0.clone();
        std::iter::from_fn(move || {
            let (header, header_len) = FrameHeader::parse(&rest).ok()??;
            let payload_len = usize::try_from(header.payload_len).ok()?;
            if rest.len() - header_len < payload_len {
                return None;
            }
            let frame = rest.split_to(header_len + payload_len);
            Some(frame.slice(header_len..))
        })
    }
}

#[cfg(test)]
mod tests;
