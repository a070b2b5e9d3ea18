//! HTTP/1.1 connections, by hyper.

mod chunk_extension;
mod exchange;
mod message_scanner;
mod request_guard;
mod request_head;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::Poll;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Version, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;

use super::preface::Opened;
use super::upgrade::{OnUpgrade, UpgradeError};
use super::{Borrowed, Context, service};
use crate::handler::problem::Problem;
use exchange::{Answering, Exchange};
use request_guard::RequestGuard;

/// Serves HTTP/1.1 until the connection ends or has become something else.
pub(super) async fn serve(io: Borrowed, context: Context) {
    let exchange = Exchange::default();
    let max_head_bytes =
        usize::try_from(context.limits.max_header_list_bytes).unwrap_or(usize::MAX);
    let header_timeout = context.limits.header_timeout;
    let io = RequestGuard::new(io, exchange.clone(), max_head_bytes, header_timeout);
    let service =
        service_fn(|request: Request<Incoming>| answer(request, context.clone(), exchange.begin()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(context.limits.idle_timeout)
        .max_buf_size(max_head_bytes.max(MIN_READ_BUFFER_BYTES))
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let finished = tokio::select! {
        finished = connection.as_mut() => Some(finished),
        () = context.shutdown.requested() => None,
    };
    let finished = if let Some(finished) = finished {
        finished
    } else {
        connection.as_mut().graceful_shutdown();
        match timeout(context.limits.drain_timeout, connection).await {
            Ok(finished) => finished,
            Err(_elapsed) => return,
        }
    };
    if let Err(error) = finished {
        tracing::debug!(remote = %context.remote, %error, "an HTTP/1.1 connection failed");
    }
}

/// The byte stream of an upgraded connection, with what hyper has read beyond the request. Without
/// what stood between it and hyper: whatever is written to thousands of subscribers passes here.
///
/// # Errors
/// [`UpgradeError::NotUpgraded`] when it is no connection of [`serve`].
pub(super) fn take_back(
    upgraded: hyper::upgrade::Upgraded,
) -> Result<Opened<Borrowed>, UpgradeError> {
    match upgraded.downcast::<TokioIo<RequestGuard<Borrowed>>>() {
        Ok(parts) => {
            let (io, unread) = parts.io.into_inner().into_parts();
            let ahead = if unread.is_empty() {
                parts.read_buf
            } else {
                [parts.read_buf, unread].concat().into()
            };
            Ok(Opened::new(io, ahead))
        }
        Err(_) => Err(UpgradeError::NotUpgraded(
            "hyper has another connection than it was lent".into(),
        )),
    }
}

/// hyper refuses to work with a smaller buffer.
const MIN_READ_BUFFER_BYTES: usize = 8192;

async fn answer(
    mut request: Request<Incoming>,
    context: Context,
    answering: Answering,
) -> Result<Response, Infallible> {
    if let Some(problem) = answering.refusal() {
        return Ok(until_sent(refuse_and_close(problem), answering));
    }
    if let Err(problem) = check_host(&request) {
        return Ok(until_sent(refuse_and_close(problem), answering));
    }
    let upgrade = OnUpgrade::http1(hyper::upgrade::on(&mut request));
    request.extensions_mut().insert(upgrade);
    let response = service::answer(context.router, request, context.remote, &context.limits).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        answering.upgrade();
    }
    Ok(until_sent(response, answering))
}

/// Refuses a request that a proxy could read in another way, and takes none behind it.
fn refuse_and_close(problem: Problem) -> Response {
    let mut response = service::refuse(problem);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// Keeps a request counted as one that is being answered until its response was sent.
fn until_sent(response: Response, answering: Answering) -> Response {
    response.map(|body| {
        Body::new(AnsweringBody {
            body,
            _answering: answering,
        })
    })
}

/// Checks that there is one `Host`, and that it names a host.
fn check_host(request: &Request<Incoming>) -> Result<(), Problem> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let is_old = request.version() < Version::HTTP_11;
    if hosts == 1 || hosts == 0 && is_old {
        return service::check_host(request.headers());
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "Send exactly one Host header field (RFC 9112, section 3.2).",
    ))
}

/// A response body that holds its request's [`Answering`].
struct AnsweringBody {
    body: Body,
    _answering: Answering,
}

impl http_body::Body for AnsweringBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
