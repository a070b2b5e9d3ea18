//! From frames to bytes: what waits to be sent, written in as few writes as possible.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncWrite, ReadBuf};

use crate::config::Role;
use crate::frame::{EncodedFrame, EncodedFrames, FrameHeader, MAX_HEADER_BYTES, OpCode};
use crate::handshake::RandomnessUnavailable;
use crate::mask::Mask;

/// Payloads up to this length are copied behind their header; longer ones are sent from where
/// they are. Below it a copy costs less than one more slice to write.
const MAX_COPIED_PAYLOAD_BYTES: usize = 1024;

/// The most slices in one write. Linux takes 1,024, but 64 already make the call's own cost small.
const MAX_SLICES: usize = 64;

/// How much is gathered for a byte stream that takes one slice at a time, in bytes: what a TLS
/// record holds.
const GATHERED_BYTES: usize = 16 * 1024;

/// A queue that is empty gives its memory back when it has room for more slices than this.
const MAX_IDLE_SLICES: usize = 8;

/// Holds encoded frames until the byte stream takes them.
#[derive(Debug)]
pub struct Writer {
    role: Role,
    queue: VecDeque<Bytes>,
    queued_bytes: usize,
    needs_flush: bool,
}

impl Writer {
    /// A writer at this `role`'s end of the connection.
    pub fn new(role: Role) -> Self {
        Self {
            role,
            queue: VecDeque::new(),
            queued_bytes: 0,
            needs_flush: false,
        }
    }

