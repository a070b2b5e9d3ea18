//! The page of rooms, the lobby.

use std::rc::Rc;

use crate::components::lobby::{RoomForm, RoomList};
use crate::connection::live_stream::LiveStream;
use crate::connection::lobby::LobbyReader;
use crate::dom::{by_id, every};

/// How often times such as “5 min ago” are told anew, in milliseconds.
const CLOCK_INTERVAL_MILLISECONDS: i32 = 20_000;

/// Brings the page in the document to life: the rooms that there are, and a way to make one.
pub fn start() {
    RoomForm::start();
    if let (Some(list), Some(state)) = (RoomList::new(), by_id("lobby-state")) {
        let list = Rc::new(list);
        let clock = list.clone();
        every(CLOCK_INTERVAL_MILLISECONDS, Box::new(move || clock.tick()));
        LiveStream::open(LobbyReader { list, state });
    }
}
