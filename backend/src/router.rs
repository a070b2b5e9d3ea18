//! Every route of the server, in one table.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{get, post};

use crate::assets::{Assets, CLIENT_ROUTES};
use crate::config::BasePath;
use crate::handler::echo::echo;
use crate::handler::prime::prime;
use crate::handler::{assets, error_page, health, page, refusal, room};
use crate::middleware::{
    base_path, handshake, methods, origin, security_headers, singleton_fields,
};
use crate::state::AppState;

/// What the server answers.
pub(crate) fn router(state: AppState) -> Router {
    let client = CLIENT_ROUTES
        .into_iter()
        .fold(Router::new(), |router, (route, page)| {
            let page = async move |State(state): State<AppState>, request: Request| {
                page::page(page, &state, &request)
            };
            router.route(route, get(page))
        });
    let routes = client
        .route("/prime", get(prime))
        .route(
            "/api/echo",
            // A WebSocket over HTTP/2 begins with CONNECT, here and below.
            get(echo)
                .connect(echo)
                .post(echo)
                .put(echo)
                .patch(echo)
                .delete(echo)
                .layer(from_fn_with_state(
                    state.handshakes.clone(),
                    handshake::watch,
                )),
        )
        .merge(rooms(&state))
        .route("/favicon.ico", get(page::favicon))
        .route("/robots.txt", get(page::robots))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(assets::fallback)
        .method_not_allowed_fallback(methods::not_allowed)
        .layer(from_fn(singleton_fields::check))
        .with_state(state.clone());
    // A router adds `Allow` behind all layers of its own, so what completes it is around the router.
    let checked = Router::new()
        .fallback_service(routes)
        .layer(from_fn(methods::check));
    completed(checked, state.assets)
}

/// What a connection is answered that is one too many: the same to everything.
pub(crate) fn of_refused_connections(assets: Arc<Assets>) -> Router {
    completed(Router::new().fallback(refusal::refuse), assets)
}

/// A router with what all requests and responses have in common.
fn completed(router: Router, assets: Arc<Assets>) -> Router {
    let base_path = assets.base_path().clone();
    let router = router.layer(from_fn_with_state(assets, error_page::negotiate));
    under(base_path, router).layer(map_response(security_headers::add))
}

/// A router whose paths are also found under the base path.
fn under(base_path: BasePath, router: Router) -> Router {
    if base_path.is_root() {
        router
    } else {
        router.layer(from_fn_with_state(base_path, base_path::strip))
    }
}

/// Rooms: for our own pages, for those of sites that are allowed, and for programs.
fn rooms(state: &AppState) -> Router<AppState> {
    let check = from_fn_with_state(state.allowed_origins.clone(), origin::check);
    Router::new()
        .route("/api/rooms", get(room::lobby::lobby))
        .route("/api/rooms/events", get(room::lobby::lobby_events))
        .route(
            "/api/rooms/{room}/socket",
            get(room::socket::socket)
                .connect(room::socket::socket)
                .post(room::socket_report::report),
        )
        .route("/api/rooms/{room}/typing", post(room::typing::type_on))
        .route("/api/rooms/{room}/events", get(room::events::events))
        .route(
            "/api/rooms/{room}/messages",
            get(room::history::history).post(room::publish::publish),
        )
        .route(
            "/rooms/{room}",
            get(room::address::address)
                .connect(room::address::address)
                .post(room::address::address),
        )
        // Here and not only for the whole table: the check answers preflights, and what lies around it
        // would refuse OPTIONS before.
        .method_not_allowed_fallback(methods::not_allowed)
        .layer(check)
        // Around the check, so that it sees what that refuses.
        .layer(from_fn_with_state(
            state.handshakes.clone(),
            handshake::watch,
        ))
}
