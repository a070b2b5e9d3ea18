//! The text that a person is writing: its field, the copy that survives a reload, and advice about it.

use leptos::prelude::*;
use roomcast_shared::invisible::is_blank;
use roomcast_shared::person::PersonName;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlTextAreaElement, InputEvent};

use super::live_room::LiveRoom;
use crate::components::bind::Part;
use crate::dom::{after, is_in_sight, listen, set};
use crate::store::room::draft::{
    MAX_DRAFT_UNITS, MAX_MEASURED_UNITS, Meaning, direction, excess_chars, meaning, put_before,
};

/// Start of all advice about a text that is too long.
const TOO_LONG: &str = "Too long: ";

/// Height of the field for a text that is not measured, in CSS pixels. The style sheet allows less.
const FULL_HEIGHT: i32 = 1_000;

/// How long a person pauses who has written a command to its end, in milliseconds.
const PAUSE_MILLISECONDS: i32 = 1_000;

/// How the one command is used.
const NAME_COMMAND: &str = "/name takes the name by which people should call you: /name Ada";

/// Delay before a changed draft is stored, in milliseconds. Keys in between cost nothing.
const KEEP_MILLISECONDS: i32 = 300;

/// The draft of a room. Copies of it are the same one.
#[derive(Clone, Copy)]
pub struct Draft {
    room: LiveRoom,
    /// The field.
    pub field: Part,
    /// `true` if the text can be sent.
    pub can_send: RwSignal<bool>,
    /// Advice about the room.
    pub advice: RwSignal<String>,
    /// Advice about the text, until it changes.
    pub hint: RwSignal<String>,
    /// The text of the field after the last change.
    text: StoredValue<String>,
    /// `true` while a timer runs that stores the draft.
    is_keep_due: StoredValue<bool>,
}

impl Draft {
    /// Creates an empty draft.
    pub fn new(room: LiveRoom) -> Self {
        Self {
            room,
            field: Part::default(),
            can_send: RwSignal::new(false),
            advice: RwSignal::new(String::new()),
            hint: RwSignal::new(String::new()),
            text: StoredValue::new(String::new()),
            is_keep_due: StoredValue::new(false),
        }
    }

    /// Restores what this tab has stored, and stores what is written from now on.
    pub fn open(self) {
        self.restore();
        if let Some(field) = self.field() {
            let check = move |event: Event| self.check_input(event.unchecked_ref());
            listen(&field, "beforeinput", Box::new(check));
        }
        listen(&window(), "pagehide", Box::new(move |_| self.keep()));
        let look_away = move || {
            if !is_in_sight() {
                self.keep();
            }
        };
        listen(
            &document(),
            "visibilitychange",
            Box::new(move |_| look_away()),
        );
        // A page that comes back from the back/forward cache may be older than what the tab has stored.
        let come_back = move |event: Event| {
            let persisted = js_sys::Reflect::get(&event, &JsValue::from_str("persisted"));
            if persisted.is_ok_and(|persisted| persisted.is_truthy()) {
                self.restore();
            }
        };
        listen(&window(), "pageshow", Box::new(come_back));
    }

    fn field(self) -> Option<HtmlTextAreaElement> {
        self.field.get().map(JsCast::unchecked_into)
    }

    fn restore(self) {
        let kept = self.room.session().kept_draft();
        if kept != self.text() {
            self.show(&kept);
        }
    }

    /// Stores the draft now.
    fn keep(self) {
        self.text
            .with_value(|text| self.room.session().keep_draft(text));
    }

    /// Stores the draft soon.
    fn keep_soon(self) {
        if !self.is_keep_due.get_value() {
            self.is_keep_due.set_value(true);
            let keep = move || {
                self.is_keep_due.set_value(false);
                self.keep();
            };
            after(KEEP_MILLISECONDS, Box::new(keep));
        }
    }

    /// Inserts a text before the draft, to be edited.
    pub fn put_before(self, text: &str) {
        self.set(&put_before(text, &self.text()));
    }

    /// Replaces the draft, stores it, and moves the cursor to its end.
    pub fn set(self, text: &str) {
        self.show(text);
        self.keep();
        self.focus();
    }

    /// Gives the field the focus.
    pub fn focus(self) {
        if let Some(field) = self.field() {
            // It fails only for elements that cannot have the focus.
            let _ = field.focus();
        }
    }

    /// Returns what the person is to be told: about the text first.
    pub fn notice(self) -> String {
        let hint = self.hint.get();
        if hint.is_empty() {
            self.advice.get()
        } else {
            hint
        }
    }

    /// Shows a text in the field, with the cursor at its end.
    fn show(self, text: &str) {
        if let Some(field) = self.field() {
            field.set_value(text);
            self.text.set_value(text.to_owned());
            self.adapt();
        }
    }

