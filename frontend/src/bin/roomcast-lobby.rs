//! The list of rooms.

use roomcast_frontend::{app, start};

fn main() {
    start(app::LobbyApp);
}
