//! HTTP/2, on `h2`: with pushes, informational responses and extended CONNECT.

mod push;
mod send_body;
mod tunnel;

use std::fmt;
use std::future::poll_fn;

use ::http::uri::Authority;
use ::http::{Method, Request, Response, Version, header};
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Ping, PingPong, SendStream};
use http_body::Body as _;

use super::body::{RequestBody, ResponseBody};
use super::byte_stream::ByteStream;
use super::error::Error;
use super::heard::{Heard, Listening};
use super::pending::Pending;
use super::{Origin, Upgrade};
use tunnel::Tunnel;

pub use push::{Push, Pushes};

/// How much the server may send on one stream before it is read, in bytes.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;

/// How much the server may send on all streams before it is read, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;

pub(super) struct Sender {
    requests: SendRequest<Bytes>,
    ping_pong: Option<PingPong>,
    heard: Heard,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

impl Sender {
    pub(super) async fn open(
        io: ByteStream,
        accept_push: bool,
        heard: Heard,
    ) -> Result<Self, Error> {
        let (requests, mut connection) = h2::client::Builder::new()
            .enable_push(accept_push)
            .initial_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .handshake(Listening::new(io, heard.clone()))
            .await
            .map_err(|error| heard.error(error))?;
        let ping_pong = connection.ping_pong();
        // Its end shows in the requests, which fail with the reason.
        tokio::spawn(connection);
        Ok(Self {
            requests,
            ping_pong,
            heard,
        })
    }

    pub(super) async fn begin(
        &mut self,
        request: Request<RequestBody>,
        origin: &Origin,
    ) -> Result<Pending, Error> {
        let (head, body) = head(request, origin)?;
        let ended = body.is_end_stream();
        let (mut response, stream) = self.send_head(head, ended).await?;
        if !ended {
            tokio::spawn(send_body::send_body(body, stream));
        }
        let pushes = Pushes::new(response.push_promises());
        Ok(Pending::http2(response, pushes, self.heard.clone()))
    }

    pub(super) async fn upgrade(
        &mut self,
        request: Request<()>,
        origin: &Origin,
        protocol: &'static str,
    ) -> Result<Upgrade, Error> {
        if !self.takes_extended_connect().await? {
            return Err(Error::NoExtendedConnect);
        }
        let (mut head, ()) = head(request, origin)?;
        *head.method_mut() = Method::CONNECT;
        head.extensions_mut()
            .insert(h2::ext::Protocol::from_static(protocol));
        let (response, send) = self.send_head(head, false).await?;
        let response = response.await.map_err(|error| self.heard.error(error))?;
        let (parts, receive) = response.into_parts();
        if !parts.status.is_success() {
            let body = ResponseBody::http2(receive);
            return Ok(Upgrade::Refused(Response::from_parts(parts, body)));
        }
        Ok(Upgrade::Accepted(
            Response::from_parts(parts, ()),
            ByteStream::new(Tunnel::new(receive, send)),
        ))
    }

    async fn send_head(
        &mut self,
        head: Request<()>,
        ended: bool,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), Error> {
        poll_fn(|cx| self.requests.poll_ready(cx))
            .await
            .map_err(|error| self.heard.error(error))?;
        self.requests
            .send_request(head, ended)
            .map_err(|error| self.heard.error(error))
    }

    pub(super) async fn takes_extended_connect(&mut self) -> Result<bool, Error> {
        self.wait_for_settings().await?;
        Ok(self.requests.is_extended_connect_protocol_enabled())
    }

    /// Waits until the server's settings are known: they come before the answer to a ping.
    async fn wait_for_settings(&mut self) -> Result<(), Error> {
        if let Some(mut ping_pong) = self.ping_pong.take() {
            ping_pong
                .ping(Ping::opaque())
                .await
                .map_err(|error| self.heard.error(error))?;
        }
        Ok(())
    }
}

/// The head of a request as HTTP/2 sends it, and its body.
fn head<B>(request: Request<B>, origin: &Origin) -> Result<(Request<()>, B), Error> {
    let (mut parts, body) = request.into_parts();
    parts.version = Version::HTTP_2;
    parts.uri = match parts.headers.remove(header::HOST) {
        // What HTTP/1.1 says in Host, HTTP/2 says in :authority (RFC 9113, section 8.3.1).
        Some(host) => {
            let authority = Authority::try_from(host.as_bytes())
                .map_err(|_| Error::url(&String::from_utf8_lossy(host.as_bytes())))?;
            let scheme = origin.scheme.clone();
            Origin { scheme, authority }.uri(&parts.uri)?
        }
        None => origin.uri(&parts.uri)?,
    };
    Ok((Request::from_parts(parts, ()), body))
}

#[cfg(test)]
mod tests {
    use ::http::uri::Scheme;

    use super::*;

    #[test]
    fn a_host_that_was_asked_for_is_the_authority() {
        let origin = Origin {
            scheme: Scheme::HTTPS,
            authority: Authority::from_static("localhost:8443"),
        };
        let request = Request::get("/a?b").header(header::HOST, "example.com");
        let (head, ()) = head(request.body(()).unwrap(), &origin).unwrap();
        assert_eq!(*head.uri(), "https://example.com/a?b");
        assert!(!head.headers().contains_key(header::HOST));
    }
}
