//! What every handler can reach.

use axum::extract::FromRef;

use crate::shutdown::Shutdown;

/// The parts of a running server that handlers share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The stop signal: long-lived responses end when it is given.
    pub shutdown: Shutdown,
}

impl FromRef<AppState> for Shutdown {
    fn from_ref(state: &AppState) -> Self {
        state.shutdown.clone()
    }
}
