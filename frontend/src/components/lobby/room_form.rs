//! Where one makes a room, or opens one by its name.

use js_sys::{JsString, RegExp};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use crate::components::live_text::{live_text, words};
use crate::route;
use crate::store::room_name::{NAME_CHARACTERS, advice, tidied};

/// Length of the field in UTF-16 units: more than any name has, so that it cuts none.
const MAX_FIELD_UNITS: &str = "1000";

/// Asks for a name and goes to the room of that name, which is made by entering it.
#[component]
pub fn RoomForm() -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let sentence = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else {
            return;
        };
        let name = tidied(&field.value());
        match advice(&name, &without_name_characters(&name)) {
            // It fails only where the address is none, which an encoded name cannot make it.
            None => drop(window().location().set_href(&route::room(&name))),
            Some(advice) => {
                sentence.set(advice);
                // It fails only for elements that cannot have the focus.
                let _ = field.focus();
            }
        }
    };
    view! {
        <form class="card room-form" on:submit=submit>
            <label class="label" for="new-room">"Make a room, or open one by its name"</label>
            <div class="room-form-line">
                <input
                    id="new-room"
                    type="text"
                    maxlength=MAX_FIELD_UNITS
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder="tea-kitchen"
                    aria-describedby="new-room-advice"
                    aria-invalid=move || sentence.with(|sentence| !sentence.is_empty()).then_some("true")
                    node_ref=field
                    on:input=move |_| sentence.set(String::new())
                />
                <button type="submit" class="button button-primary">"Open"</button>
            </div>
            <p
                class="advice"
                id="new-room-advice"
                role="alert"
            >
                {live_text(words(move || sentence.get()))}
            </p>
        </form>
    }
}

/// What a name has in it that no name may have.
fn without_name_characters(name: &str) -> String {
    let name = JsString::from(name);
    name.replace_by_pattern(&RegExp::new(NAME_CHARACTERS, "gu"), "")
        .into()
}
