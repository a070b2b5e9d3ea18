//! Bodies that stream, in both directions and for both protocols.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::RecvStream;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full};

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request body of any kind.
pub struct RequestBody(UnsyncBoxBody<Bytes, BoxError>);

/// No body.
pub fn empty() -> Empty<Bytes> {
    Empty::new()
}

/// A body that is there as a whole.
pub fn full(bytes: impl Into<Bytes>) -> Full<Bytes> {
    Full::new(bytes.into())
}

impl RequestBody {
    pub(super) fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(body.map_err(Into::into).boxed_unsync())
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// A response body as it arrives; what is not read is not taken from the server.
#[derive(Debug)]
pub struct ResponseBody(Kind);

#[derive(Debug)]
enum Kind {
    Http1(hyper::body::Incoming),
    Http2 {
        stream: RecvStream,
        data_ended: bool,
    },
}

impl ResponseBody {
    pub(super) fn http1(body: hyper::body::Incoming) -> Self {
        Self(Kind::Http1(body))
    }

    pub(super) fn http2(stream: RecvStream) -> Self {
        Self(Kind::Http2 {
            stream,
            data_ended: false,
        })
    }

    /// Reads the body to its end.
    ///
    /// # Errors
    /// [`super::Error::Protocol`] when it breaks off.
    pub async fn bytes(self) -> Result<Bytes, super::Error> {
        Ok(self.collect().await?.to_bytes())
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = super::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, super::Error>>> {
        let frame = match &mut self.0 {
            Kind::Http1(body) => ready!(Pin::new(body).poll_frame(cx))
                .map(|frame| frame.map_err(super::Error::protocol)),
            Kind::Http2 { stream, data_ended } => ready!(poll_http2(stream, data_ended, cx))
                .map(|frame| frame.map_err(super::Error::protocol)),
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Http1(body) => body.is_end_stream(),
            Kind::Http2 { stream, .. } => stream.is_end_stream(),
        }
    }
}

fn poll_http2(
    stream: &mut RecvStream,
    data_ended: &mut bool,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
    if !*data_ended {
        match ready!(stream.poll_data(cx)) {
            Some(Ok(data)) => {
                let released = stream.flow_control().release_capacity(data.len());
                return Poll::Ready(Some(released.map(|()| Frame::data(data))));
            }
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => *data_ended = true,
        }
    }
    let trailers = ready!(stream.poll_trailers(cx));
    Poll::Ready(
        trailers
            .transpose()
            .map(|trailers| trailers.map(Frame::trailers)),
    )
}
