//! The buttons that copy the address of the room.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Event, HtmlElement};

use super::message_row::{ACT, SHARE};
use crate::components::bind::part;
use crate::dom::{after, listen};

/// How long a button says what it has done, in milliseconds.
const SAID_MILLISECONDS: i32 = 2_000;

/// Serves the button in the head of the page, and the one that invites into an empty room.
pub fn serve_share(page: &Element) {
    let button = part(page, "#share");
    button.set_text_content(Some("Share"));
    let head = button.clone();
    listen(
        &button,
        "click",
        Box::new(move |_| share(head.clone(), "Share")),
    );
    let press = move |event: Event| {
        let target = event.target();
        let pressed = target.and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if let Some(button) = pressed
            && button.get_attribute(ACT).as_deref() == Some(SHARE)
        {
            share(button, COPY_LINK);
        }
    };
    listen(&part(page, "#messages"), "click", Box::new(press));
}

/// The words on the button in an empty room.
pub const COPY_LINK: &str = "Copy link";

/// Copies the address, and says so on the button, which has these `words` otherwise. Where the browser does not copy, it
/// shows the address in a field, to be copied by hand.
fn share(button: HtmlElement, words: &'static str) {
    spawn_local(async move {
        let address = window().location().href().unwrap_or_default();
        if copy(&address).await {
            button.set_text_content(Some("Link copied"));
            let end = move || button.set_text_content(Some(words));
            after(SAID_MILLISECONDS, Box::new(end));
        } else {
            // What the person answers is of no interest.
            let _ = window().prompt_with_message_and_default("The address of this room", &address);
        }
    });
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
