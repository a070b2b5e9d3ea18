//! A peer that keeps the server busy with frames that ask for nothing is cut off.
//!
//! h2 bounds what such frames cost in memory; nothing in it bounds how many of them come.
//! The guard sits on the bytes from the peer and reads frame headers (RFC 9113, section 4.1).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};

use h2::Reason;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::frame_scanner::{FrameHeader, FrameScanner, frame_type};
use crate::protocol::preface::PREFACE;

/// Frames that ask for nothing (PING, SETTINGS, PRIORITY, GOAWAY, unknown types, empty DATA, empty or
/// needless CONTINUATION) which may come at once.
const CONTROL_BURST: u32 = 1_000;
/// And how many more a second. Clients that measure the round trip ping some ten times.
const CONTROL_PER_SECOND: u32 = 100;

/// Requests that may be withdrawn at once: leaving a page with many pictures does that.
const RESET_BURST: u32 = 1_000;
/// And how many more a second; the figures are nghttp2's.
const RESETS_PER_SECOND: u32 = 33;

/// `WINDOW_UPDATE` frames that may come at once without anything having been sent.
const WINDOW_UPDATE_BURST: u32 = 10_000;
/// And how many more a second.
const WINDOW_UPDATES_PER_SECOND: u32 = 1_000;
/// And how many more for each DATA frame sent: clients update stream and connection, some
/// of them for every part that they consume.
const WINDOW_UPDATES_PER_DATA_FRAME: u64 = 4;

/// Frames after which the connection's task lets others run. Who reads what came in many small
/// frames must get a turn before h2 takes the pile of them for a flood.
const FRAMES_A_TURN: usize = 1_000;

/// Says when a peer has gone too far. Shared by the guard and the connection's driver.
#[derive(Debug)]
pub(super) struct Calm {
    /// Why, once it has: a code of RFC 9113, section 7, of which 0 is no error.
    exceeded: AtomicU32,
    notify: Notify,
    started: Instant,
    last_read_microseconds: AtomicU64,
    data_frames_sent: AtomicU64,
}

impl Calm {
    /// Waits until the peer has gone too far; says what to end the connection with.
    ///
    /// # Cancel safety
    /// Safe.
    pub(super) async fn exceeded(&self) -> Reason {
        loop {
            match self.exceeded.load(Ordering::Acquire) {
                0 => self.notify.notified().await,
                code => return code.into(),
            }
        }
    }

    /// When the last bytes came from the peer, never earlier than they did: the answer to a PING
    /// may come in the same microsecond.
    pub(super) fn last_read(&self) -> Instant {
        let microseconds = self.last_read_microseconds.load(Ordering::Relaxed);
        self.started + std::time::Duration::from_micros(microseconds)
    }

    /// Counts DATA sent, for which the peer may answer with window updates.
    pub(super) fn data_sent(&self, bytes: usize) {
        // A frame holds at least 16,384 bytes if the peer did not ask for more.
        let frames = 1 + (bytes / 16_384) as u64;
        self.data_frames_sent.fetch_add(frames, Ordering::Relaxed);
    }

    fn note_read(&self) {
        let microseconds = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_read_microseconds
            .store(microseconds.saturating_add(1), Ordering::Relaxed);
    }

    fn exceed(&self, reason: Reason) {
        self.exceeded.store(reason.into(), Ordering::Release);
        self.notify.notify_one();
    }
}

/// A budget that fills again with time.
#[derive(Debug)]
struct TokenBucket {
    tokens: u64,
    burst: u64,
    per_second: u64,
    filled: Instant,
}

impl TokenBucket {
    fn new(burst: u32, per_second: u32) -> Self {
        Self {
            tokens: burst.into(),
            burst: burst.into(),
            per_second: per_second.into(),
            filled: Instant::now(),
        }
    }

    /// Whether there was a token left to take.
    fn take(&mut self) -> bool {
        if self.tokens == 0 {
            self.refill();
        }
        match self.tokens.checked_sub(1) {
            Some(left) => {
                self.tokens = left;
                true
            }
            None => false,
        }
    }

    fn add(&mut self, tokens: u64) {
        self.tokens = self.tokens.saturating_add(tokens).min(self.burst);
    }

    fn refill(&mut self) {
        let milliseconds = u64::try_from(self.filled.elapsed().as_millis()).unwrap_or(u64::MAX);
        let tokens = milliseconds.saturating_mul(self.per_second) / 1_000;
        if tokens > 0 {
            self.filled = Instant::now();
            self.add(tokens);
        }
    }
}

/// Watches the frames of one peer. Once the peer goes too far, nothing more is read from it.
#[derive(Debug)]
pub(super) struct FloodGuard<IO> {
    io: IO,
    scanner: FrameScanner,
    calm: Arc<Calm>,
    control: TokenBucket,
    resets: TokenBucket,
    window_updates: TokenBucket,
    data_frames_credited: u64,
    /// Whether the client's first frame has come.
    greeted: bool,
    /// Frames since the connection's task last had to wait.
    frames_this_turn: usize,
}

impl<IO> FloodGuard<IO> {
    /// Watches `io`, from which the client's preface has still to be read.
    pub(super) fn new(io: IO) -> (Self, Arc<Calm>) {
        let calm = Arc::new(Calm {
            exceeded: AtomicU32::new(0),
            notify: Notify::new(),
            started: Instant::now(),
            last_read_microseconds: AtomicU64::new(0),
            data_frames_sent: AtomicU64::new(0),
        });
        let guard = Self {
            io,
            scanner: FrameScanner::after(PREFACE.len()),
            calm: calm.clone(),
            control: TokenBucket::new(CONTROL_BURST, CONTROL_PER_SECOND),
            resets: TokenBucket::new(RESET_BURST, RESETS_PER_SECOND),
            window_updates: TokenBucket::new(WINDOW_UPDATE_BURST, WINDOW_UPDATES_PER_SECOND),
            data_frames_credited: 0,
            greeted: false,
            frames_this_turn: 0,
        };
        (guard, calm)
    }

