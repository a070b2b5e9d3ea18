//! A request's body as it arrives on a stream (RFC 9113, section 6.1), under flow control.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;

use super::request_rules;
use super::responder::Responder;

/// Reads a stream. Window is given back as data is taken out, so a handler that stops reading
/// stops the client. One that was not read to its end is handed back when it is dropped.
#[derive(Debug)]
pub(super) struct ReceiveBody {
    /// Taken only by `drop`.
    stream: Option<RecvStream>,
    unread: Option<oneshot::Sender<RecvStream>>,
    length: Option<u64>,
    data_ended: bool,
    /// Set while the client waits for 100 (Continue) before it sends the body.
    expecting: Option<Responder>,
}

impl ReceiveBody {
    pub(super) fn new(
        stream: RecvStream,
        unread: Option<oneshot::Sender<RecvStream>>,
        length: Option<u64>,
        expecting: Option<Responder>,
    ) -> Self {
        Self {
            data_ended: stream.is_end_stream(),
            stream: Some(stream),
            unread,
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
        let Some(stream) = &mut this.stream else {
            return Poll::Ready(None);
        };
        if !this.data_ended {
            if let Some(data) = ready!(stream.poll_data(cx)) {
                let data = data?;
                stream.flow_control().release_capacity(data.len())?;
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            this.data_ended = true;
        }
        let Some(trailers) = ready!(stream.poll_trailers(cx))? else {
            return Poll::Ready(None);
        };
        if request_rules::check_values(&trailers).is_err() {
            return Poll::Ready(Some(Err(Reason::PROTOCOL_ERROR.into())));
        }
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.stream.as_ref().is_none_or(RecvStream::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for ReceiveBody {
    fn drop(&mut self) {
        if let (Some(stream), Some(unread)) = (self.stream.take(), self.unread.take())
            && !stream.is_end_stream()
        {
            // Without somebody who takes it the stream is reset at once.
            let _ = unread.send(stream);
        }
    }
}
