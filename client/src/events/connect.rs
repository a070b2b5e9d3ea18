//! From an address to an event stream: requests, redirects, and what an answer means.

use std::time::Duration;

use ::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use roomcast_shared::event_stream::MEDIA_TYPE;

use super::ReadOptions;
use super::error::{Loss, ReadError};
use crate::http::problem;
use crate::http::redirect::{self, Trail};
use crate::http::{
    ACCEPT_ENCODING, Connection, ContentDecoder, Error, Options, ResponseBody, empty,
};

/// A stream that is open.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) body: ResponseBody,
    /// Decoder of the body's content coding.
    pub(super) coding: ContentDecoder,
    pub(super) url: Uri,
}

/// A failure to connect: worth another try, or not.
pub(super) enum ConnectError {
    Retry(Loss),
    Final(ReadError),
}

impl From<Error> for ConnectError {
    fn from(error: Error) -> Self {
        if error.is_lasting() {
            Self::Final(ReadError::Connect(error))
        } else {
            Self::Retry(Loss::Failed(error))
        }
    }
}

/// Opens the stream; `None` when the server says by 204 that there is no more.
pub(super) async fn connect(
    url: &Uri,
    http: &Options,
    options: &ReadOptions,
) -> Result<Option<Opened>, ConnectError> {
    let mut headers = options.headers.clone();
    let mut trail = Trail::new(url.clone());
    // The head of a stream may come with its first event, so it may take as long as any silence.
    let http = Options {
        answer_timeout: options.silence_timeout,
        ..http.clone()
    };
    loop {
        let url = trail.url().clone();
        let mut connection = Connection::open(&url, &http).await?;
        let response = connection
            .send(request(&url, &headers, &options.last_event_id))
            .await?;
        if let Some(next) = redirect::target(&url, &response) {
            trail
                .follow(next, &mut headers)
                .map_err(|error| ConnectError::Final(error.into()))?;
            continue;
        }
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        let response = check(response).await?;
        let coding = coding(response.headers()).map_err(ConnectError::Final)?;
        return Ok(Some(Opened {
            connection,
            coding,
            body: response.into_body(),
            url,
        }));
    }
}

fn request(
    url: &Uri,
    headers: &HeaderMap,
    last_event_id: &str,
) -> Request<http_body_util::Empty<bytes::Bytes>> {
    let mut request = Request::new(empty());
    *request.uri_mut() = url.clone();
    *request.headers_mut() = headers.clone();
    let headers = request.headers_mut();
    headers
        .entry(header::ACCEPT)
        .or_insert(HeaderValue::from_static(MEDIA_TYPE));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::ACCEPT_ENCODING)
        .or_insert(HeaderValue::from_static(ACCEPT_ENCODING));
    // An id that no header field can carry, for want of a better rule, is not sent.
    if let Ok(id) = HeaderValue::try_from(last_event_id)
        && !id.is_empty()
    {
        headers.insert("last-event-id", id);
    }
    request
}

async fn check(response: Response<ResponseBody>) -> Result<Response<ResponseBody>, ConnectError> {
    match response.status() {
        StatusCode::OK => check_media_type(response.headers())
            .map(|()| response)
            .map_err(ConnectError::Final),
        // What a server or the proxy before it says while it restarts or has too much to do.
        status @ (StatusCode::TOO_MANY_REQUESTS
        | StatusCode::INTERNAL_SERVER_ERROR
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT) => Err(ConnectError::Retry(Loss::Unavailable {
            status,
            retry_after: retry_after(response.headers()),
            detail: problem::detail(response).await,
        })),
        status => Err(ConnectError::Final(ReadError::Refused {
            status,
            detail: problem::detail(response).await,
        })),
    }
}

/// The seconds of `Retry-After` (RFC 9110, section 10.2.3); none when it is a date.
fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(header::RETRY_AFTER);
    let seconds = seconds.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

fn check_media_type(headers: &HeaderMap) -> Result<(), ReadError> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Err(ReadError::NotAnEventStream {
            content_type: "no content type".to_owned(),
        });
    };
    let content_type = String::from_utf8_lossy(content_type.as_bytes());
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(MEDIA_TYPE) {
        Ok(())
    } else {
        Err(ReadError::NotAnEventStream {
            content_type: format!("{content_type:?}"),
        })
    }
}

/// Decoder of the stream's content coding. Proxies compress event streams, some without being asked.
fn coding(headers: &HeaderMap) -> Result<ContentDecoder, ReadError> {
    let decoder = ContentDecoder::new(headers, true, u64::MAX)?;
    Ok(decoder.with_max_piece_bytes(super::MAX_DECODED_CHUNK_BYTES))
}
