//! Every route of the server, in one table.

use axum::Router;

use crate::state::AppState;

/// What the server answers.
pub(crate) fn router(state: AppState) -> Router {
    Router::new().with_state(state)
}
