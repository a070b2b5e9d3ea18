//! Stands between the socket and hyper, and lets through only requests whose framing is beyond doubt.
//!
//! A head is held back until it is complete and checked. One that is refused is replaced by a request that
//! hyper understands and that is answered with the refusal, so that it comes behind the responses to the
//! requests before it. Heads, first lines of chunks and trailers must be complete within their time: hyper
//! has one timer for heads and for the pause between two requests, and none for the others.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::exchange::Exchange;
use super::message_scanner::{MessageScanner, ScanError, Step};
use super::request_head::HeadError;
use crate::protocol::unit_deadline::UnitDeadline;

/// How much is read behind a request that asks for an upgrade before it is decided, in bytes. A client waits
/// for the decision, and sends nothing.
const MAX_BEHIND_UPGRADE: usize = 16 * 1024;

/// A byte stream from which hyper reads checked requests.
#[derive(Debug)]
pub(super) struct RequestGuard<IO> {
    io: IO,
    exchange: Exchange,
    scanner: MessageScanner,
    deadline: UnitDeadline,
    /// Read and not yet checked.
    unchecked: BytesMut,
    /// Checked and not yet taken by hyper.
    checked: BytesMut,
    /// How many heads were found.
    heads: u64,
    end: End,
}

/// Whether and how the input ends before the connection does.
#[derive(Debug)]
enum End {
    /// It goes on.
    None,
    /// Nothing is read behind a refused head.
    Refused,
    /// A body is malformed.
    Malformed(ScanError),
}

impl<IO> RequestGuard<IO> {
    /// Guards `io`. Heads have at most `max_head_bytes`, and each unit of input at most `timeout`.
    pub(super) fn new(
        io: IO,
        exchange: Exchange,
        max_head_bytes: usize,
        timeout: Duration,
    ) -> Self {
        Self {
            io,
            exchange,
            scanner: MessageScanner::new(max_head_bytes),
            deadline: UnitDeadline::new(timeout),
            unchecked: BytesMut::new(),
            checked: BytesMut::new(),
            heads: 0,
            end: End::None,
        }
    }

    /// The byte stream, and what was read from it that hyper has not seen.
    pub(super) fn into_parts(mut self) -> (IO, Bytes) {
        self.checked.unsplit(self.unchecked);
        (self.io, self.checked.freeze())
    }

    /// Checks what was read, as far as it is complete.
    fn check(&mut self) {
        loop {
            match self.scanner.step(&self.unchecked) {
                Ok(Step::Wait) => break,
                Ok(Step::Pass(length)) => self.checked.unsplit(self.unchecked.split_to(length)),
                Ok(Step::Drop(length)) => self.unchecked.advance(length),
                Ok(Step::Head(length, head)) => {
                    self.heads += 1;
                    let mut bytes = self.unchecked.split_to(length);
                    if head.minor_version > 1 {
                        // A later minor version is answered in ours (RFC 9110, section 2.5).
                        bytes[head.minor_version_at] = b'1';
                    }
                    self.checked.unsplit(bytes);
                }
                Err(ScanError::Head(error)) => {
                    self.refuse(&error);
                    break;
                }
                Err(error) => {
                    self.unchecked = BytesMut::new();
                    self.end = End::Malformed(error);
                    break;
                }
            }
        }
        if self.unchecked.is_empty() {
            // Gives the memory back.
            self.unchecked = BytesMut::new();
        }
    }

    fn refuse(&mut self, error: &HeadError) {
        self.heads += 1;
        self.exchange.refuse(self.heads, error.problem());
        // An answer to HEAD has no body.
        let method = if self.unchecked.starts_with(b"HEAD ") {
            "HEAD"
        } else {
            "GET"
        };
        let replacement =
            format!("{method} / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n");
        self.checked.extend_from_slice(replacement.as_bytes());
        self.unchecked = BytesMut::new();
        self.end = End::Refused;
    }

    /// Takes what was read into `buf` behind its first `filled` bytes. What is data of a body stays there.
    fn take_in(&mut self, buf: &mut ReadBuf<'_>, filled: usize) {
        let mut kept = filled;
        if self.scanner.is_in_data()
            && self.unchecked.is_empty()
            && let Ok(Step::Pass(length)) = self.scanner.step(&buf.filled()[filled..])
        {
            kept += length;
        }
        self.unchecked.extend_from_slice(&buf.filled()[kept..]);
        buf.set_filled(kept);
        self.check();
    }

    /// The unit whose time is running.
    fn begun_unit(&self) -> Option<u64> {
        // The head of the next request may wait for the response to this one.
        let waits = self.scanner.is_in_head() && self.exchange.is_answering();
        let unit = self.scanner.begun_unit(self.unchecked.len());
        unit.filter(|_| !waits)
    }
}

impl<IO: AsyncRead + Unpin> RequestGuard<IO> {
    fn poll_socket(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.scanner.is_behind_upgrade() {
            if let Some(is_upgraded) = self.exchange.upgrade_of(self.heads, cx.waker()) {
                self.scanner.decide_upgrade(is_upgraded);
                self.check();
                return Poll::Ready(Ok(()));
            } else if self.unchecked.len() >= MAX_BEHIND_UPGRADE {
                return Poll::Pending;
            }
        }
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for RequestGuard<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let filled = buf.filled().len();
        loop {
            if !this.checked.is_empty() {
                let length = this.checked.len().min(buf.remaining());
                buf.put_slice(&this.checked.split_to(length));
                if this.checked.is_empty() {
                    this.checked = BytesMut::new();
                }
                return Poll::Ready(Ok(()));
            }
            match &this.end {
                End::None => {}
                // The response ends the connection.
                End::Refused => return Poll::Pending,
                End::Malformed(error) => {
                    let error = error.to_string();
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
                }
            }
            let was_behind_upgrade = this.scanner.is_behind_upgrade();
            match this.poll_socket(cx, buf) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) if buf.filled().len() > filled => {
                    this.take_in(buf, filled);
                    if buf.filled().len() > filled {
                        this.deadline.note(this.begun_unit());
                        return Poll::Ready(Ok(()));
                    }
                }
                // Now that it is decided, there may be something to give out.
                Poll::Ready(Ok(())) if was_behind_upgrade && !this.scanner.is_behind_upgrade() => {}
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
            }
        }
        this.deadline.note(this.begun_unit());
        this.deadline.poll_elapsed(cx).map(|()| {
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "what the client began to send was not completed in time",
            ))
        })
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for RequestGuard<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
