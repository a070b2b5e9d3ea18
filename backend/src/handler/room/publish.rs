//! `POST /api/rooms/{room}/messages`: publishes a message.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use roomcast_shared::limits::max_client_message_bytes;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::{Person, PersonName};
use roomcast_shared::position::Position;
use serde::{Deserialize, Serialize};

use super::room_path::encoded;
use super::{Refused, RoomPath, RoomService, Visitor, sentence};
use crate::handler::problem::Problem;
use crate::room::presence::guest_name;
use crate::room::publish::{Nonce, PublishError};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A message in JSON.
#[derive(Deserialize)]
struct JsonMessage {
    text: String,
    name: Option<String>,
}

/// What is said to whoever published.
#[derive(Serialize)]
struct PublishedJson {
    position: Position,
    readers: usize,
}

/// Publishes the body: JSON with `text` and perhaps `name`, or in any other type the text itself.
///
/// # Errors
/// 400 or 422 for what is no message, 413 when it is too long, 429 when there are too many, 503
/// when it cannot be kept.
pub async fn publish(
    State(service): State<Arc<RoomService>>,
    RoomPath(room): RoomPath,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let nonce = nonce(&parts.headers)?;
    let max_text_chars = service.rooms.max_text_chars();
    let body = read(body, max_client_message_bytes(max_text_chars)).await?;
    let (text, name) = message(&parts.headers, body, max_text_chars)?;
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
    let location = format!(
        "/api/rooms/{}/messages?from={before}&limit=1",
        encoded(&room)
    );
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

async fn read(mut body: Body, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::from_body_error(&error))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > max_bytes {
            let detail = format!("Send at most {max_bytes} bytes.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn message(
    headers: &HeaderMap,
    body: Vec<u8>,
    max_text_chars: usize,
) -> Result<(MessageText, Option<PersonName>), Problem> {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(is_json);
    let (text, name) = if is_json {
        let message: JsonMessage = serde_json::from_slice(&body).map_err(|error| {
            bad(format!(
                "Send a JSON object with a string \"text\": {error}."
            ))
        })?;
        (message.text, message.name)
    } else {
        let text = String::from_utf8(body);
        (
            text.map_err(|_| bad("Send the text in UTF-8.".to_owned()))?,
            None,
        )
    };
    let text = MessageText::parse(&text, max_text_chars).map_err(|error| bad(sentence(&error)))?;
    let name = name.map(|name| PersonName::parse(&name)).transpose();
    Ok((text, name.map_err(|error| bad(sentence(&error)))?))
}

fn is_json(content_type: &HeaderValue) -> bool {
    let content_type = content_type.to_str().unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}
