//! Where a person writes.

use leptos::ev::{ClipboardEvent, KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use roomcast_shared::person::PersonName;

use super::files::{refuse_dropped_files, refuse_pasted_files};
use super::live_room::LiveRoom;
use super::message_list::MessageList;
use super::name_card::{MyName, NameQuestion};
use crate::store::room::draft::{Meaning, excess_chars, meaning, put_before};

/// How the one command is used.
const NAME_COMMAND: &str = "/name takes the name by which people should call you: /name Ada";

/// The arrow on the button, from Lucide (ISC); `index.html` has it too.
const SEND_ICON: &str = r#"<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="m5 12 7-7 7 7M12 19V5"/></svg>"#;

/// What a person is writing. Copies of it are the same.
#[derive(Clone, Copy)]
pub struct Draft {
    room: LiveRoom,
    text: NodeRef<html::Textarea>,
    can_send: RwSignal<bool>,
    /// What the person is to be told about the room.
    pub advice: RwSignal<String>,
    /// What they are to be told about what they write, until they go on.
    pub hint: RwSignal<String>,
}

impl Draft {
    /// Nothing yet.
    pub fn new(room: LiveRoom) -> Self {
        Self {
            room,
            text: NodeRef::new(),
            can_send: RwSignal::new(false),
            advice: RwSignal::new(String::new()),
            hint: RwSignal::new(String::new()),
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
            self.focus();
        }
    }

    /// Gives the field the focus.
    pub fn focus(self) {
        if let Some(field) = self.text.get_untracked() {
            // It fails only for elements that cannot have the focus.
            let _ = field.focus();
        }
    }

    /// Tells by how many characters the text is too long, for as long as it is, and whether it can be sent. A
    /// field's own `maxlength` counts something else, and cuts what is pasted.
    fn count(self) {
        let text = self.value();
        let excess = self.excess(&text);
        self.hint.set(match excess {
            0 => String::new(),
            excess => excess_words(excess),
        });
        self.can_send.set(excess == 0 && !text.trim().is_empty());
    }

    /// By how many characters a text is too long for this room.
    fn excess(self, text: &str) -> usize {
        excess_chars(text, self.room.session().room().max_text_chars)
    }

    /// What the person is to be told; about what they write first.
    fn notice(self) -> String {
        let hint = self.hint.get();
        if hint.is_empty() {
            self.advice.get()
        } else {
            hint
        }
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
pub fn Composer(
    room: LiveRoom,
    draft: Draft,
    list: MessageList,
    question: NameQuestion,
) -> impl IntoView {
    let say = move || say(room, draft, list, question);
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
    let paste = move |event: ClipboardEvent| refuse_pasted_files(draft, &event);
    refuse_dropped_files(draft);
    view! {
        <p class="room-notice" id="advice" role="alert" hidden=move || draft.notice().is_empty()>
            {move || draft.notice()}
        </p>
        <form class="composer" id="composer" on:submit=submit>
            <div class="write">
                <MyName question />
                <textarea
                    id="message"
                    rows="1"
                    dir="auto"
                    aria-label="Message"
                    aria-describedby="advice"
                    placeholder="Message"
                    enterkeyhint="send"
                    node_ref=draft.text
                    on:keydown=press
                    on:input=write
                    on:paste=paste
                ></textarea>
                <button
                    type="submit"
                    class="send"
                    aria-label="Send"
                    title="Send"
                    disabled=move || !draft.can_send.get()
                    inner_html=SEND_ICON
                ></button>
            </div>
        </form>
    }
}

/// Says what is written, does what it asks for, or tells why neither can be done.
fn say(room: LiveRoom, draft: Draft, list: MessageList, question: NameQuestion) {
    let text = draft.value();
    let text = text.trim_end();
    if text.trim_start().is_empty() || draft.excess(text) > 0 {
        return;
    }
    match meaning(text) {
        Meaning::Text(text) => {
            question.skip_first();
            room.session().say(text);
            list.go_to_end();
        }
        Meaning::Command("name", name) => match PersonName::parse(name) {
            Ok(name) => room.session().rename(name.as_str()),
            Err(_) => return draft.hint.set(NAME_COMMAND.to_owned()),
        },
        Meaning::Command(command, _) => return draft.hint.set(unknown_command(command)),
    }
    draft.set("");
    room.session().show();
}

fn excess_words(excess: usize) -> String {
    let mut words = String::from("Too long: take out ");
    words.push_str(&excess.to_string());
    words.push_str(if excess == 1 {
        " character, or send it in parts."
    } else {
        " characters, or send it in parts."
    });
    words
}

fn unknown_command(command: &str) -> String {
    let mut words = String::from("There is no command /");
    words.push_str(command);
    words.push_str(", only /name. To send it as a message, write //");
    words.push_str(command);
    words.push('.');
    words
}
