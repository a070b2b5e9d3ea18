//! The page of a room.

use leptos::leptos_dom::helpers::location_pathname;
use leptos::prelude::*;

use crate::components::room::RoomView;
use crate::connection::room::{RoomAddress, RoomSession};

/// The room at the document's address: what is said in it, who is here, and a place to write.
///
/// It lives as long as the document, since a link to another page loads that anew. The twin in
/// `index.html` shows the same boxes until the client runs.
#[component]
pub fn RoomPage() -> impl IntoView {
    let address = RoomAddress::of_page(&location_pathname().unwrap_or_default());
    view! { <RoomView session=RoomSession::new(address) /> }
}
