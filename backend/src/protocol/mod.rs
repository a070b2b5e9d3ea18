//! HTTP connections: what ALPN chose, from bytes to requests and back. Knows no rooms.

mod close;
mod http1;
pub mod http2;
mod lent;
mod preface;
pub mod request_body;
mod service;
mod socket;
pub mod upgrade;
mod write_deadline;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use http::uri;

use crate::config::Limits;
use crate::shutdown::Shutdown;
use lent::Lent;
use preface::{Opened, Opening};
pub(crate) use socket::Socket;
use write_deadline::WriteDeadline;

/// What a connection needs to answer requests. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// Every route of the server.
    pub(crate) router: Router,
    /// Where the client is.
    pub(crate) remote: SocketAddr,
    /// What the client may use up.
    pub(crate) limits: Arc<Limits>,
    /// The signal to finish.
    pub(crate) shutdown: Shutdown,
}

/// A client's socket as it is lent to an HTTP library.
pub(crate) type Borrowed = Lent<Opened<WriteDeadline<Socket>>>;

/// What was agreed on before the first byte of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// ALPN chose `h2`: nothing but HTTP/2 is spoken.
    Http2,
    /// ALPN chose `http/1.1`, or the client has no ALPN, or HTTP/2 is switched off: nothing but
    /// HTTP/1.1 is spoken.
    Http1,
    /// No TLS: the client's first bytes decide (prior knowledge, RFC 9113, section 3.3).
    PriorKnowledge,
}

impl Agreement {
    /// The scheme of the address that the connection came to.
    fn scheme(self) -> uri::Scheme {
        match self {
            Self::Http2 => uri::Scheme::HTTPS,
            Self::Http1 | Self::PriorKnowledge => uri::Scheme::HTTP,
        }
    }
}

/// Serves one connection to its end.
///
/// Always returns within the limits' times: to peers that say nothing, that stop reading, or
/// that never close.
pub(crate) async fn serve(socket: Socket, agreement: Agreement, context: Context) {
    let mut socket = WriteDeadline::new(socket, context.limits.write_timeout);
    let (shutdown, drain_timeout) = (context.shutdown.clone(), context.limits.drain_timeout);
    let opened = tokio::select! {
        opened = preface::open(&mut socket, context.limits.header_timeout) => opened,
        () = shutdown.requested() => return Box::pin(close::close(socket)).await,
    };
    let Ok((opening, ahead)) = opened else {
        return;
    };
    let (lent, back) = Lent::new(Opened::new(socket, ahead));
    // In boxes, so that a connection that has become a WebSocket keeps nothing of what HTTP took.
    match (agreement, opening) {
        (_, Opening::Nothing) => drop(lent),
        (Agreement::Http2, Opening::Other) => Box::pin(http2::refuse_preface(lent)).await,
        (Agreement::Http2 | Agreement::PriorKnowledge, Opening::Http2) => {
            let scheme = agreement.scheme();
            Box::pin(http2::serve(lent, context, scheme)).await;
        }
        (Agreement::Http1, _) | (Agreement::PriorKnowledge, Opening::Other) => {
            Box::pin(http1::serve(lent, context)).await;
        }
    }
    // After an upgrade the byte stream lives on without HTTP; it is still this connection.
    let drained = async {
        shutdown.requested().await;
        tokio::time::sleep(drain_timeout).await;
    };
    tokio::select! {
        Ok(io) = back => Box::pin(close::close(io)).await,
        () = drained => {}
    }
}
