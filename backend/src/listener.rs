//! Accepts connections: bounded in number, never for longer than a peer is worth.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use roomcast_http2_debug::Switches;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::task::TaskTracker;

use crate::config::Limits;
use crate::connection_limit::ConnectionLimit;
use crate::connection_refusal::ConnectionRefusal;
use crate::defaults;
use crate::listen_sockets::ListenSockets;
use crate::protocol::{self, Agreement, Connection, Context, Socket};
use crate::shutdown::Shutdown;
use crate::tls::{ALPN_HTTP2, Tls};

/// Pause after a failure to accept that the next attempt would only repeat, such as
/// 'too many open files'.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(100);

/// How long connections may take to close once their open requests had their time.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// TLS on a port.
#[derive(Clone)]
pub(crate) struct TlsPort {
    pub(crate) tls: Arc<Tls>,
    /// Answers requests that come without TLS.
    pub(crate) cleartext: Router,
}

/// Takes connections until the shutdown is requested, then waits until they have ended.
pub(crate) struct Listener {
    pub(crate) sockets: ListenSockets,
    /// `None` serves without TLS.
    pub(crate) tls: Option<TlsPort>,
    pub(crate) router: Router,
    /// For connections beyond the limits.
    pub(crate) refusal: ConnectionRefusal,
    pub(crate) limits: Arc<Limits>,
    pub(crate) debug: Switches,
    pub(crate) shutdown: Shutdown,
}

impl Listener {
    pub(crate) async fn run(self) {
        let limit = ConnectionLimit::new(
            self.limits.max_connections,
            self.limits.max_connections_per_address,
        );
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.sockets) => accepted,
                () = self.shutdown.requested() => break,
            };
            let (stream, remote) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections, trying again");
                    tokio::time::sleep(ACCEPT_BACK_OFF).await;
                    continue;
                }
            };
            let tls = self.tls.clone();
            match limit.admit(remote.ip()) {
                Ok(permit) => {
                    let context = self.context(remote);
                    connections.spawn(serve(stream, context, tls, self.debug, permit));
                }
                Err(refused) => {
                    tracing::debug!(%remote, %refused, "a connection too many");
                    // Without a place to be told why, it is closed at once.
                    if let Some(telling) = self.refusal.admit(remote, refused) {
                        let context = telling.context.clone();
                        let cleartext = context.router.clone();
                        let tls = tls.map(|port| TlsPort { cleartext, ..port });
                        let serving = serve(stream, context, tls, self.debug, ());
                        connections.spawn(telling.told(serving, self.shutdown.clone()));
                    }
                }
            }
        }
        drop(self.sockets);
        connections.close();
        tracing::info!(
            connections = limit.open(),
            "stopping: waiting for connections to end"
        );
        // Each connection keeps to its own times; this is for what none of them foresees.
        let patience = self.limits.drain_timeout + CLOSE_TIMEOUT;
        if timeout(patience, connections.wait()).await.is_err() {
            let connections = limit.open();
            tracing::warn!(connections, "stopped without waiting any longer");
        }
    }

    fn context(&self, remote: SocketAddr) -> Context {
        Context {
            router: self.router.clone(),
            remote,
            limits: self.limits.clone(),
            shutdown: self.shutdown.clone(),
        }
    }
}

/// The next connection, its options set.
///
/// # Cancel safety
/// Safe.
async fn accept(sockets: &ListenSockets) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, remote) = sockets.accept().await?;
    if let Err(error) = set_options(&stream) {
        tracing::debug!(%remote, %error, "cannot set a connection's options");
    }
    Ok((stream, remote))
}

/// Whether an error of `accept` speaks of the connection that was to be accepted, not of us.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// Serves a connection to its end.
///
/// Each part of that is in a box which is gone with the part: of what HTTP takes, nothing is left to a
/// connection that has become a WebSocket. `permit` is kept until then.
fn serve(
    stream: TcpStream,
    context: Context,
    tls: Option<TlsPort>,
    debug: Switches,
    permit: impl Send + 'static,
) -> impl Future<Output = ()> + Send {
    let opening = Box::pin(open(stream, context, tls, debug));
    async move {
        if let Some((http, end)) = opening.await.map(Connection::into_parts) {
            http.await;
            end.wait().await;
        }
        drop(permit);
    }
}

