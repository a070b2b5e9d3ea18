//! The button that copies the address of the room.

use leptos::prelude::*;

use crate::dom::after;

/// How long the button says what it has done, in milliseconds.
const SAID_MILLISECONDS: i32 = 2_000;

/// The button.
#[component]
pub fn Share() -> impl IntoView {
    let words = RwSignal::new("Share");
    let share = move |_| {
        let window = window();
        let address = window.location().href().unwrap_or_default();
        // The clipboard is there on secure pages only; everywhere else the address can be copied by hand.
        if window.is_secure_context() {
            let _ = window.navigator().clipboard().write_text(&address);
            words.set("Link copied");
            after(SAID_MILLISECONDS, Box::new(move || words.set("Share")));
        } else {
            let _ = window.prompt_with_message_and_default("The address of this room", &address);
        }
    };
    view! {
        <button type="button" class="button" id="share" on:click=share>
            {move || words.get()}
        </button>
    }
}
