//! The name of the room, on the page and in the title of its tab.

use leptos::prelude::*;

use super::live_room::LiveRoom;
use crate::components::live_text::{live_text, words};
use crate::store::room::Room;

/// The name; before the server has said it, as it stands in the address.
#[component]
pub fn RoomName(room: LiveRoom) -> impl IntoView {
    view! { <h1 id="room-name" translate="no" use:live_text=words(move || room_name(room))></h1> }
}

/// Shows the name in the title of the tab, with the number of unread messages. `shown` is the title that was
/// set last: the document's own may have been translated since.
pub fn show_title(room: LiveRoom, shown: StoredValue<String>) {
    let mut title = String::new();
    let unread = room.with(|room| room.unread.count());
    if unread > 0 {
        title.push('(');
        title.push_str(&unread.to_string());
        title.push_str(") ");
    }
    title.push_str(&room_name(room));
    title.push_str(" · Roomcast");
    if shown.with_value(|shown| *shown != title) {
        document().set_title(&title);
        shown.set_value(title);
    }
}

/// The name, by the server's word or that of the address.
pub fn room_name(room: LiveRoom) -> String {
    let name = room.with(|room: &Room| room.name.clone());
    if !name.is_empty() {
        return name;
    }
    let session = room.session();
    let segment = session.address().segment();
    js_sys::decode_uri_component(segment).map_or_else(|_| segment.to_owned(), String::from)
}
