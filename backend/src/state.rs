//! What every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::assets::Assets;
use crate::handler::echo::HoldingRoom;
use crate::handler::room::RoomService;
use crate::middleware::origin::AllowedOrigins;
use crate::prime::Primes;
use crate::shutdown::Shutdown;
use crate::transport::websocket::watch::Handshakes;

/// The parts of a running server that handlers share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The stop signal: long-lived responses end when it is given.
    pub shutdown: Shutdown,
    /// The browser client.
    pub assets: Arc<Assets>,
    /// The logs of primes.
    pub primes: Arc<Primes>,
    /// How WebSockets behave.
    pub web_sockets: roomcast_websocket::Config,
    /// Room for long messages to the echo.
    pub holding_room: HoldingRoom,
    /// The rooms and the people in them.
    pub rooms: Arc<RoomService>,
    /// The sites whose pages may use the rooms.
    pub allowed_origins: AllowedOrigins,
    /// What is known of opening handshakes.
    pub(crate) handshakes: Handshakes,
}

impl FromRef<AppState> for Handshakes {
    fn from_ref(state: &AppState) -> Self {
        state.handshakes.clone()
    }
}

impl FromRef<AppState> for roomcast_websocket::Config {
    fn from_ref(state: &AppState) -> Self {
        state.web_sockets
    }
}

impl FromRef<AppState> for HoldingRoom {
    fn from_ref(state: &AppState) -> Self {
        state.holding_room.clone()
    }
}

impl FromRef<AppState> for Shutdown {
    fn from_ref(state: &AppState) -> Self {
        state.shutdown.clone()
    }
}

impl FromRef<AppState> for Arc<Assets> {
    fn from_ref(state: &AppState) -> Self {
        Arc::clone(&state.assets)
    }
}

impl FromRef<AppState> for Arc<Primes> {
    fn from_ref(state: &AppState) -> Self {
        Arc::clone(&state.primes)
    }
}

impl FromRef<AppState> for Arc<RoomService> {
    fn from_ref(state: &AppState) -> Self {
        Arc::clone(&state.rooms)
    }
}
