//! A byte stream whose frames somebody watches.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::frame::Frame;
use crate::scanner::{Depth, Scanner};

/// What a client sends first on an HTTP/2 connection (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which way a frame goes, seen from the end at which the tap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The other end sent it.
    Received,
    /// This end sent it.
    Sent,
}

/// Somebody who is shown frames.
pub trait Observe: Send {
    /// A frame went by.
    fn frame(&mut self, direction: Direction, frame: &Frame);
}

impl<F: FnMut(Direction, &Frame) + Send> Observe for F {
    fn frame(&mut self, direction: Direction, frame: &Frame) {
        self(direction, frame);
    }
}

/// Passes bytes on unchanged and shows the frames in them. A connection whose client does not begin
/// with HTTP/2 is passed on without a further look.
///
/// A connection that nobody watches should not have a tap at all; then it costs nothing.
pub struct Tap<IO> {
    io: IO,
    /// `None` when this is not HTTP/2.
    watch: Option<Box<Watch>>,
}

struct Watch {
    /// The direction from the client to the server.
    from_client: Direction,
    /// How many bytes of the client's preface have come.
    preface: usize,
    received: Scanner,
    sent: Scanner,
    observers: Vec<Box<dyn Observe>>,
}

impl<IO> Tap<IO> {
    /// Watches the client's end of a connection.
    pub fn client(io: IO, depth: Depth, observers: Vec<Box<dyn Observe>>) -> Self {
        Self::new(io, Direction::Sent, depth, observers)
    }

    /// Watches the server's end of a connection.
    pub fn server(io: IO, depth: Depth, observers: Vec<Box<dyn Observe>>) -> Self {
        Self::new(io, Direction::Received, depth, observers)
    }

    fn new(io: IO, from_client: Direction, depth: Depth, observers: Vec<Box<dyn Observe>>) -> Self {
        let watch = Watch {
            from_client,
            preface: 0,
            received: Scanner::new(depth),
            sent: Scanner::new(depth),
            observers,
        };
        Self {
            io,
            watch: Some(Box::new(watch)),
        }
    }

    fn saw(&mut self, direction: Direction, bytes: &[u8]) {
        if let Some(watch) = &mut self.watch
            && !watch.saw(direction, bytes)
        {
            self.watch = None;
        }
    }
}

impl Watch {
    /// Whether this is HTTP/2, as far as one can tell.
    fn saw(&mut self, direction: Direction, bytes: &[u8]) -> bool {
        let mut bytes = bytes;
        if direction == self.from_client && self.preface < PREFACE.len() {
            let expected = &PREFACE[self.preface..];
            let (preface, rest) = bytes.split_at(expected.len().min(bytes.len()));
            if !expected.starts_with(preface) {
                return false;
            }
            self.preface += preface.len();
            bytes = rest;
        }
        let scanner = match direction {
            Direction::Received => &mut self.received,
            Direction::Sent => &mut self.sent,
        };
        scanner.scan(bytes, |frame| {
            for observer in &mut self.observers {
                observer.frame(direction, frame);
            }
        });
        true
    }
}

impl<IO: fmt::Debug> fmt::Debug for Tap<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap")
            .field("io", &self.io)
            .finish_non_exhaustive()
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Tap<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let progress = Pin::new(&mut self.io).poll_read(cx, buf);
        self.saw(Direction::Received, &buf.filled()[before..]);
        progress
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Tap<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write(cx, buf);
        if let Poll::Ready(Ok(written)) = progress {
            self.saw(Direction::Sent, &buf[..written]);
        }
        progress
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(mut written)) = progress {
            for buf in bufs {
                let part = written.min(buf.len());
                self.saw(Direction::Sent, &buf[..part]);
                written -= part;
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
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::frame::FrameType;
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const SETTINGS_ACK: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];

    type Seen = Arc<Mutex<Vec<(Direction, FrameType, u8)>>>;

    fn recorder() -> (Seen, Vec<Box<dyn Observe>>) {
        let seen = Seen::default();
        let ours = seen.clone();
        let record = move |direction, frame: &Frame| {
            let frame = (direction, frame.kind, frame.flags.0);
            ours.lock().unwrap().push(frame);
        };
        (seen, vec![Box::new(record)])
    }

    #[tokio::test]
    async fn both_directions_are_shown_from_the_end_at_which_the_tap_is() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let (seen, observers) = recorder();
        let mut tap = Tap::client(ours, Depth::Control, observers);

        tap.write_all(PREFACE).await.unwrap();
        let parts = [IoSlice::new(&SETTINGS[..4]), IoSlice::new(&SETTINGS[4..])];
        assert_eq!(tap.write_vectored(&parts).await.unwrap(), SETTINGS.len());
        theirs.write_all(&SETTINGS_ACK).await.unwrap();
        tap.read_exact(&mut [0; 9]).await.unwrap();

        let expected = [
            (Direction::Sent, FrameType::SETTINGS, 0),
            (Direction::Received, FrameType::SETTINGS, 1),
        ];
        assert_eq!(*seen.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn another_protocol_passes_unwatched() {
        let (ours, mut theirs) = tokio::io::duplex(1_024);
        let (seen, observers) = recorder();
        let mut tap = Tap::server(ours, Depth::Contents, observers);

        theirs.write_all(b"PRI * HTTP/1.1\r\n\r\n").await.unwrap();
        theirs.write_all(&SETTINGS).await.unwrap();
        tap.read_exact(&mut [0; 27]).await.unwrap();
        tap.write_all(&SETTINGS).await.unwrap();

        assert!(seen.lock().unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn what_passes_is_unchanged_and_its_frames_are_seen(
            payloads in proptest::collection::vec(0_usize..300, 0..10),
            piece in 1_usize..64,
        ) {
            let mut bytes = PREFACE.to_vec();
            for length in &payloads {
                let length = u32::try_from(*length).unwrap();
                bytes.extend_from_slice(&length.to_be_bytes()[1..]);
                bytes.extend_from_slice(&[0xee, 0, 0, 0, 0, 1]);
                bytes.extend((0..length).map(|n| n.to_le_bytes()[0]));
            }
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let (ours, mut theirs) = tokio::io::duplex(piece);
                let (seen, observers) = recorder();
                let mut tap = Tap::server(ours, Depth::Contents, observers);
                let mut passed = Vec::new();
                let write = async {
                    theirs.write_all(&bytes).await.unwrap();
                    drop(theirs);
                };
                let (read, ()) = tokio::join!(tap.read_to_end(&mut passed), write);
                read.unwrap();
                assert_eq!(passed, bytes);
                let expected = vec![(Direction::Received, FrameType(0xee), 0); payloads.len()];
                assert_eq!(*seen.lock().unwrap(), expected);
            });
        }
    }
}
