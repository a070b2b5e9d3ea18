//! A response's body on its way out, under flow control (RFC 9113, section 5.2).

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use h2::{Reason, SendStream};
use http_body::Body;
use tokio::time::timeout;

use super::flood_guard::Calm;

/// Why a body was not sent to its end. The client knows of each: it sees the stream reset.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("the client withdrew the request")]
    Withdrawn,
    #[error("the client opened its window by nothing for too long")]
    WindowClosed,
    #[error("the body failed: {0}")]
    Body(#[source] axum::Error),
}

impl From<h2::Error> for SendError {
    fn from(_: h2::Error) -> Self {
        Self::Withdrawn
    }
}

/// Sends bodies. Invariant: h2 is never given more than the client's window takes, so what
/// waits in it is on its way to the socket, and one part of the body at most waits here.
#[derive(Debug)]
pub(super) struct BodySender {
    stream: SendStream<Bytes>,
    write_timeout: Duration,
    calm: Arc<Calm>,
}

impl BodySender {
    pub(super) fn new(stream: SendStream<Bytes>, write_timeout: Duration, calm: Arc<Calm>) -> Self {
        Self {
            stream,
            write_timeout,
            calm,
        }
    }

    /// Sends the whole body, part by part as the client takes it. `waiting` is called each
    /// time when there is nothing to send for now, be it that the body has no more yet or
    /// that the client takes no more.
    ///
    /// # Errors
    /// [`SendError`]; the stream has been reset then.
    pub(super) async fn send(
        &mut self,
        body: &mut axum::body::Body,
        mut waiting: impl FnMut(),
    ) -> Result<(), SendError> {
        let result = self.send_parts(body, &mut waiting).await;
        match &result {
            Ok(()) | Err(SendError::Withdrawn) => {}
            // It broke no rule, it only does not want it any more.
            Err(SendError::WindowClosed) => self.stream.send_reset(Reason::CANCEL),
            Err(SendError::Body(_)) => self.stream.send_reset(Reason::INTERNAL_ERROR),
        }
        result
    }

    async fn send_parts(
        &mut self,
        body: &mut axum::body::Body,
        waiting: &mut impl FnMut(),
    ) -> Result<(), SendError> {
        loop {
            let data = poll_fn(|cx| self.poll_data(cx, body, waiting)).await?;
            let Some(data) = data else {
                return Ok(());
            };
            let last = body.is_end_stream();
            self.send_data(data, last, waiting).await?;
            if last {
                return Ok(());
            }
        }
    }

    /// The next part of the body, or the news that nobody wants it any more. `None` when the body has ended
    /// and that was sent, with its trailers if it has some: nobody has to keep room for those while waiting.
    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
        body: &mut axum::body::Body,
        waiting: &mut impl FnMut(),
    ) -> Poll<Result<Option<Bytes>, SendError>> {
        loop {
            let frame = match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Ready(Some(frame)) => frame.map_err(SendError::Body)?,
                Poll::Ready(None) => {
                    self.stream.send_data(Bytes::new(), true)?;
                    return Poll::Ready(Ok(None));
                }
                Poll::Pending => {
                    waiting();
                    let reset = self.stream.poll_reset(cx);
                    return reset.map(|_| Err(SendError::Withdrawn));
                }
            };
            match frame.into_data() {
                Ok(data) => return Poll::Ready(Ok(Some(data))),
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        self.stream.send_trailers(trailers)?;
                        return Poll::Ready(Ok(None));
                    }
                }
            }
        }
    }

    async fn send_data(
        &mut self,
        mut data: Bytes,
        last: bool,
        waiting: &mut impl FnMut(),
    ) -> Result<(), SendError> {
        if data.is_empty() && last {
            return Ok(self.stream.send_data(data, true)?);
        }
        while !data.is_empty() {
            self.stream.reserve_capacity(data.len());
            let capacity = match self.stream.capacity() {
                // In a box, as it has a timer: most readers are never behind.
                0 => Box::pin(self.wait_for_capacity(waiting)).await?,
                capacity => capacity,
            };
            let part = data.split_to(capacity.min(data.len()));
            self.calm.data_sent(part.len());
            self.stream.send_data(part, last && data.is_empty())?;
        }
        Ok(())
    }

    async fn wait_for_capacity(&mut self, waiting: &mut impl FnMut()) -> Result<usize, SendError> {
        let capacity = poll_fn(|cx| {
            loop {
                match self.stream.poll_capacity(cx) {
                    Poll::Ready(Some(Ok(0))) => {}
                    Poll::Ready(Some(Ok(capacity))) => return Poll::Ready(Ok(capacity)),
                    Poll::Ready(Some(Err(_)) | None) => {
                        return Poll::Ready(Err(SendError::Withdrawn));
                    }
                    Poll::Pending => {
                        waiting();
                        return Poll::Pending;
                    }
                }
            }
        });
        match timeout(self.write_timeout, capacity).await {
            Ok(capacity) => capacity,
            Err(_elapsed) => Err(SendError::WindowClosed),
        }
    }
}
