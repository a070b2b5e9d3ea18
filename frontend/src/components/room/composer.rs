//! Where a person writes, and says how they are called.

use std::cell::RefCell;
use std::rc::Rc;

use roomcast_shared::limits::MAX_PERSON_NAME_CHARS;
use roomcast_shared::person::{PersonName, PersonNameError};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

use crate::connection::room::{RoomSession, kept_name};
use crate::dom::{by_id, listen, set, show_text};
use crate::store::room::Room;

/// The form under the messages.
pub struct Composer {
    text: HtmlTextAreaElement,
    name: HtmlInputElement,
    advice: HtmlElement,
    /// What the room has advised, as it is shown.
    advised: RefCell<String>,
}

impl Composer {
    /// The form, in the elements of the page. `on_said` is called when something was said.
    pub fn new(session: &RoomSession, on_said: Rc<dyn Fn()>) -> Option<Rc<Self>> {
        let composer = Rc::new(Self {
            text: by_id("message")?,
            name: by_id("your-name")?,
            advice: by_id("advice")?,
            advised: RefCell::default(),
        });
        composer.name.set_value(&kept_name());
        let form: HtmlElement = by_id("composer")?;

        let (own, to) = (composer.clone(), session.clone());
        let submit = Rc::new(move || {
            if own.say(&to) {
                on_said();
            }
        });
        let submitted = submit.clone();
        listen(
            &form,
            "submit",
            Box::new(move |event| {
                event.prevent_default();
                submitted();
            }),
        );
        listen(
            &composer.text,
            "keydown",
            Box::new(move |event| {
                let key: &KeyboardEvent = event.unchecked_ref();
                // While an input method composes, Enter chooses a word; key code 229 is Safari's way
                // to say so.
                let is_composing = key.is_composing() || key.key_code() == 229;
                if key.key() == "Enter" && !key.shift_key() && !is_composing {
                    event.prevent_default();
                    submit();
                }
            }),
        );
        let (own, to) = (composer.clone(), session.clone());
        listen(
            &composer.text,
            "input",
            Box::new(move |_| {
                own.fit();
                // The messages have another height now.
                to.show();
                if !own.text.value().trim().is_empty() {
                    to.type_on();
                }
            }),
        );
        let (own, to) = (composer.clone(), session.clone());
        listen(&composer.name, "change", Box::new(move |_| own.rename(&to)));
        let own = composer.clone();
        listen(
            &composer.name,
            "keydown",
            Box::new(move |event| {
                // Enter is done with the name, and does not send what stands below.
                if event.unchecked_ref::<KeyboardEvent>().key() == "Enter" {
                    event.prevent_default();
                    let _ = own.text.focus();
                }
            }),
        );
        Some(composer)
    }

    /// Shows by which name the person goes, and what they are to be told.
    pub fn show(&self, room: &Room) {
        if let Some(me) = &room.me {
            self.name.set_placeholder(&me.name);
        }
        if *self.advised.borrow() != room.advice {
            self.advised.replace(room.advice.clone());
            self.advise(&room.advice);
        }
    }

    /// Puts a text back to be written anew.
    pub fn edit(&self, text: &str) {
        self.text.set_value(text);
        self.fit();
        let _ = self.text.focus();
    }

    fn say(&self, session: &RoomSession) -> bool {
        let text = self.text.value();
        let text = text.trim_end();
        if text.is_empty() {
            return false;
        }
        session.say(text);
        self.text.set_value("");
        self.fit();
        let _ = self.text.focus();
        true
    }

    fn rename(&self, session: &RoomSession) {
        let written = self.name.value();
        let advice = match PersonName::parse(&written) {
            Ok(name) => {
                self.name.set_value(name.as_str());
                session.rename(name.as_str());
                String::new()
            }
            Err(PersonNameError::TooLong) => {
                let mut advice = String::from("Take a name of at most ");
                advice.push_str(&MAX_PERSON_NAME_CHARS.to_string());
                advice.push_str(" characters.");
                advice
            }
            Err(PersonNameError::Invisible) => "Take a name that people can see.".to_owned(),
            Err(PersonNameError::Character(_)) => {
                "Take a name without control characters.".to_owned()
            }
        };
        set(
            &self.name,
            "aria-invalid",
            if advice.is_empty() { "false" } else { "true" },
        );
        self.advise(&advice);
        session.show();
    }

    fn advise(&self, advice: &str) {
        show_text(&self.advice, advice);
        self.advice.set_hidden(advice.is_empty());
    }

    /// Gives the field the height of its text.
    fn fit(&self) {
        let style = self.text.style();
        // They fail only in a style that cannot be changed.
        let _ = style.set_property("height", "auto");
        let mut height = self.text.scroll_height().to_string();
        height.push_str("px");
        let _ = style.set_property("height", &height);
    }
}
