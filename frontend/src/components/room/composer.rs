//! Where a person writes, and says how they are called.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use roomcast_shared::limits::MAX_PERSON_NAME_CHARS;
use roomcast_shared::person::{PersonName, PersonNameError};

use super::live_room::LiveRoom;
use super::message_list::MessageList;
use crate::connection::room::kept_name;
use crate::dom::listen;
use crate::store::room::draft::{excess_chars, put_before};

/// How advice about a text that is too long begins.
const TOO_LONG: &str = "Too long: take out ";

/// What a person is writing. Copies of it are the same.
#[derive(Clone, Copy)]
pub struct Draft {
    room: LiveRoom,
    text: NodeRef<html::Textarea>,
    /// What the person is to be told.
    pub advice: RwSignal<String>,
}

impl Draft {
    /// Nothing yet.
    pub fn new(room: LiveRoom) -> Self {
        Self {
            room,
            text: NodeRef::new(),
            advice: RwSignal::new(String::new()),
        }
    }

    /// Puts a text back to be written anew, before what is being written.
    pub fn put_before(self, text: &str) {
        self.set(&put_before(text, &self.value()));
    }

    fn set(self, text: &str) {
        if let Some(field) = self.text.get_untracked() {
            field.set_value(text);
            self.fit();
            self.count();
            // It fails only for elements that cannot have the focus.
            let _ = field.focus();
        }
    }

    /// Tells by how many characters the text is too long, for as long as it is. A field's own `maxlength`
    /// counts something else, and cuts what is pasted.
    fn count(self) {
        let excess = self.excess(&self.value());
        if excess > 0 {
            self.advice.set(excess_words(excess));
        } else if self
            .advice
            .with_untracked(|advice| advice.starts_with(TOO_LONG))
        {
            self.advice.set(String::new());
        }
    }

    /// By how many characters a text is too long for this room.
    fn excess(self, text: &str) -> usize {
        excess_chars(text, self.room.session().room().max_text_chars)
    }

    fn value(self) -> String {
        let text = self.text.get_untracked();
        text.map_or_else(String::new, |text| text.value())
    }

    /// Gives the field the height of its text.
    fn fit(self) {
        if let Some(text) = self.text.get_untracked() {
            let style = web_sys::HtmlElement::style(&text);
            // They fail only in a style that cannot be changed.
            let _ = style.set_property("height", "auto");
            // The text's height is without the border, and the field's is with it.
            let border = text.offset_height() - text.client_height();
            let mut height = (text.scroll_height() + border).to_string();
            height.push_str("px");
            let _ = style.set_property("height", &height);
        }
    }
}

/// The form under the messages, and the advice above it.
#[component]
pub fn Composer(room: LiveRoom, draft: Draft, list: MessageList) -> impl IntoView {
    let say = move || {
        let text = draft.value();
        let text = text.trim_end();
        if text.is_empty() || draft.excess(text) > 0 {
            return;
        }
        room.session().say(text);
        draft.set("");
        list.go_to_end();
        room.session().show();
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        say();
    };
    let press = move |event: KeyboardEvent| {
        // While an input method composes, Enter chooses a word; key code 229 is Safari's way to say so.
        let is_composing = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !is_composing {
            event.prevent_default();
            say();
        }
    };
    let write = move |_| {
        draft.fit();
        draft.count();
        // The messages have another height now.
        room.session().show();
        if !draft.value().trim().is_empty() {
            room.session().type_on();
        }
    };
    let advice = draft.advice;
    view! {
        <p
            class="room-notice"
            id="advice"
            role="alert"
            hidden=move || advice.with(String::is_empty)
        >
            {move || advice.get()}
        </p>
        <form class="composer" id="composer" on:submit=submit>
            <NameField room draft />
            <div class="write">
                <textarea
                    id="message"
                    rows="1"
                    dir="auto"
                    aria-label="Message"
                    placeholder="Message"
                    enterkeyhint="send"
                    node_ref=draft.text
                    on:keydown=press
                    on:input=write
                ></textarea>
                <button type="submit" class="button button-primary">"Send"</button>
            </div>
        </form>
    }
}

/// The name by which the person goes; until they take one, the server's is shown in its place.
#[component]
fn NameField(room: LiveRoom, draft: Draft) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let is_invalid = RwSignal::new(false);
    let rename = move |_| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let name = PersonName::parse(&field.value());
        is_invalid.set(name.is_err());
        draft.advice.set(match name {
            Ok(name) => {
                field.set_value(name.as_str());
                room.session().rename(name.as_str());
                String::new()
            }
            Err(error) => name_advice(error),
        });
        room.session().show();
    };
    let press = move |event: KeyboardEvent| {
        // Enter is done with the name, and does not send what stands below.
        if event.key() == "Enter" {
            event.prevent_default();
            if let Some(text) = draft.text.get_untracked() {
                let _ = text.focus();
            }
        }
    };
    // Another tab may keep another name; what is being written here is left alone.
    let rename_elsewhere = move || {
        if let Some(field) = field.get_untracked()
            && field.matches(":focus") == Ok(false)
        {
            field.set_value(&kept_name());
        }
    };
    listen(&window(), "storage", Box::new(move |_| rename_elsewhere()));
    let placeholder = room.words(|room| {
        room.me
            .as_ref()
            .map_or_else(String::new, |me| me.name.clone())
    });
    view! {
        <label class="as">
            <span>"Your name"</span>
            <input
                id="your-name"
                type="text"
                dir="auto"
                autocomplete="nickname"
                spellcheck="false"
                enterkeyhint="done"
                aria-describedby="advice"
                aria-invalid=move || is_invalid.get().then_some("true")
                placeholder=placeholder
                prop:value=kept_name()
                node_ref=field
                on:change=rename
                on:keydown=press
            />
        </label>
    }
}

fn excess_words(excess: usize) -> String {
    let mut words = String::from(TOO_LONG);
    words.push_str(&excess.to_string());
    words.push_str(if excess == 1 {
        " character, or send it in parts."
    } else {
        " characters, or send it in parts."
    });
    words
}

fn name_advice(error: PersonNameError) -> String {
    match error {
        PersonNameError::TooLong => {
            let mut advice = String::from("Take a name of at most ");
            advice.push_str(&MAX_PERSON_NAME_CHARS.to_string());
            advice.push_str(" characters.");
            advice
        }
        PersonNameError::Invisible => "Take a name that people can see.".to_owned(),
        PersonNameError::Character(_) => "Take a name without control characters.".to_owned(),
    }
}
