//! `POST /api/rooms/{room}/typing`: a person is writing, for readers of an event stream.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use super::{RoomPath, RoomService, Visitor};

/// Notes that the person of the cookie is writing, if they are in the room.
pub async fn type_on(
    State(service): State<Arc<RoomService>>,
    RoomPath(room): RoomPath,
    visitor: Visitor,
) -> StatusCode {
    if let Some(room) = service.rooms.find(&room)
        && room.person(visitor.id).is_some()
    {
        room.type_on(visitor.id);
    }
    StatusCode::NO_CONTENT
}
