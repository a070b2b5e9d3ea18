//! The pages of the client that are the same for everybody, and the addresses that crawlers ask by custom.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};

use super::assets;
use super::link_preview::LinkPreview;
use crate::assets::{Assets, Page};
use crate::negotiation::preview_client;
use crate::state::AppState;

/// `GET` or `HEAD` of a page: its document, or what a preview of its link needs.
pub fn page(page: Page, state: &AppState, request: &Request) -> Response {
    if preview_client::makes_preview(request.headers()) {
        let is_secure = state.rooms.people.is_secure();
        return LinkPreview::of_page(page).answer(is_secure, &state.rooms.base_path, request);
    }
    assets::document(page, &state.assets, request)
}

/// `GET /favicon.ico`, which programs ask for without having read a page: an icon in a format that they know.
pub async fn favicon(State(assets): State<Arc<Assets>>) -> Response {
    let icon = assets.base_path().join("/icon-192.png");
    let fields = [
        (header::LOCATION, icon.as_str()),
        (header::CACHE_CONTROL, "max-age=86400"),
    ];
    (StatusCode::PERMANENT_REDIRECT, fields).into_response()
}

/// `GET /robots.txt` (RFC 9309): pages may be asked for, what never ends and what is for programs may not.
pub async fn robots(State(assets): State<Arc<Assets>>) -> Response {
    let base_path = assets.base_path();
    let (api, prime) = (base_path.join("/api/"), base_path.join("/prime"));
    let text = format!("User-agent: *\nDisallow: {api}\nDisallow: {prime}\n");
    let fields = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=86400"),
    ];
    (fields, text).into_response()
}
