//! A request's body as it arrives, within its limits.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// Why a request body ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum RequestBodyError {
    /// It is longer than the server takes.
    #[error("send at most {max_bytes} bytes of body")]
    TooLarge {
        /// The limit, in bytes.
        max_bytes: u64,
    },
    /// Nothing of it came for too long.
    #[error("nothing of the request body came for {timeout:?}; send it without pauses")]
    TooSlow {
        /// The longest pause that is allowed.
        timeout: Duration,
    },
    /// The first line of a chunk or the trailers were begun and not completed in time.
    #[error("the framing of the request body was not completed in time; send it without pauses")]
    Unfinished,
    /// It breaks a rule of its protocol.
    #[error("the request body is malformed: {0}")]
    Malformed(String),
    /// The connection failed or the client withdrew the request.
    #[error("the request body broke off: {0}")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl RequestBodyError {
    /// Tells by its causes why a body failed.
    fn of_source(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
        while let Some(current) = cause {
            if let Some(io_error) = current.downcast_ref::<io::Error>() {
                match io_error.kind() {
                    io::ErrorKind::TimedOut => return Self::Unfinished,
                    io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                        return Self::Malformed(io_error.to_string());
                    }
                    _ => {}
                }
            }
            cause = current.source();
        }
        Self::Broken(error)
    }
}

/// Passes a body on while it keeps to its limits. Holds nothing of it.
#[derive(Debug)]
pub(crate) struct RequestBody<B> {
    body: B,
    left_bytes: u64,
    max_bytes: u64,
    timeout: Duration,
    /// Runs only while a handler waits for more.
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl<B> RequestBody<B> {
    pub(crate) fn new(body: B, max_bytes: u64, timeout: Duration) -> Self {
        Self {
            body,
            left_bytes: max_bytes,
            max_bytes,
            timeout,
            timer: None,
            waiting: false,
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<RequestBodyError> {
        let deadline = Instant::now() + self.timeout;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if !self.waiting {
            self.waiting = true;
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(RequestBodyError::TooSlow {
            timeout: self.timeout,
        })
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        let this = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            return this.poll_deadline(cx).map(|error| Some(Err(error)));
        };
        this.waiting = false;
        let frame = match frame {
            None => return Poll::Ready(None),
            Some(Err(error)) => {
                return Poll::Ready(Some(Err(RequestBodyError::of_source(error.into()))));
            }
            Some(Ok(frame)) => frame,
        };
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        match this.left_bytes.checked_sub(length) {
            Some(left) => {
                this.left_bytes = left;
                Poll::Ready(Some(Ok(frame)))
            }
            None => Poll::Ready(Some(Err(RequestBodyError::TooLarge {
                max_bytes: this.max_bytes,
            }))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use http_body_util::{BodyExt, Full, StreamBody};

    const TIMEOUT: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_passes() {
        let body = RequestBody::new(Full::new(Bytes::from("four")), 4, TIMEOUT);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "four");
    }

    #[tokio::test]
    async fn one_byte_more_is_refused() {
        let body = RequestBody::new(Full::new(Bytes::from("fives")), 4, TIMEOUT);
        assert!(matches!(
            body.collect().await,
            Err(RequestBodyError::TooLarge { max_bytes: 4 })
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stands_still_is_given_up_at_the_deadline() {
        type Frames = futures_util::stream::Pending<Result<Frame<Bytes>, std::io::Error>>;
        let silent: StreamBody<Frames> = StreamBody::new(futures_util::stream::pending());
        let begin = Instant::now();

        let result = RequestBody::new(silent, 4, TIMEOUT).collect().await;

        assert!(matches!(result, Err(RequestBodyError::TooSlow { .. })));
        assert_eq!(begin.elapsed(), TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_with_pauses_may_take_longer_in_all_than_one_of_them() {
        let pause = TIMEOUT.saturating_sub(Duration::from_millis(1));
        let parts = futures_util::stream::iter(0..10).then(async |_| {
            tokio::time::sleep(pause).await;
            Ok::<_, std::io::Error>(Frame::data(Bytes::from("part")))
        });
        let slow = StreamBody::new(Box::pin(parts));

        let result = RequestBody::new(slow, 40, TIMEOUT).collect().await;

        assert_eq!(result.unwrap().to_bytes().len(), 40);
    }
}
