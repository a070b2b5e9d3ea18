//! `/api/echo`: sends back what it gets, for people who debug clients and for conformance suites.
//!
//! Opened as a WebSocket it returns each message. Any other request, with any method of resources but TRACE
//! and OPTIONS, is answered by a report of it in JSON once its body was read to the end.

mod holding_room;
mod report;

use std::collections::VecDeque;
use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use ring::digest;
use roomcast_websocket::{CloseCode, Config, Error};

use crate::handler::problem::Problem;
use crate::shutdown::Shutdown;
use crate::transport::websocket::{ServerWebSocket, WebSocketUpgrade};
pub use holding_room::HoldingRoom;
use report::{BodyReport, Report};

/// Answers any request to the echo.
pub async fn echo(
    State(shutdown): State<Shutdown>,
    State(web_sockets): State<Config>,
    State(holding_room): State<HoldingRoom>,
    upgrade: Option<WebSocketUpgrade>,
    request: Request,
) -> Response {
    if let Some(upgrade) = upgrade {
        let upgrade = upgrade.config(web_sockets);
        return upgrade.on_upgrade(|socket| return_messages(socket, holding_room, shutdown));
    }
    if request.method() == Method::CONNECT {
        return Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "Send CONNECT with :protocol websocket only: this server is no proxy.",
        )
        .into_response();
    }
    report(request).await.into_response()
}

/// Returns each message until either side closes.
async fn return_messages(
    mut socket: ServerWebSocket,
    holding_room: HoldingRoom,
    shutdown: Shutdown,
) {
    let ended = tokio::select! {
        ended = return_each(&mut socket, &holding_room) => ended,
        () = shutdown.requested() => {
            socket.close(CloseCode::GOING_AWAY, "the server stops").await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an echo ended");
    }
}

/// A long message goes back in fragments: when its end has come, or as soon as there is no room to hold it.
async fn return_each(
    socket: &mut ServerWebSocket,
    holding_room: &HoldingRoom,
) -> Result<(), Error> {
    let mut begun = VecDeque::new();
    while let Some(mut part) = socket.recv_part().await? {
        if !part.is_last {
            match holding_room.hold(part) {
                Ok(held) => {
                    begun.push_back(held);
                    continue;
                }
                Err(not_held) => part = not_held,
            }
        }
        while let Some(held) = begun.pop_front() {
            socket.feed(held.part).await?;
        }
        // `recv_part` writes what was fed before it waits: short messages share a write.
        socket.feed(part).await?;
    }
    Ok(())
}

async fn report(request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (body, trailers) = read_to_end(body).await?;
    let json = serde_json::to_vec(&Report::new(&parts, body, &trailers)).map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Try again with fewer header fields: the report could not be written.",
        )
    })?;
    Ok(respond(&parts, json))
}

fn respond(parts: &Parts, json: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(json.len()));
    let body = if parts.method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(json)
    };
    (headers, body).into_response()
}

/// Reads a body without keeping it.
async fn read_to_end(mut body: Body) -> Result<(BodyReport, HeaderMap), Problem> {
    let mut hash = digest::Context::new(&digest::SHA256);
    let (mut length, mut trailers) = (0, HeaderMap::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::from_body_error(&error))?;
        match frame.into_data() {
            Ok(data) => {
                length += data.len() as u64;
                hash.update(&data);
            }
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    let sha256 = hexadecimal(hash.finish().as_ref());
    Ok((BodyReport { length, sha256 }, trailers))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod over_both_protocols;
#[cfg(test)]
mod tests;
