//! One road out of HTTP for both protocols: an HTTP/1.1 upgrade (RFC 9110, section 7.8) and an
//! HTTP/2 extended CONNECT (RFC 8441) end in the same byte stream.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use super::Borrowed;
use super::http1;
use super::http2::extended_connect::Tunnel;
use super::preface::Opened;

/// Stands in a request's extensions when its connection can become a byte stream.
///
/// On HTTP/1.1 a response with status 101 completes the upgrade, on HTTP/2 one with status 200
/// to a request that carries an [`h2::ext::Protocol`] extension.
#[derive(Clone, Debug)]
pub struct OnUpgrade(Arc<Mutex<Option<Pending>>>);

#[derive(Debug)]
enum Pending {
    Http1(hyper::upgrade::OnUpgrade),
    Http2(oneshot::Receiver<Tunnel>),
}

/// Why a connection did not become a byte stream.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    /// Somebody took the byte stream already.
    #[error("the connection was already upgraded")]
    Taken,
    /// The connection ended, or the response was not the one that upgrades, or hyper did not give
    /// back what it was lent.
    #[error("the connection was not upgraded: {0}")]
    NotUpgraded(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl OnUpgrade {
    pub(crate) fn http1(pending: hyper::upgrade::OnUpgrade) -> Self {
        Self(Arc::new(Mutex::new(Some(Pending::Http1(pending)))))
    }

    pub(crate) fn http2(pending: oneshot::Receiver<Tunnel>) -> Self {
        Self(Arc::new(Mutex::new(Some(Pending::Http2(pending)))))
    }

    /// Waits until the response that upgrades has been sent, and yields the byte stream.
    ///
    /// Await it in a task of its own, after returning the response.
    ///
    /// # Errors
    /// [`UpgradeError`] when the connection ended first or the stream was taken by a clone.
    pub async fn upgraded(self) -> Result<Upgraded, UpgradeError> {
        let pending = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match pending.ok_or(UpgradeError::Taken)? {
            Pending::Http1(upgrade) => match upgrade.await {
                Ok(io) => Ok(Upgraded(Io::Http1(http1::take_back(io)?))),
                Err(error) => Err(UpgradeError::NotUpgraded(error.into())),
            },
            Pending::Http2(tunnel) => match tunnel.await {
                Ok(tunnel) => Ok(Upgraded(Io::Http2(tunnel))),
                Err(error) => Err(UpgradeError::NotUpgraded(error.into())),
            },
        }
    }
}

/// A connection, or one HTTP/2 stream of it, as plain bytes in both directions.
#[derive(Debug)]
pub struct Upgraded(Io);

#[derive(Debug)]
enum Io {
    Http1(Opened<Borrowed>),
    Http2(Tunnel),
}

#[cfg(test)]
impl Upgraded {
    /// As if this connection had been upgraded over HTTP/1.1.
    pub(crate) fn of_tcp(tcp: tokio::net::TcpStream) -> Self {
        let timeout = crate::defaults::WRITE_TIMEOUT;
        let socket = super::WriteDeadline::new(super::Socket::Plain(tcp), timeout);
        let (lent, _) = super::Lent::new(Opened::new(socket, bytes::Bytes::new()));
        Self(Io::Http1(Opened::new(lent, bytes::Bytes::new())))
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Io::Http1(io) => Pin::new(io).poll_read(cx, buf),
            Io::Http2(io) => Pin::new(io).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Io::Http1(io) => Pin::new(io).poll_write(cx, buf),
            Io::Http2(io) => Pin::new(io).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Io::Http1(io) => Pin::new(io).poll_write_vectored(cx, bufs),
            Io::Http2(io) => Pin::new(io).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.0 {
            Io::Http1(io) => io.is_write_vectored(),
            Io::Http2(io) => io.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Io::Http1(io) => Pin::new(io).poll_flush(cx),
            Io::Http2(io) => Pin::new(io).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Io::Http1(io) => Pin::new(io).poll_shutdown(cx),
            Io::Http2(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}
