//! The list of rooms, live.

use leptos::prelude::{RwSignal, Set as _};
use roomcast_shared::lobby::{Lobby, LobbyRoom};

use super::live_stream::{LiveStream, Reader};
use super::{Input, State, json};
use crate::base_path;

/// Reads the list as an event stream.
pub struct LobbyReader {
    /// Takes the rooms, which come as the busiest first.
    pub show: Box<dyn Fn(Vec<LobbyRoom>)>,
    /// Where the connection stands.
    pub state: RwSignal<State>,
    /// Why there is no connection, in words.
    pub why: RwSignal<String>,
}

impl Reader for LobbyReader {
    fn kind(&self) -> &'static str {
        "lobby"
    }

    fn url(&self) -> String {
        base_path::join("/api/rooms/events")
    }

    fn receive(&self, _: &LiveStream, data: &str) -> Input {
        let Some(lobby) = json::read::<Lobby>(data) else {
            return Input::Lost;
        };
        (self.show)(lobby.rooms);
        Input::Received
    }

    fn show(&self, state: State) {
        self.state.set(state);
    }

    fn tell(&self, why: String) {
        self.why.set(why);
    }
}
