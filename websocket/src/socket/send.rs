//! The sending half.

use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::clock::Due;
use super::{State, WebSocket};
use crate::error::Error;
use crate::frame::{EncodedFrame, EncodedFrames, OpCode};
use crate::handshake::RandomnessUnavailable;
use crate::reader::{Message, Part};

/// A queue that holds so many bytes takes no more messages until some are written. Large enough
/// to fill a socket's send buffer in one write, small enough for thousands of slow readers.
const MAX_QUEUED_BYTES: usize = 64 * 1024;

/// What can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A message for this connection alone.
    Message(Message),
    /// A part of one, which becomes a fragment. Parts of a message are sent in order, with no other message
    /// between them.
    Part(Part),
    /// A frame that other connections send too, or a ping or pong.
    Encoded(EncodedFrame),
    /// Text messages in a row that other connections send too.
    Frames(EncodedFrames),
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<Part> for Outgoing {
    fn from(part: Part) -> Self {
        Self::Part(part)
    }
}

impl From<EncodedFrame> for Outgoing {
    fn from(frame: EncodedFrame) -> Self {
        Self::Encoded(frame)
    }
}

impl From<EncodedFrames> for Outgoing {
    fn from(frames: EncodedFrames) -> Self {
        Self::Frames(frames)
    }
}

impl From<&str> for Outgoing {
    fn from(text: &str) -> Self {
        Self::Message(Message::Text(text.to_owned()))
    }
}

impl From<Bytes> for Outgoing {
    fn from(bytes: Bytes) -> Self {
        Self::Message(Message::Binary(bytes))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> WebSocket<IO> {
    /// Queues a message without waiting for room: for the answers of one who reads no more than it answers.
    ///
    /// # Errors
    /// [`Error::Io`] when a client has no masking key to use.
    pub fn push(&mut self, outgoing: Outgoing) -> Result<(), Error> {
        match outgoing {
            Outgoing::Message(message) => self.push_part(Part::whole(message)),
            Outgoing::Part(part) => self.push_part(part),
            Outgoing::Encoded(frame) => self.writer.push_encoded(&frame),
            Outgoing::Frames(frames) => self.writer.push_frames(&frames),
        }
        .map_err(|error| Error::Io(io::Error::other(error)))
    }

    fn push_part(&mut self, part: Part) -> Result<(), RandomnessUnavailable> {
        let (op_code, payload) = match part.content {
            Message::Text(text) => (OpCode::Text, text.into()),
            Message::Binary(bytes) => (OpCode::Binary, bytes),
        };
        let op_code = if part.is_first {
            op_code
        } else {
            OpCode::Continuation
        };
        self.writer.push_frame(op_code, part.is_last, payload)
    }

    /// Writes text messages that other connections send too: at once what the byte stream takes if nothing waits
    /// before them, and the rest as if it had been fed. May queue beyond the limit: ask [`WebSocket::poll_ready`]
    /// or [`WebSocket::is_idle`] first, and flush afterwards.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::WriteTimeout`].
    pub fn write_through(
        &mut self,
        cx: &mut Context<'_>,
        frames: &EncodedFrames,
    ) -> Result<(), Error> {
        match self.writer.write_through(&mut self.io, cx, frames) {
            Ok(()) => Ok(()),
            Err(error) => self.write_failed(error),
        }
    }

    /// The byte stream may have a deadline of its own, which is the same to us as ours.
    fn write_failed<T>(&mut self, error: io::Error) -> Result<T, Error> {
        if error.kind() == io::ErrorKind::TimedOut {
            return Err(Error::WriteTimeout);
        }
        self.state = State::Closed;
        Err(error.into())
    }

    /// [`WebSocket::ready`] for those who poll.
    ///
    /// # Errors
    /// As [`WebSocket::ready`].
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.is_failing() {
            return self.poll_flush(cx);
        }
        if !matches!(self.state, State::Open) {
            return Poll::Ready(Err(Error::Closed));
        }
        while self.writer.queued_bytes() >= MAX_QUEUED_BYTES {
            ready!(self.poll_flush(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    /// [`WebSocket::flush`] for those who poll.
    ///
    /// # Errors
    /// As [`WebSocket::flush`].
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !self.is_failing() {
            match self.poll_write(cx) {
                Ok(Poll::Ready(())) => return Poll::Ready(Ok(())),
                Ok(Poll::Pending) => match ready!(self.clock.poll_closing(cx, None)) {
                    Due::WriteTimeout => self.fail_unread()?,
                    // Nothing else is waited for here.
                    _ => return Poll::Pending,
                },
                Err(Error::WriteTimeout) => self.fail_unread()?,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        self.poll_ending(cx)
    }

    /// Whether the connection ends because of an error that is still to be returned.
    fn is_failing(&self) -> bool {
        matches!(&self.state, State::Ending(ending) if ending.error.is_some())
    }

    /// Writes as much as the byte stream takes, the pong that waits behind it included.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, Error> {
        loop {
            let (written, done) = match self.writer.poll_write(&mut self.io, cx) {
                Ok(progress) => progress,
                Err(error) => return self.write_failed(error),
            };
            self.clock.written(written, done.is_pending());
            if done.is_pending() {
                return Ok(Poll::Pending);
            }
            let Some(payload) = self.pong.payload.take() else {
                return Ok(Poll::Ready(()));
            };
            self.pong.pings = 0;
            self.push(EncodedFrame::pong(&payload).into())?;
        }
    }
}
