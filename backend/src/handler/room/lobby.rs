//! `GET /api/rooms` and `GET /api/rooms/events`: the list of rooms, as it is and live.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use http::{HeaderValue, Uri, header};
use roomcast_shared::event_stream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Refused, RoomService, check_query, stream_headers};
use crate::defaults::{HEARTBEAT_INTERVAL, LOBBY_INTERVAL};
use crate::handler::problem::Problem;
use crate::shutdown::Shutdown;

/// Answers with the rooms, the busiest first.
///
/// # Errors
/// 400 for a query, 503 when the log cannot be read.
pub async fn lobby(State(service): State<Arc<RoomService>>, uri: Uri) -> Result<Response, Refused> {
    check_query(&uri, &[])?;
    let lobby = service.rooms.lobby().await?;
    let fields = [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    Ok((fields, axum::Json(lobby)).into_response())
}

/// Answers with the rooms as an event stream: `lobby` events, each the whole list.
///
/// # Errors
/// 400 for a query.
pub async fn lobby_events(
    State(service): State<Arc<RoomService>>,
    State(shutdown): State<Shutdown>,
    uri: Uri,
) -> Result<Response, Problem> {
    check_query(&uri, &[])?;
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
    Ok((fields, Body::from_stream(pieces)).into_response())
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

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use roomcast_shared::lobby::Lobby;
    use roomcast_shared::person::PersonId;
    use roomcast_shared::room_name::RoomName;
    use tokio::time::sleep;

    use super::*;
    use crate::config::{Config, RoomOptions};
    use crate::defaults::PRESENCE_GRACE;
    use crate::room::Lease;

    /// A lobby that somebody watches, and one person in a room of it.
    struct Live {
        service: Arc<RoomService>,
        body: Body,
        lease: Option<Lease>,
    }

    impl Live {
        async fn with_one_person() -> Self {
            let rooms = RoomOptions {
                ephemeral: true,
                ..RoomOptions::default()
            };
            let config = Config {
                rooms,
                ..Config::default()
            };
            let service = Arc::new(RoomService::open(&config).unwrap());
            let state = (State(service.clone()), State(Shutdown::new()));
            let body = lobby_events(state.0, state.1, Uri::from_static("/")).await;
            let body = body.unwrap();
            let name = RoomName::parse("kitchen").unwrap();
            let room = service.rooms.open(&name).await.unwrap();
            let (lease, _) = room.enter(PersonId::from_random([7; 16]), None).unwrap();
            drop(room);
            let mut live = Self {
                service,
                body: body.into_body(),
                lease: Some(lease),
            };
            while live.people().await != [1] {}
            live
        }

        /// How many people there are in each room by the next event.
        async fn people(&mut self) -> Vec<usize> {
            loop {
                let data = self.body.frame().await.unwrap().unwrap().into_data();
                let event = String::from_utf8(data.unwrap().to_vec()).unwrap();
                if let Some((_, json)) = event.split_once("data: ") {
                    let lobby: Lobby = serde_json::from_str(json.trim()).unwrap();
                    return lobby.rooms.into_iter().map(|room| room.people).collect();
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_breaks_off_alone_in_a_room_counts_in_the_lobby_for_the_grace() {
        let mut live = Live::with_one_person().await;
        let start = Instant::now();
        live.lease = None;
        sleep(PRESENCE_GRACE / 2).await;
        let rooms = live.service.rooms.lobby().await.unwrap().rooms;
        assert_eq!(rooms[0].people, 1, "it may be a reload");
        while !live.people().await.is_empty() {}
        assert!(start.elapsed() >= PRESENCE_GRACE);
        assert!(start.elapsed() < PRESENCE_GRACE + 2 * LOBBY_INTERVAL);
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_goodbye_alone_in_a_room_leaves_the_lobby_at_once() {
        let mut live = Live::with_one_person().await;
        let start = Instant::now();
        live.lease.take().unwrap().say_goodbye();
        let rooms = live.service.rooms.lobby().await.unwrap().rooms;
        assert_eq!(rooms, []);
        while !live.people().await.is_empty() {}
        assert!(start.elapsed() < 2 * LOBBY_INTERVAL);
    }
}
