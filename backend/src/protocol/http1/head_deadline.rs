//! A request's head must come within its time once it has begun.
//!
//! hyper has one timer for two things: the pause between two requests, which may be long, and
//! the time for a head, which must be short. It is given the long one; this is the short one.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Says whether bytes that arrive now belong to a request's head, and to which one.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Arc<State>);

#[derive(Debug, Default)]
struct State {
    answering: AtomicBool,
    /// How many heads were complete so far.
    heads: AtomicU64,
    /// Whether the connection has become something else: no head comes any more.
    upgraded: AtomicBool,
}

impl Busy {
    /// A head is complete: until the guard is dropped, its request is being answered.
    pub(super) fn begin(&self) -> BusyGuard {
        self.0.heads.fetch_add(1, Ordering::Relaxed);
        self.0.answering.store(true, Ordering::Relaxed);
        BusyGuard(self.0.clone())
    }

    fn is_busy(&self) -> bool {
        self.0.answering.load(Ordering::Relaxed) || self.0.upgraded.load(Ordering::Relaxed)
    }

    fn heads(&self) -> u64 {
        self.0.heads.load(Ordering::Relaxed)
    }
}

/// Lives as long as a request is being answered.
#[derive(Debug)]
pub(super) struct BusyGuard(Arc<State>);

impl BusyGuard {
    /// The answer turns the connection into something else, which has deadlines of its own.
    pub(super) fn upgrade(&self) {
        self.0.upgraded.store(true, Ordering::Relaxed);
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.answering.store(false, Ordering::Relaxed);
    }
}

/// Fails a read with [`io::ErrorKind::TimedOut`] when a head is begun and not completed.
#[derive(Debug)]
pub(super) struct HeadDeadline<IO> {
    io: IO,
    busy: Busy,
    timeout: Duration,
    /// Set while a head is incomplete.
    timer: Option<Pin<Box<Sleep>>>,
    /// How many heads were complete at the last read: one more means that the timer's head is.
    heads_seen: u64,
}

impl<IO> HeadDeadline<IO> {
    pub(super) fn new(io: IO, busy: Busy, timeout: Duration) -> Self {
        Self {
            io,
            busy,
            timeout,
            timer: None,
            heads_seen: 0,
        }
    }

    /// What was watched.
    pub(super) fn into_inner(self) -> IO {
        self.io
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for HeadDeadline<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let filled = buf.filled().len();
        let progress = Pin::new(&mut this.io).poll_read(cx, buf);
        // A short answer may be complete before the next read, so being busy now is not all.
        let heads = this.busy.heads();
        if heads != this.heads_seen {
            this.heads_seen = heads;
            this.timer = None;
        }
        if this.busy.is_busy() {
            return progress;
        }
        if buf.filled().len() > filled && this.timer.is_none() {
            let deadline = Instant::now() + this.timeout;
            this.timer = Some(Box::pin(tokio::time::sleep_until(deadline)));
        }
        let (Some(timer), Poll::Pending) = (&mut this.timer, &progress) else {
            return progress;
        };
        timer.as_mut().poll(cx).map(|()| {
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the head of a request was not completed in time",
            ))
        })
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for HeadDeadline<IO> {
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_a_byte_at_a_time_is_cut_off_at_the_deadline() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut io = HeadDeadline::new(ours, Busy::default(), TIMEOUT);
        tokio::spawn(async move {
            while theirs.write_u8(b'x').await.is_ok() {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        });
        let begin = Instant::now();

        let error = loop {
            if let Err(error) = io.read_u8().await {
                break error;
            }
        };

        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begin.elapsed(), TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_after_an_answered_request_may_take_longer_than_a_head() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let busy = Busy::default();
        let mut io = HeadDeadline::new(ours, busy.clone(), TIMEOUT);
        theirs.write_u8(b'1').await.unwrap();
        io.read_u8().await.unwrap();
        drop(busy.begin());
        tokio::spawn(async move {
            tokio::time::sleep(TIMEOUT * 2).await;
            theirs.write_u8(b'2').await.unwrap();
            tokio::time::sleep(TIMEOUT * 2).await;
        });

        assert_eq!(io.read_u8().await.unwrap(), b'2');
        let error = io.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_take_longer_than_a_head() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let busy = Busy::default();
        let mut io = HeadDeadline::new(ours, busy.clone(), TIMEOUT);
        theirs.write_u8(b'h').await.unwrap();
        io.read_u8().await.unwrap();
        let _answering = busy.begin();
        tokio::spawn(async move {
            tokio::time::sleep(TIMEOUT * 2).await;
            theirs.write_u8(b'b').await.unwrap();
        });

        assert_eq!(io.read_u8().await.unwrap(), b'b');
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_after_an_upgrade_is_no_head() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let busy = Busy::default();
        let mut io = HeadDeadline::new(ours, busy.clone(), TIMEOUT);
        theirs.write_u8(b'h').await.unwrap();
        io.read_u8().await.unwrap();
        let answering = busy.begin();
        answering.upgrade();
        drop(answering);
        tokio::spawn(async move {
            for frame in [b'1', b'2'] {
                theirs.write_u8(frame).await.unwrap();
                tokio::time::sleep(TIMEOUT * 2).await;
            }
        });

        assert_eq!(io.read_u8().await.unwrap(), b'1');
        assert_eq!(io.read_u8().await.unwrap(), b'2');
    }
}
