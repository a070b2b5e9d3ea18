//! The page of a room.

use std::rc::Rc;

use leptos::leptos_dom::helpers::location_pathname;

use crate::components::room::RoomView;
use crate::connection::room::{RoomAddress, RoomSession};

/// Brings the page in the document to life: what is said in the room at the document's address, who is
/// here, and a place to write.
///
/// It lives as long as the document, since a link to another page loads that anew.
pub fn start() {
    let address = RoomAddress::of_page(&location_pathname().unwrap_or_default());
    let session = RoomSession::new(address);
    if let Some(view) = RoomView::new(&session) {
        session.open(Rc::new(view));
    }
}
