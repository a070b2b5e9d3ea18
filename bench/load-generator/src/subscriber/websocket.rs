//! Receives a WebSocket: reads frame by frame, answers pings, makes nothing of the messages.

use std::cell::RefCell;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::BytesMut;
use roomcast_client::http::ByteStream;
use roomcast_websocket::ProtocolError;
use roomcast_websocket::frame::{FrameHeader, OpCode};
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};

use crate::error::Error;
use crate::mark::Mark;
use crate::tally::Tally;

/// How much is read at once, in bytes.
const READ_BYTES: usize = 64 * 1024;

/// What is left of a frame, and what has come since.
#[derive(Debug, Default)]
struct Frames {
    rest: Vec<u8>,
    marks: Vec<Mark>,
    /// The answers to pings, which wait to be sent.
    pongs: BytesMut,
}

/// Receives until the peer ends the stream.
#[expect(
    clippy::large_stack_arrays,
    reason = "on the stack it is one for all; in each of thousands of tasks it would be measured as well"
)]
pub(super) async fn receive(mut stream: ByteStream, tally: &RefCell<Tally>) -> Result<(), Error> {
    let mut frames = Frames::default();
    loop {
        let read = poll_fn(|cx| {
            let mut memory = [MaybeUninit::uninit(); READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut memory);
            ready!(Pin::new(&mut stream).poll_read(cx, &mut buffer))?;
            let input = buffer.filled();
            Poll::Ready(
                frames
                    .read(input)
                    .map(|()| input.len())
                    .map_err(Error::from),
            )
        });
        if read.await? == 0 {
            return Ok(());
        }
        tally.borrow_mut().count(&frames.marks);
        frames.marks.clear();
        if !frames.pongs.is_empty() {
            stream.write_all(&frames.pongs.split()).await?;
            stream.flush().await?;
        }
    }
}

impl Frames {
    fn read(&mut self, input: &[u8]) -> Result<(), ProtocolError> {
        let joined;
        let mut input = if self.rest.is_empty() {
            input
        } else {
            joined = [&self.rest, input].concat();
            self.rest = Vec::new();
            &joined
        };
        while let Some((header, header_bytes)) = FrameHeader::parse(input)? {
            let payload_len = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
            let Some(payload) = input.get(header_bytes..header_bytes.saturating_add(payload_len))
            else {
                break;
            };
            match header.op_code {
                OpCode::Ping => self.answer(payload),
                OpCode::Text | OpCode::Binary => self.marks.extend(Mark::find_last(payload)),
                OpCode::Continuation | OpCode::Close | OpCode::Pong => {}
            }
            input = &input[header_bytes + payload_len..];
        }
        self.rest.extend_from_slice(input);
        Ok(())
    }

    fn answer(&mut self, payload: &[u8]) {
        let header = FrameHeader {
            fin: true,
            op_code: OpCode::Pong,
            // A key of zeros changes nothing of what it masks.
            mask: Some([0; 4]),
            payload_len: payload.len() as u64,
        };
        header.encode(&mut self.pongs);
        self.pongs.extend_from_slice(payload);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roomcast_websocket::EncodedFrame;

    use super::*;

    proptest! {
        #[test]
        fn messages_are_found_and_pings_answered_wherever_the_stream_is_cut(
            count in 0_u32..10, length in 21_usize..300, piece in 1_usize..200,
        ) {
            let marks: Vec<_> = (0..count).map(|number| Mark { number, sent_at: 7 }).collect();
            let mut stream = Vec::new();
            for mark in &marks {
                stream.extend_from_slice(EncodedFrame::ping(b"p").as_bytes());
                stream.extend_from_slice(EncodedFrame::text(&mark.to_text(length)).as_bytes());
            }
            let mut frames = Frames::default();
            for piece in stream.chunks(piece) {
                frames.read(piece).unwrap();
            }
            prop_assert_eq!(frames.marks, marks);
            let pong = [0x8A, 0x81, 0, 0, 0, 0, b'p'];
            prop_assert_eq!(&frames.pongs[..], pong.repeat(count as usize));
        }
    }
}
