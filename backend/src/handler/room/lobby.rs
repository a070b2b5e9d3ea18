//! `GET /api/rooms` and `GET /api/rooms/events`: the list of rooms, as it is and live.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use http::{HeaderValue, header};
use roomcast_shared::event_stream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Refused, RoomService, stream_headers};
use crate::defaults::{HEARTBEAT_INTERVAL, LOBBY_INTERVAL};
use crate::shutdown::Shutdown;

/// Answers with the rooms, the busiest first.
///
/// # Errors
/// 503 when the log cannot be read.
pub async fn lobby(State(service): State<Arc<RoomService>>) -> Result<Response, Refused> {
    let lobby = service.rooms.lobby().await?;
    let fields = [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    Ok((fields, axum::Json(lobby)).into_response())
}

/// Answers with the rooms as an event stream: `lobby` events, each the whole list.
pub async fn lobby_events(
    State(service): State<Arc<RoomService>>,
    State(shutdown): State<Shutdown>,
) -> Response {
    let mut changes = service.rooms.watch_lobby();
    changes.mark_changed();
    let watcher = Watcher {
        service,
        shutdown,
        changes,
        not_before: Instant::now(),
    };
    let pieces = unfold(watcher, async |mut watcher| {
        let piece = watcher.next().await?;
        Some((Ok::<_, Infallible>(piece), watcher))
    });
    let fields = stream_headers(event_stream::MEDIA_TYPE);
    (fields, Body::from_stream(pieces)).into_response()
}

struct Watcher {
    service: Arc<RoomService>,
    shutdown: Shutdown,
    changes: watch::Receiver<u64>,
    not_before: Instant,
}

impl Watcher {
    async fn next(&mut self) -> Option<Bytes> {
        let changed = async {
            sleep_until(self.not_before).await;
            timeout(HEARTBEAT_INTERVAL, self.changes.changed()).await
        };
        let changed = tokio::select! {
            biased;
            () = self.shutdown.requested() => return None,
            changed = changed => changed,
        };
        match changed {
            Err(_elapsed) => Some(Bytes::from_static(b":\n\n")),
            Ok(Err(_closed)) => None,
            Ok(Ok(())) => {
                self.not_before = Instant::now() + LOBBY_INTERVAL;
                let version = *self.changes.borrow_and_update();
                match self.service.rooms.lobby_event(version).await {
                    Ok(event) => Some(event),
                    Err(error) => {
                        tracing::warn!(%error, "the list of rooms cannot be read");
                        None
                    }
                }
            }
        }
    }
}