    /// Refuses input that would make the field slow for every key that follows.
    fn check_input(self, event: &InputEvent) {
        let added = event.data().map_or(0, |data| units(&data));
        let present = self.field().map_or(0, |field| field.text_length());
        if added > 0 && present.saturating_add(added) > MAX_DRAFT_UNITS {
            event.prevent_default();
            self.refuse();
        }
    }

    /// Takes in what the person has changed in the field.
    pub fn follow(self) {
        let Some(field) = self.field() else {
            return;
        };
        // Not every way to insert a text can be refused beforehand.
        if field.text_length() > MAX_DRAFT_UNITS {
            field.set_value(&self.text());
            self.refuse();
            return;
        }
        self.text.set_value(field.value());
        self.adapt();
        self.keep_soon();
    }

    fn refuse(self) {
        let mut advice = String::from(TOO_LONG);
        advice.push_str("a message has at most ");
        advice.push_str(&self.room.session().room().max_text_chars.to_string());
        advice.push_str(" characters. What you inserted was left out.");
        self.hint.set(advice);
    }

    /// Adapts the field and the advice to the text.
    fn adapt(self) {
        self.fit();
        self.turn();
        self.count();
    }

    /// Says by how many characters the text is too long, for as long as it is, and whether it can be sent. A field's
    /// own `maxlength` counts UTF-16 units, and cuts what is pasted.
    fn count(self) {
        let excess = self.excess();
        self.hint.set(match excess {
            0 => String::new(),
            excess => excess_words(excess),
        });
        let (is_blank, is_held_back, is_complete) = self.text.with_value(|text| {
            let is_held_back = held_back(text).is_some();
            // The name of the command is complete once something follows it.
            let is_complete = text.trim_start().contains(char::is_whitespace);
            (is_blank(text), is_held_back, is_complete)
        });
        self.can_send.set(excess == 0 && !is_blank && !is_held_back);
        if excess == 0 && is_held_back {
            if is_complete {
                self.hold_back();
            } else {
                self.hold_back_soon();
            }
        }
    }

    /// Says why the text is held back, if it is.
    pub fn hold_back(self) {
        if let Some(hint) = self.text.with_value(|text| held_back(text)) {
            self.hint.set(hint);
        }
    }

    /// Says so once the person pauses.
    fn hold_back_soon(self) {
        let text = self.text();
        let say = move || {
            if self.text() == text {
                self.hold_back();
            }
        };
        after(PAUSE_MILLISECONDS, Box::new(say));
    }

    /// Returns by how many characters the text is too long for this room.
    pub fn excess(self) -> usize {
        let max_chars = self.room.session().room().max_text_chars;
        self.text.with_value(|text| excess_chars(text, max_chars))
    }

    /// Returns the text.
    pub fn text(self) -> String {
        self.text.get_value()
    }

    /// Gives the field the direction of its text. In Chromium, `dir="auto"` takes a time that is quadratic in
    /// the length of the text, at every key.
    fn turn(self) {
        if let Some(field) = self.field() {
            let direction = self.text.with_value(|text| direction(text));
            if field.dir() != direction {
                set(&field, "dir", direction);
            }
        }
    }

    /// Gives the field the height of its text. A long text gets the full height: it is not measured.
    fn fit(self) {
        let Some(field) = self.field() else {
            return;
        };
        let style = web_sys::HtmlElement::style(&field);
        let height = if field.text_length() > MAX_MEASURED_UNITS {
            FULL_HEIGHT
        } else {
            // It fails only in a style that cannot be changed.
            let _ = style.set_property("height", "auto");
            // The text's height is without the border, and the field's is with it.
            field.scroll_height() + field.offset_height() - field.client_height()
        };
        let mut height = height.to_string();
        height.push_str("px");
        let _ = style.set_property("height", &height);
    }
}

/// Says why a text cannot be sent that begins with a command: there is no such command, or it lacks something. `None` if
/// it can be sent.
fn held_back(text: &str) -> Option<String> {
    match meaning(text.trim_end()) {
        Meaning::Text(_) => None,
        Meaning::Command("name", name) => {
            let is_name = PersonName::parse(name).is_ok();
            (!is_name).then(|| NAME_COMMAND.to_owned())
        }
        Meaning::Command(command, _) => Some(unknown_command(command)),
    }
}

fn unknown_command(command: &str) -> String {
    let mut words = String::from("There is no command /");
    words.push_str(command);
    words.push_str(", only /name. To send it as a message, write //");
    words.push_str(command);
    words.push('.');
    words
}

/// The length of a text in UTF-16 units, as fields count.
fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

fn excess_words(excess: usize) -> String {
    let mut words = String::from(TOO_LONG);
    words.push_str("take out ");
    words.push_str(&excess.to_string());
    words.push_str(if excess == 1 {
        " character, or send it in parts."
    } else {
        " characters, or send it in parts."
    });
    words
}
