//! Where a person writes.

use leptos::prelude::*;
use roomcast_shared::invisible::is_blank;
use roomcast_shared::person::PersonName;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use super::draft::Draft;
use super::files::{refuse_dropped_files, refuse_pasted_files};
use super::live_room::LiveRoom;
use super::message_list::MessageList;
use super::name_card::NameQuestion;
use crate::components::bind::{keep_flag, keep_text, part};
use crate::components::live_text::words;
use crate::dom::listen;
use crate::store::room::draft::{Meaning, meaning};

/// Serves the form under the messages, and the advice above it.
pub fn serve_composer(
    page: &Element,
    room: LiveRoom,
    draft: Draft,
    list: MessageList,
    question: NameQuestion,
) {
    let say = move || say(room, draft, list, question);
    let submit = move |event: Event| {
        event.prevent_default();
        say();
    };
    let press = move |event: Event| {
        let key: &KeyboardEvent = event.unchecked_ref();
        if key.key() == "Enter" && !key.shift_key() {
            event.prevent_default();
            say();
        }
    };
    let write = move |_| {
        draft.follow();
        // The messages have another height now.
        room.session().show();
        if !is_blank(&draft.text()) {
            room.session().type_on();
        }
    };
    let paste = move |event: Event| refuse_pasted_files(draft, event.unchecked_ref());
    refuse_dropped_files(draft);
    let advice = part(page, "#advice");
    let is_empty = move || draft.notice().is_empty();
    keep_flag(advice.clone(), "hidden", Box::new(is_empty));
    keep_text(advice.into(), words(move || draft.notice()));
    listen(&part(page, "#composer"), "submit", Box::new(submit));
    let field = part(page, "#message");
    listen(&field, "keydown", Box::new(press));
    listen(&field, "input", Box::new(write));
    listen(&field, "paste", Box::new(paste));
    draft.field.set(field);
    keep_flag(
        part(page, ".send"),
        "disabled",
        Box::new(move || !draft.can_send.get()),
    );
}

/// Says what is written, does what it asks for, or tells why neither can be done.
fn say(room: LiveRoom, draft: Draft, list: MessageList, question: NameQuestion) {
    let text = draft.text();
    let text = text.trim_end();
    if text.trim_start().is_empty() || draft.excess() > 0 {
        return;
    }
    match meaning(text) {
        Meaning::Text(text) => {
            question.skip_first();
            room.session().say(text);
            list.go_to_end();
        }
        Meaning::Command("name", name) if let Ok(name) = PersonName::parse(name) => {
            room.session().rename(name.as_str());
        }
        Meaning::Command(..) => return draft.hold_back(),
    }
    draft.set("");
    room.session().show();
}
