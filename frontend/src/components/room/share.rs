//! The button that copies the address of the room.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Element;

use crate::components::bind::{keep_text, part};
use crate::components::live_text::words;
use crate::dom::{after, listen};

/// How long the button says what it has done, in milliseconds.
const SAID_MILLISECONDS: i32 = 2_000;

/// The button. Where the browser does not copy, it shows the address in a field, to be copied by hand.
pub fn serve_share(page: &Element) {
    let label = RwSignal::new("Share");
    let share = move || {
        spawn_local(async move {
            let address = window().location().href().unwrap_or_default();
            if copy(&address).await {
                label.set("Link copied");
                after(SAID_MILLISECONDS, Box::new(move || label.set("Share")));
            } else {
                // What the person answers is of no interest.
                let _ =
                    window().prompt_with_message_and_default("The address of this room", &address);
            }
        });
    };
    let button = part(page, "#share");
    listen(&button, "click", Box::new(move |_| share()));
    keep_text(button.into(), words(move || label.get().to_owned()));
}

/// Copies a text, and says whether the browser has done it. The clipboard is there on secure pages only.
async fn copy(text: &str) -> bool {
    let window = window();
    if !window.is_secure_context() {
        return false;
    }
    let copied = window.navigator().clipboard().write_text(text);
    JsFuture::from(copied).await.is_ok()
}