    /// How many bytes wait to be written.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Whether nothing waits to be written or flushed.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.needs_flush
    }

    /// Queues a frame that is encoded already. A server shares its bytes; a client has to mask
    /// a copy.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when there is no masking key for a client to use.
    pub fn push_encoded(&mut self, frame: &EncodedFrame) -> Result<(), RandomnessUnavailable> {
        match self.role {
            Role::Server => {
                self.push_bytes(frame.as_bytes().clone());
                Ok(())
            }
            Role::Client => self.push_frame(frame.op_code(), true, frame.payload()),
        }
    }

    /// Queues text messages that are encoded already. A server shares their bytes; a client has
    /// to mask a copy of each.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when there is no masking key for a client to use.
    pub fn push_frames(&mut self, frames: &EncodedFrames) -> Result<(), RandomnessUnavailable> {
        match self.role {
            Role::Server => {
                self.push_bytes(frames.as_bytes().clone());
                Ok(())
            }
            Role::Client => frames
                .payloads()
                .try_for_each(|payload| self.push_frame(OpCode::Text, true, payload)),
        }
    }

    /// Writes text messages that are encoded already, if nothing waits before them, and queues what the byte
    /// stream does not take at once. A delivery to one of thousands then passes no queue. What was written may
    /// still have to be flushed, by [`Writer::poll_write`].
    ///
    /// # Errors
    /// The byte stream's own, or [`RandomnessUnavailable`] as [`io::ErrorKind::Other`].
    pub fn write_through<IO: AsyncWrite + Unpin>(
        &mut self,
        io: &mut IO,
        cx: &mut Context<'_>,
        frames: &EncodedFrames,
    ) -> io::Result<()> {
        if self.role == Role::Client || !self.is_idle() {
            return self.push_frames(frames).map_err(io::Error::other);
        }
        let bytes = frames.as_bytes();
        let written = match Pin::new(io).poll_write(cx, bytes)? {
            Poll::Ready(0) if !bytes.is_empty() => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(written) => {
                self.needs_flush = true;
                written
            }
            Poll::Pending => 0,
        };
        if written < bytes.len() {
            self.push_bytes(bytes.slice(written..));
        }
        Ok(())
    }

    /// Queues a frame. A server does not copy a long payload.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when there is no masking key for a client to use.
    pub fn push_frame(
        &mut self,
        op_code: OpCode,
        fin: bool,
        payload: Bytes,
    ) -> Result<(), RandomnessUnavailable> {
        let mut mask = match self.role {
            Role::Server => None,
            Role::Client => Some(Mask::generate()?),
        };
        let header = FrameHeader {
            fin,
            op_code,
            mask: mask.map(Mask::key),
            payload_len: payload.len() as u64,
        };
        let copied = mask.is_some() || payload.len() <= MAX_COPIED_PAYLOAD_BYTES;
        let copied_bytes = if copied { payload.len() } else { 0 };
        let mut bytes = BytesMut::with_capacity(MAX_HEADER_BYTES + copied_bytes);
        header.encode(&mut bytes);
        let header_len = bytes.len();
        if copied {
            bytes.put_slice(&payload);
            if let Some(mask) = &mut mask {
                mask.apply(&mut bytes[header_len..]);
            }
            self.push_bytes(bytes.freeze());
        } else {
            self.push_bytes(bytes.freeze());
            self.push_bytes(payload);
        }
        Ok(())
    }

    /// Writes what is queued. Returns how much was written, and whether that was all and it was
    /// flushed.
    ///
    /// # Errors
    /// The byte stream's own, or [`io::ErrorKind::WriteZero`] when it takes nothing more.
    pub fn poll_write<IO: AsyncWrite + Unpin>(
        &mut self,
        io: &mut IO,
        cx: &mut Context<'_>,
    ) -> io::Result<(usize, Poll<()>)> {
        let mut written = 0;
        while !self.queue.is_empty() {
            match self.poll_write_once(Pin::new(io), cx)? {
                Poll::Pending => return Ok((written, Poll::Pending)),
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(len) => {
                    written += len;
                    self.consume(len);
                    self.needs_flush = true;
                }
            }
        }
        if self.needs_flush {
            match Pin::new(io).poll_flush(cx)? {
                Poll::Pending => return Ok((written, Poll::Pending)),
                Poll::Ready(()) => self.needs_flush = false,
            }
        }
        Ok((written, Poll::Ready(())))
    }

    fn push_bytes(&mut self, bytes: Bytes) {
        self.queued_bytes += bytes.len();
        self.queue.push_back(bytes);
    }

    fn poll_write_once<IO: AsyncWrite>(
        &self,
        io: Pin<&mut IO>,
        cx: &mut Context<'_>,
    ) -> io::Result<Poll<usize>> {
        let first = self.queue.front().map_or(&[][..], |bytes| &bytes[..]);
        if self.queue.len() == 1 || (!io.is_write_vectored() && first.len() >= GATHERED_BYTES) {
            return transpose(io.poll_write(cx, first));
        }
        if io.is_write_vectored() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let mut len = 0;
            for (slice, bytes) in slices.iter_mut().zip(&self.queue) {
                *slice = IoSlice::new(bytes);
                len += 1;
            }
            return transpose(io.poll_write_vectored(cx, &slices[..len]));
        }
        let mut memory = [MaybeUninit::uninit(); GATHERED_BYTES];
        let mut gathered = ReadBuf::uninit(&mut memory);
        for bytes in &self.queue {
            let len = bytes.len().min(gathered.remaining());
            gathered.put_slice(&bytes[..len]);
            if gathered.remaining() == 0 {
                break;
            }
        }
        transpose(io.poll_write(cx, gathered.filled()))
    }

    fn consume(&mut self, mut len: usize) {
        self.queued_bytes -= len;
        while let Some(first) = self.queue.front_mut() {
            if len < first.len() {
                first.advance(len);
                return;
            }
            len -= first.len();
            self.queue.pop_front();
        }
        if self.queue.capacity() > MAX_IDLE_SLICES {
            self.queue = VecDeque::new();
        }
    }
}

fn transpose(poll: Poll<io::Result<usize>>) -> io::Result<Poll<usize>> {
    match poll {
        Poll::Ready(result) => result.map(Poll::Ready),
        Poll::Pending => Ok(Poll::Pending),
    }
}
