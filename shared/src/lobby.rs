//! The list of rooms.

use serde::{Deserialize, Serialize};

use crate::room_name::RoomName;

/// The rooms of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lobby {
    /// The rooms, the busiest first; at most
    /// [`MAX_LISTED_ROOMS`](crate::limits::MAX_LISTED_ROOMS) of them.
    pub rooms: Vec<LobbyRoom>,
}

/// A room in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbyRoom {
    /// Its name.
    pub name: RoomName,
    /// How many people are in it now.
    pub people: usize,
    /// When the last message was taken, in milliseconds since 1970; none in a room where nothing
    /// was said yet.
    pub last_message: Option<u64>,
}
