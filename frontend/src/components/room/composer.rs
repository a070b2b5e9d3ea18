//! Where a person writes.

use leptos::ev::{ClipboardEvent, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use roomcast_shared::person::PersonName;

use super::draft::Draft;
use super::files::{refuse_dropped_files, refuse_pasted_files};
use super::live_room::LiveRoom;
use super::message_list::MessageList;
use super::name_card::{MyName, NameQuestion};
use crate::components::live_text::{live_text, words};
use crate::store::room::draft::{Meaning, meaning};

/// How the one command is used.
const NAME_COMMAND: &str = "/name takes the name by which people should call you: /name Ada";

/// The arrow on the button, from Lucide (ISC); `index.html` has it too.
const SEND_ICON: &str = r#"<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="m5 12 7-7 7 7M12 19V5"/></svg>"#;

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
        if event.key() == "Enter" && !event.shift_key() {
            event.prevent_default();
            say();
        }
    };
    let write = move |_| {
        draft.follow();
        // The messages have another height now.
        room.session().show();
        if !draft.text().trim().is_empty() {
            room.session().type_on();
        }
    };
    let paste = move |event: ClipboardEvent| refuse_pasted_files(draft, &event);
    refuse_dropped_files(draft);
    view! {
        <p
            class="room-notice"
            id="advice"
            role="alert"
            hidden=move || draft.notice().is_empty()
            use:live_text=words(move || draft.notice())
        ></p>
        <form class="composer" id="composer" on:submit=submit>
            <div class="write">
                <MyName question />
                <textarea
                    id="message"
                    rows="1"
                    aria-label="Message"
                    aria-describedby="advice"
                    placeholder="Message"
                    enterkeyhint="send"
                    node_ref=draft.field
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
        Meaning::Command("name", name) => match PersonName::parse(name) {
            Ok(name) => room.session().rename(name.as_str()),
            Err(_) => return draft.hint.set(NAME_COMMAND.to_owned()),
        },
        Meaning::Command(command, _) => return draft.hint.set(unknown_command(command)),
    }
    draft.set("");
    room.session().show();
}

fn unknown_command(command: &str) -> String {
    let mut words = String::from("There is no command /");
    words.push_str(command);
    words.push_str(", only /name. To send it as a message, write //");
    words.push_str(command);
    words.push('.');
    words
}
