//! `GET /api/rooms/{room}/events`: a room as an event stream.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Query, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use http::request::Parts;
use http::{HeaderName, StatusCode};
use roomcast_shared::event_stream;
use serde::Deserialize;
use tokio::time::timeout;

use super::{Refused, RoomPath, RoomService, Visitor, sentence, stream_headers};
use crate::defaults::HEARTBEAT_INTERVAL;
use crate::handler::problem::Problem;
use crate::shutdown::Shutdown;
use crate::subscriber::{Start, Subscriber};
use crate::transport::Format;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Extracts where a stream is to begin: after `Last-Event-ID` if the request has it, else where
/// `?from=` says.
#[derive(Clone, Copy, Debug)]
pub struct Beginning(pub Start);

#[derive(Deserialize)]
struct StreamQuery {
    from: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Beginning {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let bad = |detail| Problem::new(StatusCode::BAD_REQUEST, detail);
        let id = parts.headers.get(LAST_EVENT_ID);
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            let start = id.to_str().map_or(Start::Lost, Start::after_last_event_id);
            return Ok(Self(start));
        }
        let query = Query::<StreamQuery>::try_from_uri(&parts.uri);
        let Some(from) = query.map_err(|error| bad(sentence(&error)))?.0.from else {
            return Ok(Self(Start::default()));
        };
        let start = Start::parse(&from).map_err(|error| bad(sentence(&error)))?;
        Ok(Self(start))
    }
}

/// Answers with the room's events: some history (`?from=`, `Last-Event-ID`), then live.
///
/// # Errors
/// 400 for a start that nobody understands, 429 when the room is full, 503 when the log cannot
/// be read.
pub async fn events(
    service: State<Arc<RoomService>>,
    shutdown: State<Shutdown>,
    room: RoomPath,
    visitor: Visitor,
    beginning: Beginning,
) -> Result<Response, Refused> {
    let format = Format::EventStream;
    stream(service, shutdown, room, visitor, beginning, format).await
}

/// The same as lines of plain text.
///
/// # Errors
/// As [`events`].
pub async fn lines(
    service: State<Arc<RoomService>>,
    shutdown: State<Shutdown>,
    room: RoomPath,
    visitor: Visitor,
    beginning: Beginning,
) -> Result<Response, Refused> {
    let format = Format::Lines;
    stream(service, shutdown, room, visitor, beginning, format).await
}

async fn stream(
    State(service): State<Arc<RoomService>>,
    State(shutdown): State<Shutdown>,
    RoomPath(name): RoomPath,
    visitor: Visitor,
    Beginning(start): Beginning,
    format: Format,
) -> Result<Response, Refused> {
    let room = service.rooms.open(&name).await?;
    let (lease, you) = room.enter(visitor.id, visitor.name.clone())?;
    let subscriber = Subscriber::new(lease, you, start, format).await?;
    let content_type = match format {
        Format::Lines => "text/plain; charset=utf-8",
        Format::EventStream | Format::WebSocket => event_stream::MEDIA_TYPE,
    };
    let body = body(subscriber, format, shutdown);
    let mut response = (stream_headers(content_type), body).into_response();
    visitor.remember(&service, &mut response);
    Ok(response)
}

/// Whatever the subscriber has, and heartbeats when it has nothing. Ends when the server stops;
/// readers then come back with the id that they have.
fn body(subscriber: Subscriber, format: Format, shutdown: Shutdown) -> Body {
    let start = (subscriber, format, shutdown);
    let pieces = unfold(start, async |(mut subscriber, format, shutdown)| {
        let next = tokio::select! {
            biased;
            () = shutdown.requested() => return None,
            next = next_piece(&mut subscriber, format) => next,
        };
        Some((Ok::<_, Infallible>(next?), (subscriber, format, shutdown)))
    });
    Body::from_stream(pieces)
}

async fn next_piece(subscriber: &mut Subscriber, format: Format) -> Option<Bytes> {
    loop {
        match timeout(HEARTBEAT_INTERVAL, subscriber.next()).await {
            Ok(Ok(bytes)) => return Some(bytes),
            Ok(Err(error)) => {
                let room = subscriber.room().name();
                tracing::warn!(%room, %error, "a stream ended: its events cannot be read");
                return None;
            }
            Err(_elapsed) => {
                if let Some(heartbeat) = format.heartbeat() {
                    return Some(heartbeat);
                }
            }
        }
    }
}
