//! HTTP/1.1 connections, by hyper.

mod head_deadline;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::Poll;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, StatusCode, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;

use super::preface::Opened;
use super::upgrade::{OnUpgrade, UpgradeError};
use super::{Borrowed, Context, service};
use crate::handler::problem::Problem;
use head_deadline::{Busy, BusyGuard, HeadDeadline};

/// Serves HTTP/1.1 until the connection ends or has become something else.
pub(super) async fn serve(io: Borrowed, context: Context) {
    let busy = Busy::default();
    let io = HeadDeadline::new(io, busy.clone(), context.limits.header_timeout);
    let max_header_bytes = usize::try_from(context.limits.max_header_list_bytes)
        .unwrap_or(usize::MAX)
        .max(MIN_READ_BUFFER_BYTES);
    let service = service_fn(|request: Request<Incoming>| {
        let has_length = request.body().size_hint().exact() != Some(0)
            && request.headers().contains_key(header::CONTENT_LENGTH);
        answer(request, context.clone(), busy.begin(!has_length))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(context.limits.idle_timeout)
        .max_buf_size(max_header_bytes)
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
    match upgraded.downcast::<TokioIo<HeadDeadline<Borrowed>>>() {
        Ok(parts) => {
            let io = parts.io.into_inner().into_inner();
            Ok(Opened::new(io, parts.read_buf))
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
    busy: BusyGuard,
) -> Result<Response, Infallible> {
    if !has_valid_host(&request) {
        let problem = Problem::new(
            StatusCode::BAD_REQUEST,
            "Send exactly one Host header field (RFC 9112, section 3.2).",
        );
        return Ok(service::refuse(problem));
    }
    let upgrade = OnUpgrade::http1(hyper::upgrade::on(&mut request));
    request.extensions_mut().insert(upgrade);
    let response = service::answer(context.router, request, context.remote, &context.limits).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        busy.upgrade();
    }
    Ok(response.map(|body| Body::new(Answering { body, _busy: busy })))
}

fn has_valid_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => true,
        (None, None) => request.version() < Version::HTTP_11,
        _ => false,
    }
}

/// A response body that keeps its connection busy until it was sent.
struct Answering {
    body: Body,
    _busy: BusyGuard,
}

impl http_body::Body for Answering {
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
