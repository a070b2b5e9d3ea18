//! Lends a socket to a protocol library and has it back when the library is done.
//!
//! Both hyper and h2 drop the socket in some of their ways to end. Only who holds it can end
//! TLS properly and see to it that the last bytes arrive, so it is lent, never given.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

/// A socket that returns to its owner when it is dropped.
#[derive(Debug)]
pub(crate) struct Lent<IO> {
    /// `None` only while it is being dropped.
    io: Option<IO>,
    home: Option<oneshot::Sender<IO>>,
}

impl<IO> Lent<IO> {
    /// Lends `io`; the receiver has it back once the lent one is dropped.
    pub(crate) fn new(io: IO) -> (Self, oneshot::Receiver<IO>) {
        let (home, back) = oneshot::channel();
        let lent = Self {
            io: Some(io),
            home: Some(home),
        };
        (lent, back)
    }
}

impl<IO> Drop for Lent<IO> {
    fn drop(&mut self) {
        if let (Some(io), Some(home)) = (self.io.take(), self.home.take()) {
            // When nobody waits for it any more, it is closed by being dropped.
            drop(home.send(io));
        }
    }
}

impl<IO: Unpin> Lent<IO> {
    fn io(self: Pin<&mut Self>) -> io::Result<Pin<&mut IO>> {
        let io = self.get_mut().io.as_mut();
        io.map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Lent<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.io()?.poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Lent<IO> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io()?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io()?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_socket_is_back_when_the_borrower_drops_it() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let (lent, back) = Lent::new(ours);

        drop(lent);

        assert!(back.await.is_ok());
    }
}
