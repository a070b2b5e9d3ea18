//! The sending half of a stream until its response begins, shared by the driver and by what a
//! handler may send ahead of it: pushes, early hints, 100 (Continue).

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::Response;

/// A response that has not begun. Clones share it; once it begins, they can do nothing more.
#[derive(Clone, Debug)]
pub(super) struct Responder(Arc<Mutex<Option<SendResponse<Bytes>>>>);

impl Responder {
    pub(super) fn new(send: SendResponse<Bytes>) -> Self {
        Self(Arc::new(Mutex::new(Some(send))))
    }

    /// Does something ahead of the response; `None` once the response has begun.
    pub(super) fn ahead<T>(&self, act: impl FnOnce(&mut SendResponse<Bytes>) -> T) -> Option<T> {
        let mut send = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        send.as_mut().map(act)
    }

    /// Begins the response. `None` when it has begun already or the stream is gone.
    pub(super) fn begin(
        &self,
        head: Response<()>,
        end_of_stream: bool,
    ) -> Option<SendStream<Bytes>> {
        let send = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        send?.send_response(head, end_of_stream).ok()
    }

    /// Gives the stream up.
    pub(super) fn reset(&self, reason: Reason) {
        self.ahead(|send| send.send_reset(reason));
    }

    /// Waits until the client withdraws the request or its connection ends.
    ///
    /// # Cancel safety
    /// Safe.
    pub(super) async fn withdrawn(&self) {
        poll_fn(|cx| match self.ahead(|send| send.poll_reset(cx)) {
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(_)) | None => Poll::Ready(()),
        })
        .await;
    }
}
