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
    /// Whether the last request ended with an empty line, as one does that has no body or one in
    /// chunks (RFC 9112, sections 2.1 and 7.1).
    ended_by_empty_line: AtomicBool,
    /// Whether the connection has become something else: no head comes any more.
    upgraded: AtomicBool,
}

impl Busy {
    /// A head is complete: until the guard is dropped, its request is being answered. What is read
    /// behind an empty line that ends the request is the beginning of the next one.
    pub(super) fn begin(&self, ends_by_empty_line: bool) -> BusyGuard {
        self.0.heads.fetch_add(1, Ordering::Relaxed);
        self.0
            .ended_by_empty_line
            .store(ends_by_empty_line, Ordering::Relaxed);
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
///
/// A head may begin in the same read as the request before it, and hyper keeps it without a word.
/// It shows by what was read last: an empty line if nothing came after the request. Behind a body
/// of a given length that cannot be seen, and the head has the time of an idle connection.
#[derive(Debug)]
pub(super) struct HeadDeadline<IO> {
    io: IO,
    busy: Busy,
    timeout: Duration,
    /// Set while a head is incomplete.
    timer: Option<Pin<Box<Sleep>>>,
    /// How many heads were complete at the last read: one more means that the timer's head is.
    heads_seen: u64,
    /// The bytes read last, the last one at the end.
    tail: [u8; 3],
}

impl<IO> HeadDeadline<IO> {
    pub(super) fn new(io: IO, busy: Busy, timeout: Duration) -> Self {
        Self {
            io,
            busy,
            timeout,
            timer: None,
            heads_seen: 0,
            tail: [0; 3],
        }
    }

    /// What was watched.
    pub(super) fn into_inner(self) -> IO {
        self.io
    }

    fn note_tail(&mut self, read: &[u8]) {
        let new = &read[read.len().saturating_sub(self.tail.len())..];
        self.tail.rotate_left(new.len());
        let kept = self.tail.len() - new.len();
        self.tail[kept..].copy_from_slice(new);
    }

    /// Whether a head began behind the last request and has not gone on since.
    fn has_begun_head(&self) -> bool {
        let empty_line = self.tail == *b"\n\r\n" || self.tail.ends_with(b"\n\n");
        self.heads_seen > 0
            && self.busy.0.ended_by_empty_line.load(Ordering::Relaxed)
            && !empty_line
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
        this.note_tail(&buf.filled()[filled..]);
        // A short answer may be complete before the next read, so being busy now is not all.
        let heads = this.busy.heads();
        if heads != this.heads_seen {
            this.heads_seen = heads;
            this.timer = None;
        }
        if this.busy.is_busy() {
            return progress;
        }
        let has_begun = buf.filled().len() > filled || this.has_begun_head();
        if has_begun && this.timer.is_none() {
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
        drop(busy.begin(false));
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
        let _answering = busy.begin(false);
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
        let answering = busy.begin(false);
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

    /// Reads a request that came in one piece with `behind` after it, answers it, and says when the
    /// connection is cut off in the end: at most after a hundred times the time of a head.
    async fn cut_off_after(request: &[u8], ends_by_empty_line: bool, behind: &[u8]) -> Duration {
        let (ours, mut theirs) = tokio::io::duplex(1_000);
        let busy = Busy::default();
        let mut io = HeadDeadline::new(ours, busy.clone(), TIMEOUT);
        theirs.write_all(&[request, behind].concat()).await.unwrap();
        let sent = request.len() + behind.len();
        io.read_exact(&mut vec![0; sent]).await.unwrap();
        drop(busy.begin(ends_by_empty_line));
        let begin = Instant::now();
        let _ = tokio::time::timeout(TIMEOUT * 100, io.read_u8()).await;
        begin.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_begins_in_the_same_piece_as_the_request_before_it_has_the_same_time() {
        for request in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\n\n",
            "0\r\n\r\n",
        ] {
            for begun in ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX"] {
                let time = cut_off_after(request.as_bytes(), true, begun.as_bytes()).await;
                assert_eq!(time, TIMEOUT, "{request:?} {begun:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_follows_may_rest() {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(cut_off_after(request, true, b"").await, TIMEOUT * 100);
        // Old clients send an empty line after a body.
        assert_eq!(cut_off_after(request, true, b"\r\n").await, TIMEOUT * 100);
        let with_length = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nfoo";
        assert_eq!(cut_off_after(with_length, false, b"").await, TIMEOUT * 100);
    }
}
