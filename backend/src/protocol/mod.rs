//! HTTP connections: what ALPN chose, from bytes to requests and back. Knows no rooms.

mod close;
pub mod connection_store;
mod expectation;
mod http1;
pub mod http2;
mod lent;
mod preface;
pub mod request_body;
mod service;
mod socket;
mod trailers;
mod unit_deadline;
pub mod upgrade;
mod write_deadline;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::BoxFuture;
use http::uri;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::config::Limits;
use crate::shutdown::Shutdown;
use lent::Lent;
use preface::{Opened, Opening};
pub(crate) use socket::Socket;
use write_deadline::WriteDeadline;

/// How much longer than the drain time a connection waits for what it was upgraded to: a WebSocket's
/// last wait ends with that time, or a second after the stop, and then its socket is closed properly.
const HAND_BACK_TIME: Duration = Duration::from_secs(2);

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
    /// No TLS on a port that speaks it: the client is told so, in HTTP/1.1 or in HTTP/2.
    Cleartext,
    /// No TLS: the client's first bytes decide (prior knowledge, RFC 9113, section 3.3).
    PriorKnowledge,
}

impl Agreement {
    /// The scheme of the address that the connection came to.
    fn scheme(self) -> uri::Scheme {
        match self {
            Self::Http2 => uri::Scheme::HTTPS,
            Self::Http1 | Self::Cleartext | Self::PriorKnowledge => uri::Scheme::HTTP,
        }
    }
}

/// A connection whose first bytes say what is spoken on it.
pub(crate) struct Connection {
    socket: Borrowed,
    agreement: Agreement,
    opening: Opening,
    context: Context,
    end: End,
}

/// What is left of a connection on which no HTTP is spoken any more: its socket comes back, at once
/// or when what it was upgraded to has ended.
pub(crate) struct End {
    socket: oneshot::Receiver<Opened<WriteDeadline<Socket>>>,
    shutdown: Shutdown,
    drain_timeout: Duration,
}

/// Reads the first bytes of a connection; `None` when it has ended.
pub(crate) async fn open(
    socket: Socket,
    agreement: Agreement,
    context: Context,
) -> Option<Connection> {
    let limits = &context.limits;
    let mut socket = WriteDeadline::new(socket, limits.write_timeout);
    let opened = tokio::select! {
        opened = preface::open(&mut socket, limits.header_timeout) => opened,
        () = context.shutdown.requested() => {
            close::close(socket).await;
            return None;
        }
    };
    let (opening, ahead) = opened.ok()?;
    let (lent, back) = Lent::new(Opened::new(socket, ahead));
    let end = End {
        socket: back,
        shutdown: context.shutdown.clone(),
        drain_timeout: limits.drain_timeout,
    };
    Some(Connection {
        socket: lent,
        agreement,
        opening,
        context,
        end,
    })
}

impl Connection {
    /// What is to be done with it: HTTP, and then its end.
    ///
    /// Both always return within the limits' times: for peers that say nothing, that stop reading, or
    /// that never close.
    pub(crate) fn into_parts(self) -> (BoxFuture<'static, ()>, End) {
        let Self {
            socket, context, ..
        } = self;
        let http: BoxFuture<'static, ()> = match (self.agreement, self.opening) {
            (Agreement::Http2, Opening::Other | Opening::Unfinished) => {
                Box::pin(http2::refuse_preface(socket))
            }
            (_, Opening::Nothing | Opening::Unfinished) => {
                drop(socket);
                Box::pin(std::future::ready(()))
            }
            (Agreement::Http2 | Agreement::PriorKnowledge, Opening::Http2) => {
                Box::pin(http2::serve(socket, context, self.agreement.scheme()))
            }
            (Agreement::Cleartext, Opening::Http2) => Box::pin(http2::refuse_cleartext(socket)),
            (Agreement::Http1, _)
            | (Agreement::Cleartext | Agreement::PriorKnowledge, Opening::Other) => {
                Box::pin(http1::serve(socket, context))
            }
        };
        (http, self.end)
    }
}

impl End {
    /// Waits for the socket and closes it. After an upgrade the byte stream lives on without HTTP; it is
    /// still this connection.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn keeps what it is given twice"
    )]
    pub(crate) fn wait(self) -> impl Future<Output = ()> + Send {
        async move {
            let drained = async {
                self.shutdown.requested().await;
                // In boxes, here and below: for as long as the socket is away, there is no room for its end.
                Box::pin(sleep(self.drain_timeout + HAND_BACK_TIME)).await;
            };
            tokio::select! {
                Ok(socket) = self.socket => Box::pin(close::close(socket)).await,
                () = drained => {}
            }
        }
    }
}
