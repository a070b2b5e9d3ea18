//! A room's address for programs that make a preview of the link.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::{RoomPath, RoomService};
use crate::assets::{WITHOUT_SCRIPTS, escaped};
use crate::handler::problem::Problem;

const TEMPLATE: &str = include_str!("link_preview.html");

/// Answers with a page that says what the room is (The Open Graph protocol). Nobody enters the room, no
/// cookie is set and nothing of the conversation is shown: the preview may appear anywhere.
///
/// The picture needs an absolute address, so it is left out where the request names no host.
pub(super) async fn preview(
    State(service): State<Arc<RoomService>>,
    room: Result<RoomPath, Problem>,
    request: Request,
) -> Response {
    let RoomPath(name) = match room {
        Ok(room) => room,
        Err(problem) => return problem.into_response(),
    };
    let uri = request.uri();
    let host = uri.authority().map(http::uri::Authority::as_str);
    let host = host.or_else(|| request.headers().get(header::HOST)?.to_str().ok());
    let scheme = if service.people.is_secure() {
        "https"
    } else {
        "http"
    };
    let places = host.map(|host| {
        let base_path = service.base_path.as_str();
        let origin = escaped(&format!("{scheme}://{host}{base_path}"));
        let path = escaped(uri.path());
        format!(
            "<meta property=\"og:url\" content=\"{origin}{path}\">\n\
             <meta property=\"og:image\" content=\"{origin}/icon-512.png\">"
        )
    });
    let html = TEMPLATE
        .replace("{places}", &places.unwrap_or_default())
        .replace("{room}", &escaped(name.as_str()));
    let fields = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, WITHOUT_SCRIPTS),
    ];
    (StatusCode::OK, fields, html).into_response()
}
