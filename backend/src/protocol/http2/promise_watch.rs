//! Knows which promises have gone out.
//!
//! A client wants the numbers of promised streams to rise (RFC 9113, section 5.1.1). h2 gives the numbers
//! when a push is promised, but writes the frames of its streams in turn, one each: of two responses that
//! promise at the same time, the frames would come as 2, 8, 4. So a response may promise only when all that
//! others have promised is written, and only the bytes themselves tell that.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_scanner::{Found, FrameScanner, frame_type};

/// How many promises were written on one connection. Clones share the number.
#[derive(Clone, Debug, Default)]
pub(super) struct PromisesWritten(Arc<AtomicU64>);

impl PromisesWritten {
    /// How many.
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A byte stream whose outgoing frames are looked at.
#[derive(Debug)]
pub(super) struct PromiseWatch<IO> {
    io: IO,
    scanner: FrameScanner,
    written: PromisesWritten,
}

impl<IO> PromiseWatch<IO> {
    /// Watches what is written to `io`, from a server's first frame on.
    pub(super) fn new(io: IO) -> (Self, PromisesWritten) {
        let written = PromisesWritten::default();
        let watch = Self {
            io,
            scanner: FrameScanner::default(),
            written: written.clone(),
        };
        (watch, written)
    }

    fn look_at(&mut self, bytes: &[u8]) {
        let written = &self.written;
        let scanned = self.scanner.scan(bytes, |found| {
            if let Found::Header(frame) = found
                && frame.kind == frame_type::PUSH_PROMISE
            {
                written.0.fetch_add(1, Ordering::Release);
            }
            Ok::<(), Infallible>(())
        });
        debug_assert!(scanned.is_ok());
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for PromiseWatch<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for PromiseWatch<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write(cx, buf);
        if let Poll::Ready(Ok(length)) = progress {
            self.look_at(&buf[..length]);
        }
        progress
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(mut length)) = progress {
            for buf in bufs {
                let part = length.min(buf.len());
                self.look_at(&buf[..part]);
                length -= part;
            }
        }
        progress
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
    use futures_util::FutureExt as _;
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn frame(kind: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let header = [length[1], length[2], length[3], kind, 0, 0, 0, 0, 1];
        [&header[..], &vec![0x5; payload]].concat()
    }

    /// Takes all bytes that it is given, so many at a time.
    #[derive(Debug)]
    struct Sink(usize);

    impl AsyncWrite for Sink {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(self.0.min(buf.len())))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let length = bufs.iter().map(|buf| buf.len()).sum::<usize>();
            Poll::Ready(Ok(self.0.min(length)))
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    proptest! {
        #[test]
        fn promises_are_counted_however_the_bytes_are_taken(
            frames in proptest::collection::vec((0_u8..10, 0_usize..40), 0..20),
            at_a_time in 1_usize..60,
            cut in 0_usize..400,
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(|(kind, length)| frame(*kind, *length)).collect();
            let promises = frames.iter().filter(|(kind, _)| *kind == frame_type::PUSH_PROMISE);
            let (mut watch, written) = PromiseWatch::new(Sink(at_a_time));
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            watch.write_all(first).now_or_never().unwrap().unwrap();
            let mut left = second;
            while !left.is_empty() {
                let (one, two) = left.split_at(left.len() / 2);
                let parts = [IoSlice::new(one), IoSlice::new(two)];
                let length = watch.write_vectored(&parts).now_or_never().unwrap().unwrap();
                left = &left[length..];
            }
            prop_assert_eq!(written.get(), promises.count() as u64);
        }
    }
}
