//! `GET /prime`: a stream of primes.

mod parameters;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::connection_limit::subscriber_of;
use crate::handler::problem::Problem;
use crate::prime::{PrimeStream, Primes, SearchRefused};
use crate::shutdown::Shutdown;

use parameters::{Parameters, parse_event_id};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// When to come back if there are too many searches: some of them end within that time.
const SEARCH_RETRY_SECONDS: u64 = 10;

/// What a reader sees whose `Last-Event-ID` is none of ours.
///
/// An `EventSource` gives up for ever at a status like 400, and it cannot be told to forget its id.
/// So the stream starts anew, which loses nothing, and says so.
const STARTED_ANEW: &[u8] =
    b": The Last-Event-ID is not an id of this stream, which therefore starts anew.\n\n";

/// Answers with primes as an event stream: by default those from 2 upwards, one a second, 100 of
/// them.
///
/// The query may set `from` (the first prime is the least one that is not below it), `count` (0: for
/// ever), `interval` (`0`: as fast as the reader takes them) and, for clients that cannot set header
/// fields, `last-event-id`. After the event named by `Last-Event-ID` the stream goes on; if that was
/// the last one, the answer is 204, which tells an `EventSource` to stop.
///
/// # Errors
/// 400 for a query that is not understood, and for an event that too much comes before; 429 and 503
/// for one search for large primes more than the client's address or the server may have.
pub async fn prime(
    State(primes): State<Arc<Primes>>,
    State(shutdown): State<Shutdown>,
    remote: Option<Extension<ConnectInfo<SocketAddr>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = remote.map(|Extension(ConnectInfo(remote))| subscriber_of(remote.ip()));
    let mut response = match Parameters::parse(query.as_deref().unwrap_or_default()) {
        Ok(parameters) => respond(&primes, shutdown, &parameters, &headers, address),
        Err(error) => Problem::new(StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

fn respond(
    primes: &Primes,
    shutdown: Shutdown,
    parameters: &Parameters,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Response {
    let (after_id, preface) = match last_event_id(headers) {
        None => (parameters.last_event_id.unwrap_or(0), None),
        Some(Ok(id)) => (id, None),
        Some(Err(NotAnId)) => (0, Some(Bytes::from_static(STARTED_ANEW))),
    };
    if parameters
        .count
        .is_some_and(|count| after_id >= count.get())
    {
        return no_content();
    }
    let permit = match primes.admit(&parameters.from, after_id, address) {
        Ok(permit) => permit,
        Err(refused) => return search_refused(refused),
    };
    let cursor = primes.open(&parameters.from, after_id, parameters.count);
    let mut stream = PrimeStream::new(cursor, parameters.interval, shutdown).with_permit(permit);
    if let Some(preface) = preface {
        stream = stream.with_preface(preface);
    }
    let pieces = unfold(stream, async |mut stream| {
        let piece = stream.next().await?;
        Some((Ok::<_, Infallible>(piece), stream))
    });
    (
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static(roomcast_shared::event_stream::MEDIA_TYPE),
            ),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-cache, no-transform"),
            ),
            // Tells nginx not to hold the stream back.
            (
                HeaderName::from_static("x-accel-buffering"),
                HeaderValue::from_static("no"),
            ),
        ],
        Body::from_stream(pieces),
    )
        .into_response()
}

fn search_refused(refused: SearchRefused) -> Response {
    let status = match refused {
        SearchRefused::TooFar { .. } => StatusCode::BAD_REQUEST,
        SearchRefused::PerAddress { .. } => StatusCode::TOO_MANY_REQUESTS,
        SearchRefused::Total { .. } => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = Problem::new(status, refused.to_string()).into_response();
    if status != StatusCode::BAD_REQUEST {
        let seconds = HeaderValue::from(SEARCH_RETRY_SECONDS);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn no_content() -> Response {
    (
        StatusCode::NO_CONTENT,
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
    )
        .into_response()
}

struct NotAnId;

/// The `Last-Event-ID` field of the request; an empty one says nothing.
fn last_event_id(headers: &HeaderMap) -> Option<Result<u64, NotAnId>> {
    let value = headers.get(LAST_EVENT_ID)?;
    if value.is_empty() {
        return None;
    }
    let id = value.to_str().ok().and_then(parse_event_id);
    Some(id.ok_or(NotAnId))
}
