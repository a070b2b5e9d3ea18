//! The page of a room as a whole: shows what the session has, and hands it what the person does.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::announcer::{Announcer, say};
use super::banner::Banner;
use super::composer::Composer;
use super::draft::Draft;
use super::live_room::LiveRoom;
use super::message_list::{MessageList, Messages};
use super::name_card::{NameCard, NameQuestion};
use super::notification::notify;
use super::people::{PeopleList, PeopleToggle};
use super::share::Share;
use super::status::StatusLine;
use super::title::{RoomName, show_title};
use crate::components::live_text::live_text;
use crate::connection::room::{RoomSession, View};
use crate::dom::{is_in_sight, listen, lower_case};
use crate::store::room::Room;
use crate::store::room::incoming::Message;

/// A room. Its session is opened as soon as the list of messages is on the page.
#[component]
pub fn RoomView(session: RoomSession) -> impl IntoView {
    let room = LiveRoom::new(session);
    let draft = Draft::new(room);
    let list = MessageList::new(room);
    let question = NameQuestion::new(room, draft);
    let heard = NodeRef::new();
    let shown = Shown {
        room,
        draft,
        list,
        heard,
        advised: StoredValue::new(String::new()),
        title: StoredValue::new(String::new()),
    };
    Effect::new(move |_| {
        if list.is_mounted() {
            follow_size(list);
            list.follow_days();
            list.follow_heights();
            list.serve_commands();
            draft.open();
            room.session().open(Rc::new(shown));
        }
    });
    view! {
        <main class="room">
            <header class="room-head">
                <div class="room-title">
                    <RoomName room />
                    <StatusLine room />
                </div>
                <Share />
                <PeopleToggle room />
            </header>
            <div class="talk">
                <Messages list draft />
                <div class="above-composer">
                    <WayDown room list />
                    <p class="typing" id="typing" use:live_text=room.words(Room::typing_sentence)></p>
                    <Banner room />
                </div>
                <NameCard question />
                <Composer room draft list question />
            </div>
            <PeopleList room list />
            <Announcer heard />
        </main>
    }
}

/// The way down, when one is scrolled up; with the number of messages that came meanwhile.
#[component]
fn WayDown(room: LiveRoom, list: MessageList) -> impl IntoView {
    let words = room.words(|room| match room.unread.count() {
        0 => "Newest messages".to_owned(),
        count => format!("New messages: {count}"),
    });
    let go = move |_| {
        list.go_to_end();
        room.session().show();
    };
    view! {
        <button
            type="button"
            class="button button-primary"
            id="newest"
            hidden=move || list.is_at_end().get()
            on:click=go
            use:live_text=words
        ></button>
    }
}

/// What the session calls when there is something to show.
#[derive(Clone, Copy)]
struct Shown {
    room: LiveRoom,
    draft: Draft,
    list: MessageList,
    heard: NodeRef<html::Div>,
    /// What the room has advised, as it was last shown.
    advised: StoredValue<String>,
    /// The title of the tab, as it was last set.
    title: StoredValue<String>,
}

impl View for Shown {
    fn show(&self) {
        self.list.show();
        let is_at_end = self.list.is_at_end().get_untracked() && !self.list.is_covered();
        self.room.session().look(is_in_sight() && is_at_end);
        untrack(|| show_title(self.room, self.title));
        let advice = untrack(|| self.room.with(|room| room.advice.clone()));
        if self.advised.get_value() != advice {
            self.advised.set_value(advice.clone());
            self.draft.advice.set(advice);
        }
        self.room.changed();
    }

    fn hear(&self, message: &Message) {
        let mut words = message.person.name.clone();
        words.push_str(": ");
        words.push_str(&message.text);
        self.tell(&words);
        let session = self.room.session();
        let room = session.room();
        if room.is_mention(message, lower_case) {
            notify(&room.name, message, words, self.list);
        }
    }

    fn tell(&self, words: &str) {
        say(self.heard, words);
    }
}

/// Follows the size of the window; and on a phone that of the keyboard, which leaves a smaller part in
/// sight, and on some pushes that part down. Whoever has zoomed in moves a smaller part themselves.
fn follow_size(list: MessageList) {
    let resized = move || {
        if let (Some(sight), Some(root)) =
            (window().visual_viewport(), document().document_element())
            && sight.scale() <= 1.0
        {
            let root: HtmlElement = root.unchecked_into();
            for (name, length) in [
                ("--in-sight", sight.height()),
                ("--above-sight", sight.offset_top()),
            ] {
                let mut length = pixels(length).to_string();
                length.push_str("px");
                // It fails only in a style that cannot be changed.
                let _ = root.style().set_property(name, &length);
            }
        }
        list.lay_out(false);
    };
    if let Some(sight) = window().visual_viewport() {
        for kind in ["resize", "scroll"] {
            listen(&sight, kind, Box::new(move |_| resized()));
        }
    }
    listen(&window(), "resize", Box::new(move |_| resized()));
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the height of a screen; what is behind its point is to be cut off"
)]
fn pixels(length: f64) -> i32 {
    length as i32
}
