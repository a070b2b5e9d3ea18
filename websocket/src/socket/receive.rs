//! The receiving half, which also keeps the connection alive and ends it.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::clock::Due;
use super::{Ending, State, WebSocket};
use crate::close::{CloseCode, CloseFrame};
use crate::config::{PART_BYTES, Role};
use crate::error::{Error, ProtocolError};
use crate::frame::EncodedFrame;
use crate::reader::{Incoming, Message, Part};

/// How much is read at once, in bytes, onto the stack: what a TLS record holds.
const READ_BYTES: usize = 16 * 1024;

/// While more than this waits to be written, in bytes, pings are answered together.
const MAX_BYTES_BEFORE_PONG: usize = 4 * 1024;

/// How many pings are read while the answer to the first of them cannot be written. Then nothing
/// more is read: who does not read is not read.
const MAX_UNANSWERED_PINGS: u32 = 64;

impl<IO: AsyncRead + AsyncWrite + Unpin> WebSocket<IO> {
    /// [`WebSocket::recv`] for those who poll.
    ///
    /// # Errors
    /// As [`WebSocket::recv`].
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>, Error>> {
        self.reader.hand_out_parts(None);
        let part = ready!(self.poll_part(cx))?;
        Poll::Ready(Ok(part.map(|part| part.content)))
    }

    /// [`WebSocket::recv_part`] for those who poll.
    ///
    /// # Errors
    /// As [`WebSocket::recv`].
    pub fn poll_recv_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Part>, Error>> {
        self.reader.hand_out_parts(Some(PART_BYTES));
        self.poll_part(cx)
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Part>, Error>> {
        loop {
            match self.state {
                State::Closed => return Poll::Ready(Ok(None)),
                State::Ending(_) => {
                    let result = ready!(self.poll_ending(cx));
                    return Poll::Ready(result.map(|()| None));
                }
                State::Open | State::CloseSent { .. } => {}
            }
            match self.poll_incoming(cx) {
                Poll::Ready(Ok(Incoming::Message(message))) => {
                    return Poll::Ready(Ok(Some(Part::whole(message))));
                }
                Poll::Ready(Ok(Incoming::Part(part))) => return Poll::Ready(Ok(Some(part))),
                Poll::Ready(Ok(Incoming::Ping(payload))) => self.answer_ping(payload)?,
                Poll::Ready(Ok(Incoming::Pong(_))) => {}
                Poll::Ready(Ok(Incoming::Close(frame))) => self.answer_close(frame)?,
                Poll::Ready(Err(Error::Protocol(error))) => self.fail(
                    error.close_code(),
                    &error.to_string(),
                    Error::Protocol(error),
                )?,
                Poll::Ready(Err(Error::WriteTimeout)) => self.fail_unread()?,
                Poll::Ready(Err(error)) => {
                    self.state = State::Closed;
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => ready!(self.poll_due(cx))?,
            }
        }
    }

    /// Acts on what is due while nothing comes.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let due = match self.state {
            State::CloseSent { deadline } => self.clock.poll_closing(cx, deadline),
            _ => self.clock.poll_open(cx),
        };
        let error = match ready!(due) {
            Due::Ping => {
                self.clock.pinged();
                return Poll::Ready(self.push(EncodedFrame::ping(&[]).into()));
            }
            Due::PongTimeout => {
                let reason = "a ping was not answered in time";
                return Poll::Ready(self.fail(
                    CloseCode::INTERNAL_ERROR,
                    reason,
                    Error::PongTimeout,
                ));
            }
            Due::WriteTimeout if matches!(self.state, State::Open) => {
                return Poll::Ready(self.fail_unread());
            }
            Due::WriteTimeout => Error::WriteTimeout,
            Due::CloseTimeout => Error::CloseTimeout,
        };
        self.state = State::Closed;
        Poll::Ready(Err(error))
    }

    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Result<Incoming, Error>> {
        loop {
            if self.pong.pings < MAX_UNANSWERED_PINGS && !self.unread.is_empty() {
                if let Some(incoming) = self.read_unread()? {
                    return Poll::Ready(Ok(incoming));
                }
                continue;
            }
            let blocked = self.poll_write(cx)?.is_pending();
            if blocked && self.pong.pings >= MAX_UNANSWERED_PINGS {
                return Poll::Pending;
            }
            if !self.unread.is_empty() {
                continue;
            }
            let mut memory = [MaybeUninit::uninit(); READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut memory);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
            let input = buffer.filled_mut();
            if input.is_empty() {
                return Poll::Ready(Err(Error::Lost));
            }
            self.clock.received();
            let (taken, incoming) = self.reader.read(input)?;
            self.unread.extend_from_slice(&input[taken..]);
            if let Some(incoming) = incoming {
                return Poll::Ready(Ok(incoming));
            }
        }
    }

