//! HTTP/1.1, on hyper.

use ::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;

use super::body::{RequestBody, ResponseBody, empty};
use super::byte_stream::ByteStream;
use super::error::Error;
use super::heard::{Heard, Listening};
use super::pending::{MAX_INFORMATIONAL, Pending};
use super::{Origin, Upgrade, path_and_query};

/// Header fields that a response may have. Some servers send hundreds of `Set-Cookie`; how long
/// they are together is limited by hyper's buffer.
const MAX_FIELDS: usize = 1024;

/// As lenient with servers as browsers are: what an old one writes is shown and not refused.
#[derive(Debug)]
pub(super) struct Sender {
    requests: http1::SendRequest<RequestBody>,
    heard: Heard,
}

impl Sender {
    pub(super) async fn open(io: ByteStream, heard: Heard) -> Result<Self, Error> {
        let (requests, connection) = http1::Builder::new()
            .max_headers(MAX_FIELDS)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(Listening::new(io, heard.clone())))
            .await
            .map_err(|error| heard.error(error))?;
        // Its end shows in the requests, which fail with the reason.
        tokio::spawn(connection.with_upgrades());
        Ok(Self { requests, heard })
    }

    pub(super) async fn begin(
        &mut self,
        mut request: Request<RequestBody>,
        origin: &Origin,
    ) -> Result<Pending, Error> {
        let (sender, informational) = mpsc::channel(MAX_INFORMATIONAL);
        hyper::ext::on_informational(&mut request, move |response| {
            let mut head = Response::new(());
            *head.status_mut() = response.status();
            head.headers_mut().clone_from(response.headers());
            // More than that many are dropped: they are only hints.
            drop(sender.try_send(head));
        });
        let response = self.send(request, origin).await?;
        let heard = self.heard.clone();
        Ok(Pending::http1(informational, Box::pin(response), heard))
    }

    pub(super) async fn upgrade(
        &mut self,
        request: Request<()>,
        origin: &Origin,
        protocol: &'static str,
    ) -> Result<Upgrade, Error> {
        let mut request = request.map(|()| RequestBody::new(empty()));
        let headers = request.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static(protocol));
        let response = self.send(request, origin).await?;
        let mut response = response.await.map_err(|error| self.heard.error(error))?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Upgrade::Refused(response.map(ResponseBody::http1)));
        }
        let stream = hyper::upgrade::on(&mut response)
            .await
            .map_err(Error::protocol)?;
        Ok(Upgrade::Accepted(
            response.map(drop),
            ByteStream::new(TokioIo::new(stream)),
        ))
    }

    /// Hands the request to the connection; the future yields the final response.
    async fn send(
        &mut self,
        mut request: Request<RequestBody>,
        origin: &Origin,
    ) -> Result<impl Future<Output = hyper::Result<Response<Incoming>>> + use<>, Error> {
        *request.uri_mut() = Uri::from(path_and_query(request.uri()));
        if !request.headers().contains_key(header::HOST) {
            let host = HeaderValue::try_from(origin.authority.as_str())
                .map_err(|_| Error::url(&origin.authority))?;
            request.headers_mut().insert(header::HOST, host);
        }
        let ready = self.requests.ready().await;
        ready.map_err(|error| self.heard.error(error))?;
        Ok(self.requests.send_request(request))
    }
}
