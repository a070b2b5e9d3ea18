//! One stream of a connection: a request and its response (RFC 9113, section 8.1).

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use h2::ext::Protocol;
use h2::server::{SendPushedResponse, SendResponse};
use h2::{Reason, RecvStream};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header, uri};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::early_hints::EarlyHints;
use super::extended_connect::Tunnel;
use super::flood_guard::Calm;
use super::keep_alive::{ActiveStream, ActiveStreams};
use super::push::{Promise, Promises, Pusher};
use super::push_order::{Held, PushOrder};
use super::receive_body::ReceiveBody;
use super::responder::Responder;
use super::send_body::BodySender;
use super::trailer_watch::TrailerCounts;
use super::{request_rules, response_head, unread_body};
use crate::handler::problem::Problem;
use crate::protocol::connection_store::ConnectionStore;
use crate::protocol::expectation::Expectation;
use crate::protocol::upgrade::OnUpgrade;
use crate::protocol::{Context, service};

/// The one protocol of an extended CONNECT that is spoken here (RFC 8441, section 5).
const WEBSOCKET: &str = "websocket";

/// What the streams of one connection share. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct StreamContext {
    pub(super) connection: Context,
    pub(super) calm: Arc<Calm>,
    pub(super) trailer_counts: TrailerCounts,
    pub(super) active: ActiveStreams,
    pub(super) push_order: PushOrder,
    pub(super) promises: Promises,
    pub(super) store: ConnectionStore,
    /// The scheme of the connection's own address.
    pub(super) scheme: uri::Scheme,
}

/// A response whose head was sent: what is left of a stream, perhaps for hours.
struct Begun {
    sender: BodySender,
    body: Body,
    pushes: Option<Held>,
    remote: SocketAddr,
    _active: ActiveStream,
}

/// Serves a request to the end of its response, and takes in what the client still sends then. Ends
/// at once when the client withdraws it.
pub(super) fn serve(
    request: Request<RecvStream>,
    send: SendResponse<Bytes>,
    context: StreamContext,
    active: ActiveStream,
) -> impl Future<Output = ()> + Send {
    let body_timeout = context.connection.limits.body_timeout;
    // Most requests have ended, and a stream may last for hours. Hence the boxes: of what is over or
    // to come, nothing is kept while a body is sent.
    let (unread, left) = (!request.body().is_end_stream())
        .then(oneshot::channel::<RecvStream>)
        .unzip();
    let rest = left.map(|left| {
        Box::pin(async move {
            if let Ok(stream) = left.await {
                unread_body::discard(stream, body_timeout).await;
            }
        })
    });
    let begun = Box::pin(begin(request, send, context, active, unread));
    async move {
        if let Some(mut begun) = begun.await {
            begun.send_body().await;
        }
        if let Some(rest) = rest {
            rest.await;
        }
    }
}

/// Serves a request up to its body; `None` when there is none to send.
async fn begin(
    request: Request<RecvStream>,
    send: SendResponse<Bytes>,
    context: StreamContext,
    active: ActiveStream,
    unread: Option<oneshot::Sender<RecvStream>>,
) -> Option<Box<Begun>> {
    let responder = Responder::new(send);
    if let Err(malformed) = request_rules::check(&request) {
        tracing::debug!(remote = %context.connection.remote, %malformed, "a request was refused");
        responder.reset(Reason::PROTOCOL_ERROR);
        return None;
    }
    if let Some(protocol) = request.extensions().get::<Protocol>() {
        if protocol.as_str() != WEBSOCKET {
            let problem = Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "The only protocol that this server connects to is websocket.",
            );
            let response = service::refuse(problem);
            return begin_response(response, &responder, &context, active);
        }
        return serve_connect(request, responder, context, active).await;
    }
    let is_head = request.method() == Method::HEAD;
    // When this stream has ended, however it ends, nothing pushed waits for it any longer.
    let (pushes, may_push) = context.push_order.hold();
    let request = prepare(request, unread, &responder, &context, may_push);
    let response = tokio::select! {
        biased;
        // First, so that nothing is begun for a client that has gone.
        () = responder.withdrawn() => return None,
        response = answer(request, &context) => response,
    };
    if is_head {
        let (head, _) = response_head::split(response, true);
        responder.begin(head, true);
        return None;
    }
    let mut begun = begin_response(response, &responder, &context, active)?;
    begun.pushes = Some(pushes);
    Some(begun)
}

/// Sends the head of a response; `None` when that is all.
fn begin_response(
    response: Response,
    responder: &Responder,
    context: &StreamContext,
    active: ActiveStream,
) -> Option<Box<Begun>> {
    let (head, body) = response_head::split(response, false);
    let ends = http_body::Body::is_end_stream(&body);
    let stream = responder.begin(head, ends).filter(|_| !ends)?;
    let timeout = context.connection.limits.write_timeout;
    Some(Box::new(Begun {
        sender: BodySender::new(stream, timeout, context.calm.clone()),
        body,
        pushes: None,
        remote: context.connection.remote,
        _active: active,
    }))
}

