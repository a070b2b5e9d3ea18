//! A peer that keeps the server busy with frames that ask for nothing is cut off.
//!
//! h2 bounds what such frames cost in memory; nothing in it bounds how many of them come, nor how long
//! one that was begun may take. The guard sits on the bytes from the peer and reads frame headers
//! (RFC 9113, section 4.1).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use h2::Reason;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::frame_scanner::{Found, FrameHeader, FrameScanner, frame_type};
use super::trailer_watch::{TrailerCounts, TrailerWatch};
use crate::protocol::preface::PREFACE;
use crate::protocol::unit_deadline::UnitDeadline;

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
    trailers: TrailerWatch,
    deadline: UnitDeadline,
    /// Frames and header blocks that are complete.
    units: u64,
    /// Whether the frame at hand is DATA, which has a deadline of its own: that of bodies.
    in_data: bool,
}

impl<IO> FloodGuard<IO> {
    /// Watches `io`, from which the client's preface has still to be read. The first frame, each header block
    /// and each frame but DATA must be complete within `timeout` from its first byte.
    pub(super) fn new(io: IO, timeout: Duration) -> (Self, Arc<Calm>) {
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
            trailers: TrailerWatch::default(),
            deadline: UnitDeadline::new(timeout),
            units: 0,
            in_data: false,
        };
        (guard, calm)
    }

    /// How many fields the trailers of each stream have.
    pub(super) fn trailer_counts(&self) -> TrailerCounts {
        self.trailers.counts()
    }

    /// Looks at what was found in the bytes from the peer.
    fn visit(&mut self, found: Found<'_>) -> Result<(), Reason> {
        match found {
            Found::Header(frame) => {
                self.check(frame)?;
                self.in_data = frame.kind == frame_type::DATA;
                self.trailers.frame(frame);
            }
            Found::Payload { bytes, is_last } => {
                self.trailers.payload(bytes, is_last);
                if is_last {
                    self.in_data = false;
                    // The frames of a header block are one unit.
                    self.units += u64::from(!self.trailers.is_in_block());
                }
            }
        }
        Ok(())
    }

    /// The unit whose time is running.
    fn begun_unit(&self) -> Option<u64> {
        let is_begun = !self.greeted
            || self.trailers.is_in_block()
            || self.scanner.is_in_frame() && !self.in_data;
        is_begun.then_some(self.units)
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
            this.deadline.note(this.begun_unit());
            if this.deadline.poll_elapsed(cx).is_ready() {
                this.calm.exceed(Reason::ENHANCE_YOUR_CALM);
            }
        }
        if buf.filled().len() > filled {
            this.calm.note_read();
            let mut scanner = std::mem::take(&mut this.scanner);
            let verdict = scanner.scan(&buf.filled()[filled..], |found| this.visit(found));
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
mod tests;
