//! The name of the room, on the page and in the title of its tab.

use leptos::prelude::*;
use web_sys::Element;

use super::live_room::LiveRoom;
use crate::components::bind::{keep_text, part};
use crate::components::live_text::words;
use crate::store::room::Room;

/// Shows the name; before the server has said it, as it stands in the address.
pub fn keep_room_name(page: &Element, room: LiveRoom) {
    let heading = part(page, "#room-name");
    keep_text(heading.into(), words(move || room_name(room)));
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
