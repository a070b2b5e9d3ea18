//! The button that copies the address of the room.

use leptos::leptos_dom::helpers::window;
use web_sys::HtmlElement;

use crate::dom::{after, by_id, listen};

/// How long the button says what it has done, in milliseconds.
const SAID_MILLISECONDS: i32 = 2_000;

/// Makes the button work.
pub fn start() -> Option<()> {
    let button: HtmlElement = by_id("share")?;
    let shown = button.clone();
    let act = move |_| {
        let window = window();
        let address = window.location().href().unwrap_or_default();
        // The clipboard is there on secure pages only; everywhere else the address can be copied by hand.
        if window.is_secure_context() {
            let _ = window.navigator().clipboard().write_text(&address);
            shown.set_text_content(Some("Link copied"));
            let shown = shown.clone();
            after(
                SAID_MILLISECONDS,
                Box::new(move || shown.set_text_content(Some("Share"))),
            );
        } else {
            let _ = window.prompt_with_message_and_default("The address of this room", &address);
        }
    };
    listen(&button, "click", Box::new(act));
    Some(())
}
