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
use super::trailer_watch::TrailerCounts;

/// Reads a stream. Window is given back as data is taken out, so a handler that stops reading
/// stops the client. One that was not read to its end is handed back when it is dropped.
#[derive(Debug)]
pub(super) struct ReceiveBody {
    /// Taken only by `drop`.
    stream: Option<RecvStream>,
    responder: Responder,
    trailer_counts: TrailerCounts,
    unread: Option<oneshot::Sender<RecvStream>>,
    length: Option<u64>,
    data_ended: bool,
    /// Set while the client waits for 100 (Continue) before it sends the body.
    is_awaited: bool,
}

impl ReceiveBody {
    pub(super) fn new(
        stream: RecvStream,
        responder: Responder,
        trailer_counts: TrailerCounts,
    ) -> Self {
        Self {
            data_ended: stream.is_end_stream(),
            stream: Some(stream),
            responder,
            trailer_counts,
            unread: None,
            length: None,
            is_awaited: false,
        }
    }

    /// Who takes the stream if it is not read to its end.
    pub(super) fn handed_back_to(mut self, unread: Option<oneshot::Sender<RecvStream>>) -> Self {
        self.unread = unread;
        self
    }

    /// Its announced length, in bytes.
    pub(super) fn of_length(mut self, length: Option<u64>) -> Self {
        self.length = length;
        self
    }

    /// Whether the client waits for 100 (Continue) before it sends the body.
    pub(super) fn awaited(mut self, is_awaited: bool) -> Self {
        self.is_awaited = is_awaited;
        self
    }

    /// Tells a client that waits for it to send the body (RFC 9110, section 10.1.1).
    fn go_on(&mut self) {
        if std::mem::take(&mut self.is_awaited) {
            let mut head = Response::new(());
            *head.status_mut() = StatusCode::CONTINUE;
            // If the response has begun or the stream is gone, nobody waits any more.
            let _ = self.responder.ahead(|send| send.send_informational(head));
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
        let came = this.trailer_counts.take(stream.stream_id().as_u32());
        if let Err(malformed) = request_rules::check_trailers(&trailers, came) {
            tracing::debug!(%malformed, "a request was refused");
            this.responder.reset(Reason::PROTOCOL_ERROR);
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
