//! One HTTP/2 stream as a byte stream, after an extended CONNECT (RFC 8441).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use h2::{Reason, RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::flood_guard::Calm;
use super::keep_alive::ActiveStream;

/// What is said in DATA frames, in both directions. Ending our side sends `END_STREAM`;
/// dropping it earlier resets the stream.
#[derive(Debug)]
pub struct Tunnel {
    receive: RecvStream,
    send: SendStream<Bytes>,
    /// Received and not yet read.
    unread: Bytes,
    ended: bool,
    /// Hears of what is sent, for which the client may open its windows again.
    calm: Arc<Calm>,
    _active: ActiveStream,
}

impl Tunnel {
    pub(super) fn new(
        receive: RecvStream,
        send: SendStream<Bytes>,
        calm: Arc<Calm>,
        active: ActiveStream,
    ) -> Self {
        Self {
            receive,
            send,
            unread: Bytes::new(),
            ended: false,
            calm,
            _active: active,
        }
    }
}

impl Tunnel {
    /// The end of what the client sends. Trailers have no place in a byte stream (RFC 9113, section 8.5).
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Ok(Some(_)) = ready!(self.receive.poll_trailers(cx)) {
            self.send.send_reset(Reason::PROTOCOL_ERROR);
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        Poll::Ready(Ok(()))
    }
}

fn to_io(error: h2::Error) -> io::Error {
    if error.is_io() {
        error
            .into_io()
            .unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())
    } else {
        io::Error::new(io::ErrorKind::ConnectionReset, error)
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.unread.is_empty() {
            match ready!(this.receive.poll_data(cx)) {
                None => return this.poll_end(cx),
                Some(Err(error)) if error.reason() == Some(Reason::NO_ERROR) => {
                    return Poll::Ready(Ok(()));
                }
                Some(Err(error)) => return Poll::Ready(Err(to_io(error))),
                Some(Ok(data)) => this.unread = data,
            }
        }
        let length = this.unread.len().min(buf.remaining());
        buf.put_slice(&this.unread[..length]);
        this.unread.advance(length);
        // Window is given back only for what was really read: a reader that stops, stops the
        // client.
        this.receive
            .flow_control()
            .release_capacity(length)
            .map_err(to_io)?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.send.reserve_capacity(buf.len());
        let mut capacity = self.send.capacity();
        while capacity == 0 {
            capacity = match ready!(self.send.poll_capacity(cx)) {
                Some(Ok(capacity)) => capacity,
                Some(Err(error)) => return Poll::Ready(Err(to_io(error))),
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            };
        }
        let length = capacity.min(buf.len());
        self.calm.data_sent(length);
        self.send
            .send_data(Bytes::copy_from_slice(&buf[..length]), false)
            .map_err(to_io)?;
        Poll::Ready(Ok(length))
    }

    /// Written data is with the connection at once, which writes it as soon as it can.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.ended {
            self.ended = true;
            self.send.send_data(Bytes::new(), true).map_err(to_io)?;
        }
        Poll::Ready(Ok(()))
    }
}
