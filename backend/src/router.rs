//! Every route of the server, in one table.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{any, get};

use crate::assets::CLIENT_ROUTES;
use crate::handler::echo::echo;
use crate::handler::prime::prime;
use crate::handler::{assets, health};
use crate::middleware::security_headers;
use crate::state::AppState;

/// What the server answers.
pub(crate) fn router(state: AppState) -> Router {
    let client = CLIENT_ROUTES
        .into_iter()
        .fold(Router::new(), |router, route| {
            router.route(route, get(assets::document))
        });
    client
        .route("/prime", get(prime))
        .route("/api/echo", any(echo))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(assets::fallback)
        .method_not_allowed_fallback(assets::method_not_allowed)
        .layer(map_response(security_headers::add))
        .with_state(state)
}
