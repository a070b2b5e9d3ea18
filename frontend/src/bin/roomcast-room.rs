//! A room.

use roomcast_frontend::{app, start};

fn main() {
    start(app::RoomApp);
}
