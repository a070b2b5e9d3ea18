//! The page of a room as a whole: shows what the session has, and hands it what the person does.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::announcer::say;
use super::banner::keep_banner;
use super::composer::serve_composer;
use super::draft::Draft;
use super::live_room::LiveRoom;
use super::message_list::{MessageList, serve_messages, serve_show_all};
use super::name_card::{NameQuestion, serve_my_name, serve_name_card};
use super::notification::{notify, serve_notify_button};
use super::people::{keep_people, serve_people_toggle};
use super::share::serve_share;
use super::status::{keep_status, keep_way_hint};
use super::title::{keep_room_name, show_title};
use crate::components::bind::{Part, effect, keep_flag, keep_text, part};
use crate::connection::room::{RoomSession, View};
use crate::dom::{is_in_sight, listen, lower_case};
use crate::store::room::Room;
use crate::store::room::incoming::Message;

/// The parts of the page that are always there. No text may be between the elements: it would be seen.
const PARTS: &str = "\
    <header class='room-head'>\
      <div class='room-title'>\
        <h1 id='room-name' translate='no'></h1>\
        <p class='state' id='status'><span></span><span></span></p>\
      </div>\
      <button type='button' class='button' id='share'></button>\
      <button type='button' class='button people-toggle' aria-controls='people'></button>\
    </header>\
    <div class='talk'>\
      <div class='messages' id='messages' role='log' aria-live='off' aria-label='Messages' tabindex='0'>\
        <div class='message-rows'></div>\
      </div>\
      <div class='above-composer'>\
        <button type='button' class='button button-primary' id='newest'></button>\
        <p class='typing' id='typing'></p>\
        <div class='banner'>\
          <div>\
            <div role='status'>\
              <p><b></b><span aria-hidden='true'></span><span></span></p>\
              <p class='hint'></p>\
            </div>\
            <details class='hint'><summary>For the operator</summary><p></p></details>\
          </div>\
          <button type='button' class='button' id='try-now'></button>\
        </div>\
      </div>\
      <div class='name-card' role='dialog' aria-labelledby='name-question'>\
        <p>You are about to join #<span translate='no'></span>.</p>\
        <h2 id='name-question'>What should people call you?</h2>\
        <form>\
          <label class='label' for='your-name'>Your name</label>\
          <input id='your-name' type='text' dir='auto' maxlength='1000' autocomplete='nickname' \
            spellcheck='false' enterkeyhint='done' aria-describedby='name-advice'>\
          <p class='advice' id='name-advice' role='alert'></p>\
          <div class='actions'>\
            <button type='submit' class='button button-primary'></button>\
            <button type='button' class='button' id='skip'></button>\
          </div>\
        </form>\
      </div>\
      <p class='room-notice' id='advice' role='alert'></p>\
      <form class='composer' id='composer'>\
        <div class='write'>\
          <button type='button' class='me' id='me'><span class='avatar' aria-hidden='true'></span></button>\
          <textarea id='message' rows='1' aria-label='Message' aria-describedby='advice' \
            placeholder='Message' enterkeyhint='send'></textarea>\
          <button type='submit' class='send' aria-label='Send' title='Send'>\
            <svg width='18' height='18' viewBox='0 0 24 24' fill='none' stroke='currentColor' \
              stroke-width='2' stroke-linecap='round' stroke-linejoin='round' aria-hidden='true'>\
              <path d='m5 12 7-7 7 7M12 19V5'/>\
            </svg>\
          </button>\
        </div>\
      </form>\
    </div>\
    <aside class='people' id='people'>\
      <h2 class='label'>People <span id='people-count' translate='no'></span></h2>\
      <ul id='people-list' aria-label='People'></ul>\
      <p class='hint'></p>\
      <p class='hint' id='alone'>You’re the only one here. Share the link to invite people.</p>\
      <button type='button' class='button' id='notify'>Notify me of mentions</button>\
      <p class='hint' id='notify-blocked' aria-live='polite'>\
        Notifications are blocked in the browser's settings.\
      </p>\
      <div class='hint' id='way'><p></p><details><summary>For the operator</summary><p></p></details></div>\
      <button type='button' class='button' id='show-all' \
        title=\"Loads older messages too, so that the browser's find and print reach them.\">\
        Show all messages\
      </button>\
      <p class='hint' aria-live='polite'></p>\
    </aside>\
    <div class='visually-hidden' id='heard' aria-live='polite'></div>";

/// A room. Its parts are served as soon as they are on the page, and its session is opened then.
#[component]
pub fn RoomView(session: RoomSession) -> impl IntoView {
    let mut session = Some(session);
    effect(Box::new(move || {
        let page = document().query_selector("main.room").ok().flatten();
        if let (Some(page), Some(session)) = (page, session.take()) {
            untrack(|| serve(&page, session));
        }
    }));
    view! { <main class="room" inner_html=PARTS></main> }
}

fn serve(page: &Element, session: RoomSession) {
    let room = LiveRoom::new(session);
    let draft = Draft::new(room);
    let list = MessageList::new(room);
    let question = NameQuestion::new(room, draft);
    let heard = Part::default();
    heard.set(part(page, "#heard"));
    let shown = Shown {
        room,
        draft,
        list,
        heard,
        advised: StoredValue::new(String::new()),
        title: StoredValue::new(String::new()),
    };
    keep_room_name(page, room);
    keep_status(page, room);
    serve_share(page);
    serve_people_toggle(page, room);
    serve_messages(page, list, draft);
    serve_way_down(page, room, list);
    keep_text(
        part(page, "#typing").into(),
        room.words(Room::typing_sentence),
    );
    keep_banner(page, room);
    serve_composer(page, room, draft, list, question);
    serve_my_name(page, question);
    keep_people(page, room);
    serve_notify_button(page);
    keep_way_hint(page, room);
    serve_show_all(page, room, list);
    follow_size(list);
    list.follow_days();
    list.follow_heights();
    list.serve_commands();
    draft.open();
    room.session().open(Rc::new(shown));
    serve_name_card(page, question);
}

/// Serves the way down, when one is scrolled up; with the number of messages that came meanwhile.
fn serve_way_down(page: &Element, room: LiveRoom, list: MessageList) {
    let words = room.words(|room| match room.unread.count() {
        0 => "Newest messages".to_owned(),
        count => {
            let mut words = String::from("New messages: ");
            words.push_str(&count.to_string());
            words
        }
    });
    let go = move |_| {
        list.go_to_end();
        room.session().show();
    };
    let button = part(page, "#newest");
    listen(&button, "click", Box::new(go));
    keep_text(button.clone().into(), words);
    let is_at_end = list.is_at_end();
    keep_flag(button, "hidden", Box::new(move || is_at_end.get()));
}

/// What the session calls when there is something to show.
#[derive(Clone, Copy)]
struct Shown {
    room: LiveRoom,
    draft: Draft,
    list: MessageList,
    heard: Part,
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
        if let (Some(sight), Some(page)) =
            (window().visual_viewport(), document().document_element())
            && sight.scale() <= 1.0
        {
            let page: HtmlElement = page.unchecked_into();
            for (name, length) in [
                ("--in-sight", sight.height()),
                ("--above-sight", sight.offset_top()),
            ] {
                let mut length = pixels(length).to_string();
                length.push_str("px");
                // It fails only in a style that cannot be changed.
                let _ = page.style().set_property(name, &length);
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
