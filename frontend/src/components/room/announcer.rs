//! What reaches people who do not look at the messages: for those who hear the page, and for those who
//! look at another one.

use leptos::leptos_dom::helpers::window;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement, Notification, NotificationOptions, NotificationPermission};

use crate::dom::{by_id, is_in_sight, listen};
use crate::store::room::Room;
use crate::store::room::incoming::Message;

/// A live region that says each new message once, and the browser's notifications.
pub struct Announcer {
    heard: Element,
    /// The button by which a person asks for notifications.
    notify: HtmlElement,
}

impl Announcer {
    /// The announcer, in the elements of the page.
    pub fn new() -> Option<Self> {
        let announcer = Self {
            heard: by_id("heard")?,
            notify: by_id("notify")?,
        };
        let can_notify = js_sys::Reflect::has(&window(), &JsValue::from_str("Notification"));
        let is_asked_for =
            can_notify == Ok(true) && Notification::permission() == NotificationPermission::Default;
        announcer.notify.set_hidden(!is_asked_for);
        let button = announcer.notify.clone();
        listen(
            &announcer.notify,
            "click",
            Box::new(move |_| {
                // The browser asks the person now; whatever they answer is settled there.
                let _ = Notification::request_permission();
                button.set_hidden(true);
            }),
        );
        Some(announcer)
    }

    /// Somebody said something.
    pub fn hear(&self, room: &Room, message: &Message) {
        let mut words = message.person.name.clone();
        words.push_str(": ");
        words.push_str(&message.text);
        self.heard.set_text_content(Some(&words));

        if room.is_mention(message) && !is_in_sight() && self.may_notify() {
            let options = NotificationOptions::new();
            options.set_body(&words);
            // Of several in one room the newest is of interest.
            options.set_tag(&room.name);
            // Browsers without a right to do so here say so by an exception: nothing is lost.
            let _ = Notification::new_with_options(&room.name, &options);
        }
    }

    fn may_notify(&self) -> bool {
        self.notify.hidden() && Notification::permission() == NotificationPermission::Granted
    }
}
