//! Where one makes a room, or opens one by its name.

use js_sys::{JsString, RegExp};
use leptos::leptos_dom::helpers::window;
use web_sys::{HtmlElement, HtmlInputElement};

use crate::dom::{by_id, listen, set, show_text};
use crate::route;
use crate::store::room_name::{NAME_CHARACTERS, advice, tidied};

/// Asks for a name and goes to the room of that name, which is made by entering it.
#[derive(Clone)]
pub struct RoomForm {
    field: HtmlInputElement,
    advice: HtmlElement,
}

impl RoomForm {
    /// Makes the form of the page work; none where it is not there.
    pub fn start() -> Option<()> {
        let own = Self {
            field: by_id("new-room")?,
            advice: by_id("new-room-advice")?,
        };
        let form: HtmlElement = by_id("room-form")?;
        let other = own.clone();
        listen(&own.field, "input", Box::new(move |_| other.advise("")));
        let submit = own;
        listen(
            &form,
            "submit",
            Box::new(move |event| {
                event.prevent_default();
                submit.open();
            }),
        );
        form.remove_attribute("inert").ok()
    }

    fn open(&self) {
        let name = tidied(&self.field.value());
        match advice(&name, &without_name_characters(&name)) {
            // It fails only where the address is none, which an encoded name cannot make it.
            None => drop(window().location().set_href(&route::room(&name))),
            Some(sentence) => {
                self.advise(&sentence);
                // It fails only for elements that cannot have the focus.
                let _ = self.field.focus();
            }
        }
    }

    fn advise(&self, sentence: &str) {
        show_text(&self.advice, sentence);
        let is_invalid = if sentence.is_empty() { "false" } else { "true" };
        set(&self.field, "aria-invalid", is_invalid);
    }
}

/// What a name has in it that no name may have.
fn without_name_characters(name: &str) -> String {
    let name = JsString::from(name);
    name.replace_by_pattern(&RegExp::new(NAME_CHARACTERS, "gu"), "")
        .into()
}