impl Begun {
    async fn send_body(&mut self) {
        // What was pushed goes once there is nothing to send for now.
        let waiting = || self.pushes = None;
        if let Err(error) = self.sender.send(&mut self.body, waiting).await {
            tracing::debug!(remote = %self.remote, %error, "a response broke off");
        }
    }
}

/// Gives a request what a handler may use, and a body under flow control.
fn prepare(
    request: Request<RecvStream>,
    unread: Option<oneshot::Sender<RecvStream>>,
    responder: &Responder,
    context: &StreamContext,
    may_push: CancellationToken,
) -> Request<ReceiveBody> {
    let expectation = Expectation::of(request.headers(), request.version());
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    let pusher = Pusher::new(&request, responder.clone(), context.clone(), may_push);
    let mut request = request.map(|stream| {
        let body = ReceiveBody::new(stream, responder.clone(), context.trailer_counts.clone());
        body.handed_back_to(unread)
            .of_length(length)
            .awaited(expectation == Expectation::Continue)
    });
    join_cookies(request.headers_mut());
    if let Some(pusher) = pusher {
        request.extensions_mut().insert(pusher);
    }
    let extensions = request.extensions_mut();
    extensions.insert(EarlyHints::new(responder.clone()));
    extensions.insert(context.store.clone());
    request
}

/// HTTP/2 lets a client split its cookies over several fields, which handlers get as the one
/// that they know from HTTP/1.1 (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut crumbs = headers.get_all(header::COOKIE).iter();
    let (Some(first), Some(second)) = (crumbs.next(), crumbs.next()) else {
        return;
    };
    let mut joined = first.as_bytes().to_vec();
    for crumb in std::iter::once(second).chain(crumbs) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(crumb.as_bytes());
    }
    // What was made of valid values is one.
    if let Ok(joined) = HeaderValue::from_bytes(&joined) {
        headers.insert(header::COOKIE, joined);
    }
}

async fn answer<B>(request: Request<B>, context: &StreamContext) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connection = &context.connection;
    service::answer(
        connection.router.clone(),
        request,
        connection.remote,
        &connection.limits,
    )
    .await
}

/// Serves an extended CONNECT: the stream becomes a byte stream if the handler answers 2xx and
/// had asked for it, otherwise the answer is an ordinary response.
async fn serve_connect(
    request: Request<RecvStream>,
    responder: Responder,
    context: StreamContext,
    active: ActiveStream,
) -> Option<Box<Begun>> {
    let (parts, receive) = request.into_parts();
    let mut request = Request::from_parts(parts, Body::empty());
    let (tunnel, upgraded) = oneshot::channel();
    request.extensions_mut().insert(OnUpgrade::http2(upgraded));
    let response = tokio::select! {
        biased;
        () = responder.withdrawn() => return None,
        response = answer(request, &context) => response,
    };
    if !response.status().is_success() || tunnel.is_closed() {
        return begin_response(response, &responder, &context, active);
    }
    let (mut head, _) = response_head::split(response, false);
    // A tunnel has no length (RFC 9110, section 8.6).
    head.headers_mut().remove(header::CONTENT_LENGTH);
    if let Some(send) = responder.begin(head, false) {
        // Whoever asked for the tunnel may have gone meanwhile; then the stream is reset.
        let _ = tunnel.send(Tunnel::new(receive, send, context.calm, active));
    }
    None
}

/// Serves a promised request. Its response waits until `may_send` (see [`PushOrder`]); it ends when
/// the client refuses it or the connection ends.
pub(super) async fn serve_pushed(
    request: Request<()>,
    mut promised: SendPushedResponse<Bytes>,
    promise: Promise,
    context: StreamContext,
    may_send: CancellationToken,
) {
    let _active = context.active.begin();
    let response = tokio::select! {
        biased;
        _ = poll_fn(|cx| promised.poll_reset(cx)) => return,
        response = async {
            let response = Box::pin(answer(request.map(|()| Body::empty()), &context)).await;
            may_send.cancelled().await;
            response
        } => response,
    };
    let (head, mut body) = response_head::split(response, false);
    if head.status() != StatusCode::OK {
        promised.send_reset(Reason::CANCEL);
        return;
    }
    let ends = http_body::Body::is_end_stream(&body);
    let Ok(stream) = promised.send_response(head, ends) else {
        return;
    };
    if !ends {
        let timeout = context.connection.limits.write_timeout;
        let mut sender = BodySender::new(stream, timeout, context.calm);
        // Clients withdraw what they have already; that is no failure.
        if sender.send(&mut body, || ()).await.is_ok() {
            promise.give_back();
        }
    }
}
