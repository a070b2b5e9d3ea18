//! The page of rooms, the lobby.

use leptos::prelude::*;

use crate::components::lobby::{RoomForm, RoomList};

/// The rooms that there are, and a way to make one.
///
/// The twin in `index.html` shows the same boxes until the client runs.
#[component]
pub fn RoomsPage() -> impl IntoView {
    view! {
        <main class="lobby">
            <div class="intro">
                <h1>"Rooms"</h1>
                <p>"Whoever opens the same address is in the same room."</p>
            </div>
            <RoomForm />
            <RoomList />
        </main>
    }
}
