//! The page of a room.

use std::rc::Rc;

use leptos::html;
use leptos::leptos_dom::helpers::location_pathname;
use leptos::prelude::*;

use crate::components::room::RoomView;
use crate::connection::room::{RoomAddress, RoomSession};

/// The frame of the page: no word in it comes from anybody but us.
const FRAME: &str = include_str!("room.html");

/// A room: what is said in it, who is here, and a place to write.
///
/// It lives as long as the document, since a link to another page loads that anew.
#[component]
pub fn RoomPage() -> impl IntoView {
    let main = NodeRef::<html::Main>::new();
    main.on_load(|_| {
        let address = RoomAddress::of_page(&location_pathname().unwrap_or_default());
        let session = RoomSession::new(address);
        if let Some(view) = RoomView::new(&session) {
            session.open(Rc::new(view));
        }
    });
    view! { <main class="room" node_ref=main inner_html=FRAME></main> }
}
