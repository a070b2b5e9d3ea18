//! `POST /api/rooms/{room}/messages`: publishes a message.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use roomcast_shared::limits::max_client_message_bytes;
use roomcast_shared::person::Person;
use roomcast_shared::position::Position;
use serde::Serialize;

use super::message_body::Format;
use super::room_path::encoded;
use super::{Refused, RoomPath, RoomService, Visitor, check_query, sentence};
use crate::handler::problem::Problem;
use crate::room::presence::guest_name;
use crate::room::publish::{Nonce, PublishError};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What is said to whoever published.
#[derive(Serialize)]
struct PublishedJson {
    position: Position,
    readers: usize,
}

/// Publishes the body: the text itself, or JSON with `text` and perhaps `name`.
///
/// # Errors
/// 400 or 422 for a body that is no message, 413 when it is too long, 415 for one in another format, 429 when
/// there are too many, 503 when it cannot be kept.
pub async fn publish(
    State(service): State<Arc<RoomService>>,
    RoomPath(room): RoomPath,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    check_query(&parts.uri, &["name"])?;
    let nonce = nonce(&parts.headers)?;
    let format = Format::of(&parts.headers)?;
    let max_text_chars = service.rooms.max_text_chars();
    let body = read(body, max_client_message_bytes(max_text_chars)).await?;
    let (text, name) = format.read(body, max_text_chars)?;
    let name = name
        .or_else(|| visitor.name.clone())
        .or_else(|| Some(service.rooms.find(&room)?.person(visitor.id)?.name))
        .unwrap_or_else(|| guest_name(visitor.id));
    let person = Person {
        id: visitor.id,
        name,
    };
    let published = service
        .rooms
        .publish(&room, visitor.sender, &person, &text, nonce.as_ref())
        .await?;
    if let Some(room) = service.rooms.find(&room) {
        room.stop_typing(person.id);
    }
    let position = published.position;
    let before = Position {
        offset: position.offset - 1,
        ..position
    };
    let location = service.base_path.join(&format!(
        "/api/rooms/{}/messages?from={before}&limit=1",
        encoded(&room)
    ));
    let json = PublishedJson {
        position,
        readers: published.readers,
    };
    let fields = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let mut response = (StatusCode::CREATED, fields, axum::Json(json)).into_response();
    visitor.remember(&service, &mut response);
    Ok(response)
}

impl From<PublishError> for Refused {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::TooFast(too_fast) => {
                // Whole seconds, so that whoever obeys is not too early.
                let seconds = too_fast.retry_after.as_millis().div_ceil(1_000);
                let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
                Self::later(StatusCode::TOO_MANY_REQUESTS, sentence(&too_fast), seconds)
            }
            PublishError::NonceReused => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, sentence(&error)).into()
            }
            PublishError::Log(error) => error.into(),
        }
    }
}

fn nonce(headers: &HeaderMap) -> Result<Option<Nonce>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    // As a structured field it stands in quotes; many clients leave them out.
    let text = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let nonce = Nonce::parse(text).map_err(|error| bad(sentence(&error)))?;
    Ok(Some(nonce))
}

/// Reads a body to its end. One that is announced as too long is refused before any of it is read, so that a
/// client which waits for 100 (Continue) does not send it.
async fn read(mut body: Body, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    let too_long = || {
        let detail = format!("Send at most {max_bytes} bytes.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::from_body_error(&error))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > max_bytes {
            return Err(too_long());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}
