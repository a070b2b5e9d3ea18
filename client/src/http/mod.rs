//! One HTTP connection and requests on it.
//!
//! Deliberately no pool, and redirects are not followed (see [`redirect`]): a terminal client shows what one connection does, and a
//! test asks for exactly one.

mod accept_any;
mod body;
mod byte_stream;
mod connect;
mod content_coding;
mod details;
mod error;
mod happy_eyeballs;
mod heard;
mod http1;
mod http2;
mod link;
mod pending;
pub(crate) mod problem;
pub mod redirect;
mod tls;
mod tls_reason;

use std::time::Duration;

use ::http::uri::{Authority, PathAndQuery, Scheme};
use ::http::{HeaderMap, HeaderValue, Request, Response, Uri, Version, header};
use bytes::Bytes;
use http_body::Body;
use tokio::time::timeout;

pub use body::{BoxError, RequestBody, ResponseBody, empty, full};
pub use byte_stream::ByteStream;
pub use connect::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, Options, Step, Versions};
pub use content_coding::{ACCEPT_ENCODING, CodingError, ContentDecoder};
pub use details::{Details, FrameObserver, Times, TlsDetails};
pub use error::Error;
pub use happy_eyeballs::ConnectFailures;
pub use heard::Answer;
pub use http2::{Push, Pushes};
pub use link::Link;
pub use pending::{Head, Pending};
pub use tls::Trust;

/// Who we are, in every request that does not say otherwise.
const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("roomcast/", env!("CARGO_PKG_VERSION")));

/// A connection to one server, over which any number of requests go one after the other
/// (HTTP/1.1) or at once (HTTP/2). Dropping it ends the connection once its responses are read.
#[derive(Debug)]
pub struct Connection {
    origin: Origin,
    sender: Sender,
    answer_timeout: Duration,
    details: Details,
}

/// Scheme and authority, which every request on a connection shares.
#[derive(Clone, Debug)]
struct Origin {
    scheme: Scheme,
    authority: Authority,
}

#[derive(Debug)]
enum Sender {
    Http1(http1::Sender),
    Http2(http2::Sender),
}

/// Everything that a server sent in answer to one request.
#[derive(Debug)]
pub struct Exchange {
    /// The 1xx responses before the final one, such as 103 with its hints.
    pub informational: Vec<Response<()>>,
    /// The final response; its body streams.
    pub response: Response<ResponseBody>,
    /// What the server pushes along with it; always empty on HTTP/1.1.
    pub pushes: Pushes,
}

/// A server's answer to a request to leave HTTP.
#[derive(Debug)]
pub enum Upgrade {
    /// It agrees: from here on bytes go in both directions.
    Accepted(Response<()>, ByteStream),
    /// It does not.
    Refused(Response<ResponseBody>),
}

impl Connection {
    /// Opens a connection to the server that `url` names; its path does not matter.
    ///
    /// # Errors
    /// [`Error`] says which step failed.
    pub async fn open(url: &Uri, options: &Options) -> Result<Self, Error> {
        connect::open(url, options).await
    }

    /// The version of HTTP that is spoken: 1.1 or 2.
    pub fn version(&self) -> Version {
        match self.sender {
            Sender::Http1(_) => Version::HTTP_11,
            Sender::Http2(_) => Version::HTTP_2,
        }
    }

    /// How the connection came about, and what was agreed on.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// Whether the server opens streams to other protocols by extended CONNECT (RFC 8441); waits for
    /// its settings to be known. Never over HTTP/1.1, which has `Upgrade`.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the connection fails, [`Error::NoAnswer`] when nothing comes on it.
    pub async fn takes_extended_connect(&mut self) -> Result<bool, Error> {
        match &mut self.sender {
            Sender::Http1(_) => Ok(false),
            Sender::Http2(sender) => {
                in_time(self.answer_timeout, sender.takes_extended_connect()).await
            }
        }
    }

    /// Sends a request and waits for the head of the response. Only path and query of the
    /// request's URI count.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the connection or the request fails, [`Error::NoAnswer`] when the head
    /// does not come in time.
    pub async fn send<B>(&mut self, request: Request<B>) -> Result<Response<ResponseBody>, Error>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Ok(self.exchange(request).await?.response)
    }

    /// Sends a request and yields everything that comes with its response.
    ///
    /// # Errors
    /// As [`Connection::send`].
    pub async fn exchange<B>(&mut self, request: Request<B>) -> Result<Exchange, Error>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let after = self.answer_timeout;
        in_time(after, async { self.begin(request).await?.finish().await }).await
    }

    /// Sends a request and does not wait: its [`Pending`] yields each head and push as it comes.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the connection takes no request any more.
    pub async fn begin<B>(&mut self, request: Request<B>) -> Result<Pending, Error>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut request = request.map(RequestBody::new);
        introduce(request.headers_mut());
        match &mut self.sender {
            Sender::Http1(sender) => sender.begin(request, &self.origin).await,
            Sender::Http2(sender) => sender.begin(request, &self.origin).await,
        }
    }

    /// Sends a GET.
    ///
    /// # Errors
    /// [`Error::Url`] when `path` is none, otherwise as [`Connection::send`].
    pub async fn get(&mut self, path: &str) -> Result<Response<ResponseBody>, Error> {
        let uri = path.parse::<Uri>().map_err(|_| Error::url(path))?;
        let mut request = Request::new(empty());
        *request.uri_mut() = uri;
        self.send(request).await
    }

    /// Asks to turn the connection (HTTP/1.1, by `Upgrade`) or one stream of it (HTTP/2, by
    /// extended CONNECT) into a byte stream of `protocol`. Adds what either needs to the request.
    ///
    /// # Errors
    /// [`Error::NoExtendedConnect`] when an HTTP/2 server does not allow it, otherwise as
    /// [`Connection::send`].
    pub async fn upgrade(
        &mut self,
        mut request: Request<()>,
        protocol: &'static str,
    ) -> Result<Upgrade, Error> {
        introduce(request.headers_mut());
        let (after, origin) = (self.answer_timeout, &self.origin);
        match &mut self.sender {
            Sender::Http1(sender) => {
                in_time(after, sender.upgrade(request, origin, protocol)).await
            }
            Sender::Http2(sender) => {
                in_time(after, sender.upgrade(request, origin, protocol)).await
            }
        }
    }
}

/// Waits for what a server has to answer, so long and no longer.
pub(crate) async fn in_time<T, E: From<Error>>(
    after: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let answer = timeout(after, answer).await;
    answer.map_err(|_| Error::NoAnswer { after })?
}

fn introduce(headers: &mut HeaderMap) {
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
}

impl Origin {
    /// The whole URI of a request, as HTTP/2 sends it.
    fn uri(&self, uri: &Uri) -> Result<Uri, Error> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path_and_query(uri))
            .build()
            .map_err(|_| Error::url(uri))
    }
}

fn path_and_query(uri: &Uri) -> PathAndQuery {
    uri.path_and_query()
        .cloned()
        .unwrap_or_else(|| PathAndQuery::from_static("/"))
}

#[cfg(test)]
mod tests;
