//! What reaches people who do not look at the messages: for those who hear the page, and for those who
//! look at another one.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use crate::dom::{append, is_in_sight, lower_case};
use crate::store::room::Room;
use crate::store::room::incoming::Message;

/// So many of the last words stay where they are heard, for those that come faster than they are read out.
const MAX_HEARD: u32 = 8;

/// A live region that says each new message once.
#[component]
pub fn Announcer(heard: NodeRef<html::Div>) -> impl IntoView {
    view! { <div class="visually-hidden" aria-live="polite" node_ref=heard></div> }
}

/// Lets words be heard. They are an element of their own each time: the same words in the place of the last
/// ones are no news to a screen reader.
pub fn say(heard: NodeRef<html::Div>, words: &str) {
    if let Some(region) = heard.get_untracked() {
        if region.child_element_count() >= MAX_HEARD
            && let Some(oldest) = region.first_element_child()
        {
            oldest.remove();
        }
        append(&region, "p", "", words);
    }
}

/// The button by which a person asks for the browser's notifications.
#[component]
pub fn NotifyButton() -> impl IntoView {
    let is_asked_for = RwSignal::new(
        can_notify() && Notification::permission() == NotificationPermission::Default,
    );
    let ask = move |_| {
        // The browser asks the person now; whatever they answer is settled there.
        let _ = Notification::request_permission();
        is_asked_for.set(false);
    };
    view! {
        <button
            type="button"
            class="button"
            id="notify"
            hidden=move || !is_asked_for.get()
            on:click=ask
        >
            "Notify me of mentions"
        </button>
    }
}

/// Somebody said something: the words that are to be heard. A mention that nobody sees is a
/// notification as well.
pub fn announce(room: &Room, message: &Message) -> String {
    let mut words = message.person.name.clone();
    words.push_str(": ");
    words.push_str(&message.text);

    if room.is_mention(message, lower_case) && !is_in_sight() && may_notify() {
        let options = NotificationOptions::new();
        options.set_body(&words);
        // Of several in one room the newest is of interest.
        options.set_tag(&room.name);
        // Browsers without a right to do so here say so by an exception: nothing is lost.
        let _ = Notification::new_with_options(&room.name, &options);
    }
    words
}

fn may_notify() -> bool {
    can_notify() && Notification::permission() == NotificationPermission::Granted
}

fn can_notify() -> bool {
    js_sys::Reflect::has(&window(), &JsValue::from_str("Notification")) == Ok(true)
}
