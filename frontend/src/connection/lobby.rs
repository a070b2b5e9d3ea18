//! The list of rooms, live.

use std::rc::Rc;

use roomcast_shared::lobby::Lobby;
use web_sys::HtmlElement;

use super::live_stream::{LiveStream, Reader};
use super::{Input, State};
use crate::components::lobby::RoomList;
use crate::dom::{set, show_text};

/// Reads the list as an event stream and shows it.
pub struct LobbyReader {
    /// What shows the rooms.
    pub list: Rc<RoomList>,
    /// What shows the state of the connection.
    pub state: HtmlElement,
}

impl Reader for LobbyReader {
    fn kind(&self) -> &'static str {
        "lobby"
    }

    fn url(&self) -> String {
        "/api/rooms/events".to_owned()
    }

    fn receive(&self, _: &LiveStream, data: &str) -> Input {
        let Ok(lobby) = serde_json::from_str::<Lobby>(data) else {
            return Input::Lost;
        };
        self.list.show(lobby.rooms);
        Input::Received
    }

    fn show(&self, state: State) {
        set(&self.state, "data-state", state.name());
        show_text(&self.state, state.label());
    }
}