    /// What the connection is to be ended with, if this frame must not come now.
    fn check(&mut self, frame: FrameHeader) -> Result<(), Reason> {
        self.frames_this_turn += 1;
        // SETTINGS belong to the client's preface (RFC 9113, section 3.4); h2 does without.
        if !std::mem::replace(&mut self.greeted, true) && !frame.is_first_settings() {
            return Err(Reason::PROTOCOL_ERROR);
        }
        if !frame.has_valid_length() {
            // h2 answers most of these with PROTOCOL_ERROR.
            Err(Reason::FRAME_SIZE_ERROR)
        } else if self.allows(frame) {
            Ok(())
        } else {
            Err(Reason::ENHANCE_YOUR_CALM)
        }
    }

    /// Whether the peer has not sent too much of this kind.
    fn allows(&mut self, frame: FrameHeader) -> bool {
        match frame.kind {
            frame_type::HEADERS => true,
            frame_type::DATA if frame.length > 0 || frame.ends_stream() => true,
            frame_type::CONTINUATION if frame.length > 0 => true,
            frame_type::RST_STREAM => self.resets.take(),
            frame_type::WINDOW_UPDATE => {
                let sent = self.calm.data_frames_sent.load(Ordering::Relaxed);
                let new = sent - self.data_frames_credited;
                self.data_frames_credited = sent;
                self.window_updates
                    .add(new.saturating_mul(WINDOW_UPDATES_PER_DATA_FRAME));
                self.window_updates.take()
            }
            _ => self.control.take(),
        }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for FloodGuard<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.calm.exceeded.load(Ordering::Relaxed) != 0 {
            return Poll::Pending;
        }
        if this.frames_this_turn >= FRAMES_A_TURN {
            this.frames_this_turn = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let filled = buf.filled().len();
        let progress = Pin::new(&mut this.io).poll_read(cx, buf);
        if progress.is_pending() {
            this.frames_this_turn = 0;
        }
        if buf.filled().len() > filled {
            this.calm.note_read();
            let mut scanner = std::mem::take(&mut this.scanner);
            let verdict = scanner.scan(&buf.filled()[filled..], |frame| this.check(frame));
            this.scanner = scanner;
            if let Err((reason, offset)) = verdict {
                this.calm.exceed(reason);
                // h2 has its own opinion of such a frame, so it does not get to see it.
                buf.set_filled(filled + offset);
                if offset == 0 {
                    return Poll::Pending;
                }
            }
        }
        progress
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for FloodGuard<IO> {
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

    fn frame(kind: u8, length: u32) -> FrameHeader {
        FrameHeader {
            kind,
            flags: 0,
            length,
        }
    }

    fn guard() -> (FloodGuard<tokio::io::Empty>, Arc<Calm>) {
        FloodGuard::new(tokio::io::empty())
    }

    #[tokio::test]
    async fn what_is_read_after_a_moment_is_never_said_to_be_read_before() {
        let (_, calm) = guard();
        for _ in 0..1_000 {
            let moment = Instant::now();
            calm.note_read();
            assert!(calm.last_read() >= moment);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_pings_passes_and_one_more_does_not() {
        let (mut guard, _) = guard();
        let ping = frame(frame_type::PING, 8);
        assert!((0..CONTROL_BURST).all(|_| guard.allows(ping)));
        assert!(!guard.allows(ping));
    }

    #[tokio::test(start_paused = true)]
    async fn pings_at_the_allowed_rate_pass_for_ever() {
        let (mut guard, _) = guard();
        let ping = frame(frame_type::PING, 8);
        for _ in 0..CONTROL_BURST * 3 {
            tokio::time::advance(std::time::Duration::from_secs(1) / CONTROL_PER_SECOND).await;
            assert!(guard.allows(ping));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn withdrawn_requests_have_a_budget_of_their_own() {
        let (mut guard, _) = guard();
        let reset = frame(frame_type::RST_STREAM, 4);
        assert!((0..RESET_BURST).all(|_| guard.allows(reset)));
        assert!(!guard.allows(reset));
        assert!(guard.allows(frame(frame_type::PING, 8)));
    }

    #[tokio::test(start_paused = true)]
    async fn window_updates_are_paid_for_by_data_that_was_sent() {
        let (mut guard, calm) = guard();
        let update = frame(frame_type::WINDOW_UPDATE, 4);
        assert!((0..WINDOW_UPDATE_BURST).all(|_| guard.allows(update)));
        assert!(!guard.allows(update));
        calm.data_sent(100);
        assert!((0..WINDOW_UPDATES_PER_DATA_FRAME).all(|_| guard.allows(update)));
        assert!(!guard.allows(update));
    }

    #[tokio::test(start_paused = true)]
    async fn requests_and_data_are_never_a_flood() {
        let (mut guard, _) = guard();
        for _ in 0..CONTROL_BURST * 10 {
            assert!(guard.allows(frame(frame_type::HEADERS, 20)));
            assert!(guard.allows(frame(frame_type::DATA, 1)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn empty_data_that_does_not_end_a_stream_is_one() {
        let (mut guard, _) = guard();
        let empty = frame(frame_type::DATA, 0);
        assert!((0..CONTROL_BURST).all(|_| guard.allows(empty)));
        assert!(!guard.allows(empty));
    }
}