/// Does what stands before HTTP; `None` when the connection has ended.
async fn open(
    stream: TcpStream,
    mut context: Context,
    tls: Option<TlsPort>,
    debug: Switches,
) -> Option<Connection> {
    let (socket, agreement) = match tls {
        None if debug.http2_server => (Socket::Plain(stream), Agreement::PriorKnowledge),
        None => (Socket::Plain(stream), Agreement::Http1),
        Some(TlsPort { tls, cleartext }) => {
            let deadline = Instant::now() + context.limits.handshake_timeout;
            if begins_as_http(&stream, deadline, &context).await? {
                context.router = cleartext;
                let socket = Socket::Plain(stream).watched(debug.frame_log);
                return protocol::open(socket, Agreement::Cleartext, context).await;
            }
            let stream = shake_hands(stream, deadline, &tls, &context).await?;
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2);
            let agreement = if is_http2 {
                Agreement::Http2
            } else {
                Agreement::Http1
            };
            (Socket::Tls(stream), agreement)
        }
    };
    protocol::open(socket.watched(debug.frame_log), agreement, context).await
}

/// Sets what every connection's socket is to have.
fn set_options(stream: &TcpStream) -> io::Result<()> {
    // Without it, small writes wait up to 40 ms for the peer's acknowledgement of earlier ones.
    stream.set_nodelay(true)?;
    let keep_alive = TcpKeepalive::new()
        .with_time(defaults::TCP_KEEP_ALIVE_IDLE)
        .with_interval(defaults::TCP_KEEP_ALIVE_INTERVAL)
        .with_retries(defaults::TCP_KEEP_ALIVE_PROBES);
    SockRef::from(stream).set_tcp_keepalive(&keep_alive)
}

/// Whether a client begins as HTTP does, and not as TLS: by a letter, or the empty line that may stand before a
/// request (RFC 9112, section 2.2). Neither is a type of a TLS record (RFC 8446, section 5.1). `None` when nothing comes in time, or the server stops.
async fn begins_as_http(stream: &TcpStream, deadline: Instant, context: &Context) -> Option<bool> {
    let mut first = [0];
    let peeked = tokio::select! {
        peeked = timeout_at(deadline, stream.peek(&mut first)) => peeked,
        () = context.shutdown.requested() => return None,
    };
    match peeked {
        Ok(Ok(1..)) => Some(first[0].is_ascii_alphabetic() || first[0] == b'\r'),
        Ok(Ok(0) | Err(_)) => None,
        Err(_elapsed) => {
            tracing::debug!(remote = %context.remote, "a client that should begin TLS said nothing");
            None
        }
    }
}

/// The TLS handshake. `None` when it fails, takes too long, or the server stops.
async fn shake_hands(
    stream: TcpStream,
    deadline: Instant,
    tls: &Tls,
    context: &Context,
) -> Option<Box<TlsStream<TcpStream>>> {
    let remote = context.remote;
    let handshake = TlsAcceptor::from(tls.config()).accept(stream);
    let handshake = tokio::select! {
        handshake = timeout_at(deadline, handshake) => handshake,
        () = context.shutdown.requested() => return None,
    };
    match handshake {
        Ok(Ok(stream)) => Some(Box::new(stream)),
        Ok(Err(error)) => {
            tracing::debug!(%remote, %error, "a TLS handshake failed");
            None
        }
        Err(_elapsed) => {
            tracing::debug!(%remote, "a TLS handshake took too long");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sockets() -> ListenSockets {
        let listen = "127.0.0.1:0".parse().unwrap();
        ListenSockets::bind(&listen).await.unwrap()
    }

    #[tokio::test]
    async fn small_writes_are_sent_at_once() {
        let sockets = sockets().await;
        let client = TcpStream::connect(sockets.addresses()[0]).await.unwrap();
        assert!(!client.nodelay().unwrap(), "the system does it by itself");
        let (accepted, _) = accept(&sockets).await.unwrap();
        assert!(accepted.nodelay().unwrap());
    }

    #[tokio::test]
    async fn the_system_notices_a_peer_that_vanishes_from_a_quiet_connection() {
        let sockets = sockets().await;
        let _client = TcpStream::connect(sockets.addresses()[0]).await.unwrap();
        let (stream, _) = accept(&sockets).await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        let times = (
            socket.tcp_keepalive_time().unwrap(),
            socket.tcp_keepalive_interval().unwrap(),
            socket.tcp_keepalive_retries().unwrap(),
        );
        let expected = (
            defaults::TCP_KEEP_ALIVE_IDLE,
            defaults::TCP_KEEP_ALIVE_INTERVAL,
            defaults::TCP_KEEP_ALIVE_PROBES,
        );
        assert_eq!(times, expected);
    }
}
