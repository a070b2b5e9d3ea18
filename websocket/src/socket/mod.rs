//! One WebSocket over a byte stream: messages in and out, pongs, keep-alive, closing handshake.
//!
//! One task owns it and selects between [`WebSocket::recv`] and whatever it wants to send.
//! While nothing happens it holds no buffer: bytes are read into the stack of the call that
//! reads them, and only what is incomplete or not yet asked for goes to the heap.

mod clock;
mod receive;
mod send;

use std::future::poll_fn;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::close::{CloseCode, CloseFrame};
use crate::config::{Config, Role};
use crate::error::Error;
use crate::frame::EncodedFrame;
use crate::reader::{Message, Part, Reader};
use crate::writer::Writer;
use clock::Clock;
pub use send::Outgoing;

/// A WebSocket whose opening handshake is done.
///
/// Dropping it without [`WebSocket::close`] breaks the connection.
#[derive(Debug)]
pub struct WebSocket<IO> {
    io: IO,
    role: Role,
    reader: Reader,
    writer: Writer,
    /// What was read beyond the last message that was asked for.
    unread: BytesMut,
    pong: PendingPong,
    clock: Clock,
    state: State,
    peer_close: Option<CloseFrame>,
}

/// The pong that waits while the peer does not read: only its latest ping needs an answer
/// (RFC 6455, section 5.5.3).
#[derive(Debug, Default)]
struct PendingPong {
    payload: Option<Bytes>,
    /// How many pings it stands for.
    pings: u32,
}

#[derive(Debug)]
enum State {
    Open,
    /// We sent a Close frame and wait for the peer's.
    CloseSent {
        deadline: Option<Instant>,
    },
    /// Everything was said: what is queued is written, then the byte stream ends.
    Ending(Ending),
    Closed,
}

#[derive(Debug)]
struct Ending {
    deadline: Option<Instant>,
    shut_down: bool,
    /// Whether to read, and ignore, what the peer still sends until it ends the stream. Closing
    /// a TCP connection on unread bytes resets it, and the peer might lose our Close frame.
    drain: bool,
    error: Option<Error>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> WebSocket<IO> {
    /// Takes over a byte stream after the opening handshake. Needs a tokio runtime with time.
    pub fn new(io: IO, role: Role, config: Config) -> Self {
        Self {
            io,
            role,
            reader: Reader::new(role, config.limits),
            writer: Writer::new(role),
            unread: BytesMut::new(),
            pong: PendingPong::default(),
            clock: Clock::new(config.timeouts),
            state: State::Open,
            peer_close: None,
        }
    }

    /// The next message; `None` when the connection was closed by a closing handshake, whose
    /// frame [`WebSocket::peer_close`] then has.
    ///
    /// Also writes what was fed, answers pings and the peer's close, and pings a silent peer.
    ///
    /// # Errors
    /// Every [`Error`] but [`Error::Closed`]. The peer has then been told why, if it listens.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has lost nothing.
    pub async fn recv(&mut self) -> Result<Option<Message>, Error> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next message, in parts: what has come of a long one is handed out while the rest is still to come,
    /// so that nobody has to hold it. Not to be mixed with [`WebSocket::recv`] within a message.
    ///
    /// # Errors
    /// As [`WebSocket::recv`]; what the error is about may have parts that were handed out before.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has lost nothing.
    pub async fn recv_part(&mut self) -> Result<Option<Part>, Error> {
        poll_fn(|cx| self.poll_recv_part(cx)).await
    }

    /// Waits until there is room to queue a message.
    ///
    /// # Errors
    /// [`Error::Closed`] after a close began, [`Error::Io`], [`Error::WriteTimeout`].
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn ready(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_ready(cx)).await
    }

    /// Queues a message, after waiting for room. It is written by the next [`WebSocket::flush`],
    /// [`WebSocket::send`] or [`WebSocket::recv`], together with what else was fed.
    ///
    /// # Errors
    /// As [`WebSocket::ready`].
    ///
    /// # Cancel safety
    /// Safe. A dropped call has queued nothing.
    pub async fn feed(&mut self, message: impl Into<Outgoing>) -> Result<(), Error> {
        self.ready().await?;
        self.push(message.into())
    }

    /// Writes what was fed.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::WriteTimeout`].
    ///
    /// # Cancel safety
    /// Safe. A dropped call may have written a part; the next one goes on.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Queues a message and writes everything that is queued.
    ///
    /// # Errors
    /// As [`WebSocket::ready`].
    ///
    /// # Cancel safety
    /// Not safe: a dropped call may have queued the message or not.
    pub async fn send(&mut self, message: impl Into<Outgoing>) -> Result<(), Error> {
        self.feed(message).await?;
        self.flush().await
    }

    /// Closes the connection: sends a Close frame, waits for the peer's while ignoring its
    /// messages, and ends the byte stream. Does nothing new when a close has begun already.
    ///
    /// # Errors
    /// [`Error::CloseTimeout`] when the peer does not answer in time, or what broke the
    /// connection meanwhile.
    ///
    /// # Cancel safety
    /// Safe. The next call goes on waiting.
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        if matches!(self.state, State::Open) {
            let frame = CloseFrame::new(code, reason);
            self.push(EncodedFrame::close(Some(&frame)).into())?;
            self.state = State::CloseSent {
                deadline: self.clock.close_deadline(),
            };
        }
        while self.recv().await?.is_some() {}
        Ok(())
    }

    /// The peer's Close frame, once it has come and if it had a code.
    pub fn peer_close(&self) -> Option<&CloseFrame> {
        self.peer_close.as_ref()
    }

    /// What [`WebSocket::recv`] will end with, once it is known: while this is there, recv only waits until
    /// the peer has taken our Close frame and ended the stream, which a broken peer may never do.
    pub fn failure(&self) -> Option<&Error> {
        match &self.state {
            State::Ending(ending) => ending.error.as_ref(),
            _ => None,
        }
    }

    /// Whether the connection is open, and nothing waits to be written.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Open) && self.writer.is_idle()
    }

    /// The byte stream underneath.
    pub fn get_ref(&self) -> &IO {
        &self.io
    }

    /// How much heap memory the connection keeps beside its byte stream's own and its timer,
    /// in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.reader.heap_bytes() + self.unread.capacity() + self.writer.queued_bytes()
    }
}

#[cfg(test)]
mod tests;
