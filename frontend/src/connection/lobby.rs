//! The list of rooms, live.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use super::live_stream::{LiveStream, Reader};
use super::{Input, State, decode};
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

    fn receive(&self, _: &LiveStream, data: &JsValue) -> Input {
        let Some(lobby) = decode::lobby(data) else {
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
