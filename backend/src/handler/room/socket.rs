//! `/api/rooms/{room}/socket`: a room as a WebSocket.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roomcast_shared::limits::{ROOM_PROTOCOL, max_client_message_bytes};
use roomcast_websocket::{Config, Limits};

use super::conversation::{Client, Conversation};
use super::events::Beginning;
use super::{Refused, RoomPath, RoomService, Visitor};
use crate::handler::problem::Problem;
use crate::shutdown::Shutdown;
use crate::subscriber::Subscriber;
use crate::transport::Format;
use crate::transport::websocket::WebSocketUpgrade;

/// How many fragments a message may have; no client cuts one of 64 KiB into more.
const MAX_FRAGMENTS: u32 = 1_024;

/// Opens the WebSocket: some history (`?from=`), then live, and what the client says.
///
/// # Errors
/// 400 for a start or a subprotocol that nobody understands, 426 without a handshake, 429 when
/// the room is full, 503 when the log cannot be read.
pub async fn socket(
    State(service): State<Arc<RoomService>>,
    State(shutdown): State<Shutdown>,
    State(config): State<Config>,
    RoomPath(name): RoomPath,
    visitor: Visitor,
    Beginning(start): Beginning,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refused> {
    let offers_others = upgrade.offered_protocols().next().is_some();
    let upgrade = upgrade.choose_protocol(&[ROOM_PROTOCOL]);
    if offers_others && upgrade.chosen_protocol().is_none() {
        let detail = format!("Offer the subprotocol {ROOM_PROTOCOL}, or none.");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail).into());
    }
    let room = service.rooms.open(&name).await?;
    let (lease, you) = room.enter(visitor.id, visitor.name.clone())?;
    let subscriber = Subscriber::new(lease, you, start, Format::WebSocket).await?;
    let upgrade = upgrade.config(Config {
        limits: Limits {
            max_message_bytes: max_client_message_bytes(service.rooms.max_text_chars()),
            max_fragments: MAX_FRAGMENTS,
            ..Limits::default()
        },
        ..config
    });
    let client = Client {
        rooms: service.rooms.clone(),
        room,
        sender: visitor.sender,
        person: visitor.id,
    };
    let mut response = upgrade
        .on_upgrade(move |socket| Conversation::new(socket, subscriber, client).hold(shutdown));
    visitor.remember(&service, &mut response);
    Ok(response)
}
