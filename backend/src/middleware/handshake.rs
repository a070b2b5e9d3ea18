//! Watches what opening handshakes of WebSockets, and pages of other origins, are answered.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::transport::websocket::watch::Handshakes;

/// Has refusals logged and remembered. Use it as
/// `axum::middleware::from_fn_with_state(handshakes, handshake::watch)`, around [`origin::check`].
///
/// [`origin::check`]: super::origin::check
pub(crate) async fn watch(
    State(handshakes): State<Handshakes>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
        peer.ip()
    });
    let watch = handshakes.watch(&parts, peer);
    if watch.is_handshake() {
        parts.extensions.insert(watch.clone());
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    watch.answered(&response);
    response
}
