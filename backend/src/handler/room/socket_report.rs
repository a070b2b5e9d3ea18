//! `POST /api/rooms/{room}/socket`: what came of an opening handshake.
//!
//! A browser does not tell a page why a WebSocket was not opened. This request goes the same way, with the
//! `Origin` that a GET of the same site lacks, so it is refused for the same reasons.

use std::borrow::Cow;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, Uri, header};
use serde::Serialize;

use super::{Refused, RoomPath};
use crate::transport::websocket::attempts::{Attempt, Outcome};
use crate::transport::websocket::upgrade::STRIPPED;
use crate::transport::websocket::watch::Handshakes;

/// What came of a handshake, where this request is not refused for the same reason.
#[derive(Serialize)]
struct Report {
    handshake: Handshake,
    /// Sentences for people: what happened, and what to set.
    detail: Cow<'static, str>,
    /// The origin of the handshake, if it was refused for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Box<str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Handshake {
    Accepted,
    Refused,
    Stripped,
    Unseen,
}

const ACCEPTED: &str = "WebSockets are cut on the way here. For the operator: the server opened one, and a proxy or \
    firewall in front of it ended it; its log says why (nginx: proxy_read_timeout).";

const UNSEEN: &str = "WebSockets are blocked on the way here. For the operator: the handshake did not reach the \
    server, so a proxy or firewall in front of it answers in its place; its log has the status. Have it pass on \
    requests for /rooms/ that have Upgrade: websocket, with the same rules as other requests.";

/// Answers with what came of the handshake that had the same `?attempt=`.
///
/// # Errors
/// What the handshake was answered, if this server refused it.
pub(crate) async fn report(
    State(handshakes): State<Handshakes>,
    _: RoomPath,
    uri: Uri,
) -> Result<Response, Refused> {
    let outcome = Attempt::of(&uri).and_then(|attempt| handshakes.outcome(&attempt));
    let mut origin = None;
    let (handshake, detail) = match outcome {
        None => (Handshake::Unseen, UNSEEN.into()),
        Some(Outcome::Stripped) => (Handshake::Stripped, STRIPPED.into()),
        Some(Outcome::Accepted) => (Handshake::Accepted, ACCEPTED.into()),
        // This request has another origin than the handshake, and so can have what it asks for.
        Some(Outcome::Refused { problem, .. }) if problem.status() == StatusCode::FORBIDDEN => {
            origin = problem.origin().map(Box::from);
            (Handshake::Refused, problem.detail().to_owned().into())
        }
        Some(Outcome::Refused {
            problem,
            retry_after,
        }) => {
            let field = retry_after.map(|value| (header::RETRY_AFTER, HeaderValue::from(value)));
            return Err(Refused { problem, field });
        }
    };
    let fields = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let report = Report {
        handshake,
        detail,
        origin,
    };
    Ok((fields, axum::Json(report)).into_response())
}
