//! Every route of the server, in one table.

use axum::Router;
use axum::routing::any;

use crate::handler::echo::echo;
use crate::state::AppState;

/// What the server answers.
pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/api/echo", any(echo))
        .with_state(state)
}
