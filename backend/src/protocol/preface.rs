//! The first bytes of a connection: do they begin HTTP/2 (RFC 9113, section 3.4)?

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::{Instant, timeout_at};

/// What a client sends first on an HTTP/2 connection.
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the first bytes turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The whole preface of HTTP/2.
    Http2,
    /// Bytes that are not the whole preface, be it that another one stands in its place or that
    /// the rest did not come.
    Other,
    /// A part of the preface, and then nothing for as long as was waited.
    Unfinished,
    /// Not a single byte.
    Nothing,
}

/// A connection whose first bytes were read ahead and will be read again.
#[derive(Debug)]
pub(crate) struct Opened<IO> {
    io: IO,
    ahead: Bytes,
}

impl<IO> Opened<IO> {
    /// The connection as it was before `ahead` was read from it.
    pub(crate) fn new(io: IO, ahead: Bytes) -> Self {
        let mut opened = Self { io, ahead };
        opened.forget_empty();
        opened
    }

    /// Gives memory back: an empty slice would keep all of the buffer that it was cut from.
    fn forget_empty(&mut self) {
        if self.ahead.is_empty() {
            self.ahead = Bytes::new();
        }
    }
}

/// Reads until it is clear whether the peer speaks HTTP/2, for at most `patience`, and not a
/// byte further than the preface is long. Yields what was read, too.
///
/// # Errors
/// What the connection fails with.
///
/// # Cancel safety
/// Not safe: what was read is lost.
pub(crate) async fn open<IO>(io: &mut IO, patience: Duration) -> io::Result<(Opening, Bytes)>
where
    IO: AsyncRead + Unpin,
{
    let deadline = Instant::now() + patience;
    let mut first = [0; PREFACE.len()];
    let mut filled = 0;
    let opening = loop {
        let Ok(read) = timeout_at(deadline, io.read(&mut first[filled..])).await else {
            break match filled {
                0 => Opening::Nothing,
                _ => Opening::Unfinished,
            };
        };
        let read = read?;
        filled += read;
        if filled == 0 {
            break Opening::Nothing;
        } else if read == 0 || first[..filled] != PREFACE[..filled] {
            break Opening::Other;
        } else if filled == PREFACE.len() {
            break Opening::Http2;
        }
    };
    Ok((opening, Bytes::copy_from_slice(&first[..filled])))
}

impl<IO: AsyncRead + Unpin> AsyncRead for Opened<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let length = self.ahead.len().min(buf.remaining());
        buf.put_slice(&self.ahead[..length]);
        self.ahead.advance(length);
        self.forget_empty();
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Opened<IO> {
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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Sends `bytes` in pieces of `piece` bytes, closes, and says what they were taken for and
    /// what is read afterwards.
    async fn opened(bytes: &[u8], piece: usize) -> (Opening, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(piece);
        let sent = bytes.to_vec();
        let writer = tokio::spawn(async move {
            theirs.write_all(&sent).await.unwrap();
        });
        let (opening, ahead) = open(&mut ours, PATIENCE).await.unwrap();
        let mut io = Opened::new(ours, ahead);
        let mut read = Vec::new();
        io.read_to_end(&mut read).await.unwrap();
        writer.await.unwrap();
        (opening, read)
    }

    #[tokio::test]
    async fn the_preface_begins_http2_and_is_read_again() {
        for piece in [1, 7, 64] {
            let mut sent = PREFACE.to_vec();
            sent.extend_from_slice(b"frames");
            assert_eq!(opened(&sent, piece).await, (Opening::Http2, sent));
        }
    }

    #[tokio::test]
    async fn a_request_line_begins_something_else_and_is_read_again() {
        let sent = b"GET / HTTP/1.1\r\n\r\n".to_vec();
        assert_eq!(opened(&sent, 64).await, (Opening::Other, sent));
    }

    #[tokio::test]
    async fn half_a_preface_is_none() {
        let sent = PREFACE[..12].to_vec();
        assert_eq!(opened(&sent, 64).await, (Opening::Other, sent));
        assert_eq!(opened(b"", 64).await, (Opening::Nothing, vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_falls_silent_is_waited_for_no_longer_than_said() {
        let begin = Instant::now();
        for (said, expected) in [(0, Opening::Nothing), (12, Opening::Unfinished)] {
            let (mut ours, mut theirs) = tokio::io::duplex(64);
            theirs.write_all(&PREFACE[..said]).await.unwrap();
            let (opening, ahead) = open(&mut ours, PATIENCE).await.unwrap();
            assert_eq!((opening, ahead.len()), (expected, said));
        }
        assert_eq!(begin.elapsed(), PATIENCE * 2);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_again_to_the_byte(
            bytes in proptest::collection::vec(any::<u8>(), 0..64), piece in 1_usize..40,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build().unwrap();
            let (_, read) = runtime.block_on(opened(&bytes, piece));
            prop_assert_eq!(read, bytes);
        }
    }
}