    fn read_unread(&mut self) -> Result<Option<Incoming>, ProtocolError> {
        let (taken, incoming) = self.reader.read(&mut self.unread)?;
        if taken == self.unread.len() {
            self.unread = BytesMut::new();
        } else {
            let _ = self.unread.split_to(taken);
        }
        Ok(incoming)
    }

    fn answer_ping(&mut self, payload: Bytes) -> Result<(), Error> {
        // After a Close frame nothing may be sent (RFC 6455, section 5.5.1).
        if !matches!(self.state, State::Open) {
            return Ok(());
        }
        if self.pong.payload.is_none() && self.writer.queued_bytes() < MAX_BYTES_BEFORE_PONG {
            return self.push(EncodedFrame::pong(&payload).into());
        }
        self.pong.payload = Some(payload);
        self.pong.pings += 1;
        Ok(())
    }

    fn answer_close(&mut self, frame: Option<CloseFrame>) -> Result<(), Error> {
        let deadline = if let State::CloseSent { deadline } = self.state {
            deadline
        } else {
            let code = frame
                .as_ref()
                .map(|frame| CloseFrame::new(frame.code(), ""));
            self.push(EncodedFrame::close(code.as_ref()).into())?;
            self.clock.close_deadline()
        };
        self.peer_close = frame;
        self.state = State::Ending(Ending {
            deadline,
            shut_down: false,
            // The server ends the stream first (RFC 6455, section 7.1.1).
            drain: self.role == Role::Client,
            error: None,
        });
        Ok(())
    }

    /// Fails the connection of a peer that reads nothing. The Close frame stands behind what is
    /// queued; the peer learns the reason if it reads all of that within the close timeout.
    pub(super) fn fail_unread(&mut self) -> Result<(), Error> {
        self.clock.forgive();
        let reason = "nothing was read for too long; come back";
        self.fail(CloseCode::TRY_AGAIN_LATER, reason, Error::WriteTimeout)
    }

    /// Fails the connection (RFC 6455, section 7.1.7).
    fn fail(&mut self, code: CloseCode, reason: &str, error: Error) -> Result<(), Error> {
        if matches!(self.state, State::Open) {
            let frame = CloseFrame::new(code, reason);
            self.push(EncodedFrame::close(Some(&frame)).into())?;
        }
        self.pong.payload = None;
        self.unread = BytesMut::new();
        self.state = State::Ending(Ending {
            deadline: self.clock.close_deadline(),
            shut_down: false,
            drain: true,
            error: Some(error),
        });
        Ok(())
    }

    pub(super) fn poll_ending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let State::Ending(ending) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        let ended = match poll_end(&mut self.io, &mut self.writer, ending, cx) {
            // The peer may well be gone: what ended the connection says more than that.
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => self.clock.poll_closing(cx, ending.deadline).map(|_| ()),
        };
        ready!(ended);
        let error = ending.error.take();
        self.state = State::Closed;
        Poll::Ready(error.map_or(Ok(()), Err))
    }
}

fn poll_end<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    writer: &mut crate::writer::Writer,
    ending: &mut Ending,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    if !ending.shut_down {
        let (_, done) = writer.poll_write(io, cx)?;
        ready!(done);
        ready!(Pin::new(&mut *io).poll_shutdown(cx))?;
        ending.shut_down = true;
    }
    while ending.drain {
        let mut memory = [MaybeUninit::uninit(); READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut memory);
        ready!(Pin::new(&mut *io).poll_read(cx, &mut buffer))?;
        ending.drain = !buffer.filled().is_empty();
    }
    Poll::Ready(Ok(()))
}
