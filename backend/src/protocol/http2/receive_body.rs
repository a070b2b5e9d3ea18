//! A request's body as it arrives on a stream (RFC 9113, section 6.1), under flow control.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::RecvStream;
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use super::responder::Responder;

/// Reads a stream. Window is given back as data is taken out, so a handler that stops reading
/// stops the client.
#[derive(Debug)]
pub(super) struct ReceiveBody {
    stream: RecvStream,
    length: Option<u64>,
    data_ended: bool,
    /// Set while the client waits for 100 (Continue) before it sends the body.
    expecting: Option<Responder>,
}

impl ReceiveBody {
    pub(super) fn new(
        stream: RecvStream,
        length: Option<u64>,
        expecting: Option<Responder>,
    ) -> Self {
        Self {
            data_ended: stream.is_end_stream(),
            stream,
            length,
            expecting,
        }
    }

    /// Tells a client that waits for it to send the body (RFC 9110, section 10.1.1).
    fn go_on(&mut self) {
        if let Some(responder) = self.expecting.take() {
            let mut head = Response::new(());
            *head.status_mut() = StatusCode::CONTINUE;
            // If the response has begun or the stream is gone, nobody waits any more.
            let _ = responder.ahead(|send| send.send_informational(head));
        }
    }
}

impl Body for ReceiveBody {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let this = self.get_mut();
        this.go_on();
        if !this.data_ended {
            if let Some(data) = ready!(this.stream.poll_data(cx)) {
                let data = data?;
                this.stream.flow_control().release_capacity(data.len())?;
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            this.data_ended = true;
        }
        let trailers = ready!(this.stream.poll_trailers(cx))?;
        Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
