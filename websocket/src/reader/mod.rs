//! From bytes to messages, free of input and output.
//!
//! The bytes may be cut anywhere. Only what is incomplete is kept: at most a header, the payload
//! of one control frame, and the message that is open.

mod message;

use bytes::Bytes;

use crate::close::CloseFrame;
use crate::config::{Limits, Role};
use crate::error::ProtocolError;
use crate::frame::{FrameHeader, MAX_HEADER_BYTES, OpCode};
use crate::mask::Mask;

use message::PartialMessage;
pub use message::{Message, Part};

/// What a peer sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole message.
    Message(Message),
    /// A piece of a message, of which others have been or are to come: only after
    /// [`Reader::hand_out_parts`].
    Part(Part),
    /// A ping, to be answered by a pong with the same payload.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// The peer closes, or answers our close; `None` when it gave no code.
    Close(Option<CloseFrame>),
}

/// Reads what one peer sends. After an error, or a Close frame, there is nothing more to read.
#[derive(Debug)]
pub struct Reader {
    role: Role,
    limits: Limits,
    /// The first bytes of a header that is incomplete.
    header: [u8; MAX_HEADER_BYTES],
    header_len: usize,
    frame: Option<PartialFrame>,
    /// The payload so far of a control frame.
    control: Vec<u8>,
    message: Option<Box<PartialMessage>>,
    /// From how many bytes on a part is handed out.
    min_part_bytes: Option<usize>,
}

/// A frame whose payload has not arrived as a whole.
#[derive(Debug)]
struct PartialFrame {
    fin: bool,
    op_code: OpCode,
    mask: Option<Mask>,
    remaining: u64,
}

impl Reader {
    /// A reader at this `role`'s end of the connection.
    pub fn new(role: Role, limits: Limits) -> Self {
        Self {
            role,
            limits,
            header: [0; MAX_HEADER_BYTES],
            header_len: 0,
            frame: None,
            control: Vec::new(),
            message: None,
            min_part_bytes: None,
        }
    }

    /// From now on hands out what has come of a message when it is so many bytes or more; with `None`, a
    /// message only as a whole.
    pub fn hand_out_parts(&mut self, min_bytes: Option<usize>) {
        self.min_part_bytes = min_bytes;
    }

    /// Reads up to the end of the next message or control frame. Returns how many bytes of
    /// `input` it took, which are then unmasked in place and not looked at again; all of them
    /// when nothing was completed.
    ///
    /// # Errors
    /// [`ProtocolError`] at the first byte after which nothing valid can follow, also in the
    /// middle of a frame.
    pub fn read(&mut self, input: &mut [u8]) -> Result<(usize, Option<Incoming>), ProtocolError> {
        let mut taken = 0;
        loop {
            let rest = &mut input[taken..];
            let Some(frame) = &mut self.frame else {
                let (header_bytes, header) = self.read_header(rest)?;
                taken += header_bytes;
                let Some(header) = header else {
                    return Ok((taken, None));
                };
                self.begin_frame(header)?;
                continue;
            };
            let available = usize::try_from(frame.remaining).unwrap_or(usize::MAX);
            let len = rest.len().min(available);
            let payload = &mut rest[..len];
            taken += len;
            if let Some(mask) = &mut frame.mask {
                mask.apply(payload);
            }
            frame.remaining -= len as u64;
            let (op_code, fin, complete) = (frame.op_code, frame.fin, frame.remaining == 0);
            if complete {
                self.frame = None;
            }
            let incoming = if op_code.is_control() {
                self.read_control(op_code, payload, complete)?
            } else {
                self.read_message(payload, complete && fin)?
            };
            if incoming.is_some() || !complete {
                return Ok((taken, incoming));
            }
        }
    }

    /// Whether nothing is kept: the last byte completed a message or a control frame.
    pub fn is_idle(&self) -> bool {
        self.header_len == 0 && self.frame.is_none() && self.message.is_none()
    }

    /// How much heap memory is kept, in bytes.
    pub fn heap_bytes(&self) -> usize {
        let message = self
            .message
            .as_ref()
            .map_or(0, |message| message.heap_bytes());
        self.control.capacity() + message
    }

    fn read_header(&mut self, input: &[u8]) -> Result<(usize, Option<FrameHeader>), ProtocolError> {
        if self.header_len == 0
            && let Some((header, len)) = FrameHeader::parse(input)?
        {
            return Ok((len, Some(header)));
        }
        for (taken, byte) in input.iter().enumerate() {
            self.header[self.header_len] = *byte;
            self.header_len += 1;
            if let Some((header, _)) = FrameHeader::parse(&self.header[..self.header_len])? {
                self.header_len = 0;
                return Ok((taken + 1, Some(header)));
            }
        }
        Ok((input.len(), None))
    }

    fn begin_frame(&mut self, header: FrameHeader) -> Result<(), ProtocolError> {
        match (self.role, header.mask) {
            (Role::Server, None) => return Err(ProtocolError::UnmaskedFrame),
            (Role::Client, Some(_)) => return Err(ProtocolError::MaskedFrame),
            _ => {}
        }
        if !header.op_code.is_control() {
            let message = match (header.op_code, self.message.take()) {
                (OpCode::Continuation, Some(message)) => message,
                (OpCode::Continuation, None) => return Err(ProtocolError::UnexpectedContinuation),
                (_, Some(_)) => return Err(ProtocolError::InterruptedMessage),
                (OpCode::Text, None) => Box::new(PartialMessage::text()),
                (_, None) => Box::new(PartialMessage::binary()),
            };
            let message = self.message.insert(message);
            message.begin_fragment(header.payload_len, header.fin, &self.limits)?;
        }
        self.frame = Some(PartialFrame {
            fin: header.fin,
            op_code: header.op_code,
            mask: header.mask.map(Mask::new),
            remaining: header.payload_len,
        });
        Ok(())
    }

    fn read_control(
        &mut self,
        op_code: OpCode,
        payload: &[u8],
        complete: bool,
    ) -> Result<Option<Incoming>, ProtocolError> {
        self.control.extend_from_slice(payload);
        if !complete {
            return Ok(None);
        }
        let payload = Bytes::from(std::mem::take(&mut self.control));
        Ok(Some(match op_code {
            OpCode::Ping => Incoming::Ping(payload),
            OpCode::Pong => Incoming::Pong(payload),
            _ => Incoming::Close(CloseFrame::parse(&payload)?),
        }))
    }

    fn read_message(
        &mut self,
        payload: &[u8],
        complete: bool,
    ) -> Result<Option<Incoming>, ProtocolError> {
        let Some(message) = &mut self.message else {
            // `begin_frame` opens a message before any payload of one is read.
            return Err(ProtocolError::UnexpectedContinuation);
        };
        message.push(payload, &self.limits)?;
        if !complete {
            let part = self.min_part_bytes.and_then(|min| message.take_part(min));
            return Ok(part.map(Incoming::Part));
        }
        let rest = self.message.take().map(|message| message.finish());
        Ok(rest.transpose()?.map(|part| {
            if part.is_first {
                Incoming::Message(part.content)
            } else {
                Incoming::Part(part)
            }
        }))
    }
}

#[cfg(test)]
mod tests;
