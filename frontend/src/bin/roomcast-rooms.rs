//! The list of rooms, and a room.

use roomcast_frontend::{rooms_app, start};

fn main() {
    start(rooms_app::RoomsApp);
}
