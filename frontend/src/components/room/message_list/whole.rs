//! The list as a whole: what the browser's own commands (select, copy, find, print) would do if all loaded messages
//! were elements.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{ClipboardEvent, Element, Event, KeyboardEvent, ResizeObserver};

use super::{Elements, MessageList, pixels};
use crate::components::bind::{keep_flag, keep_text, part};
use crate::components::room::clock::Clock;
use crate::components::room::live_room::LiveRoom;
use crate::components::room::{message_row, selection};
use crate::dom::{after, is_command, listen, on_find, set};
use crate::store::room::Room;
use crate::store::room::column::MAX_WHOLE_ROWS;
use crate::store::room::excerpt::{Script, excerpt};
use crate::store::room::incoming::Message;
use crate::store::room::timeline::{Row, key_in_group, message_key};
use crate::store::room::transcript::Before;

/// Time for which a message that was gone to stands out, in milliseconds.
const FOUND_MILLISECONDS: i32 = 4_000;

/// Marks a message that was gone to.
const FOUND: &str = "data-found";

/// Makes all messages elements, for those who find or print by a menu, and loads older ones.
pub fn serve_show_all(page: &Element, room: LiveRoom, list: MessageList) {
    let told = room.words(|room| {
        let mut told = room.transcript.messages().len().to_string();
        told.push_str(" messages are loaded. The browser's find and print reach up to ");
        told.push_str(&MAX_WHOLE_ROWS.to_string());
        told.push_str(" of them before and after this place.");
        told
    });
    let is_whole = list.is_whole;
    let button = part(page, "#show-all");
    let hint = part(page, "#show-all + .hint");
    listen(&button, "click", Box::new(move |_| list.load_whole()));
    keep_text(hint.clone().into(), told);
    let is_all = move || {
        // Read in any case, to be asked again.
        let before = room.with(|room| room.transcript.before());
        is_whole.get() || (before != Before::Older && list.has_all_rows())
    };
    keep_flag(button, "hidden", Box::new(is_all));
    keep_flag(hint, "hidden", Box::new(move || !is_whole.get()));
}

impl MessageList {
    /// Serves the browser's commands for as long as the page is there.
    pub fn serve_commands(self) {
        listen(
            &document(),
            "copy",
            Box::new(move |event: Event| self.copy(&event)),
        );
        on_find(Box::new(move || self.show_whole(true)));
        let is_whole = self.is_whole;
        listen(
            &window(),
            "beforeprint",
            Box::new(move |_| self.make_whole(true)),
        );
        listen(
            &window(),
            "afterprint",
            Box::new(move |_| self.make_whole(is_whole.get_untracked())),
        );
    }

    /// Follows changes of height that others make: a browser that translates messages, a font that has loaded.
    pub fn follow_heights(self) {
        let Some(Elements { window, rows }) = self.elements() else {
            return;
        };
        let show = move || self.room.session().show();
        let changed = Closure::<dyn FnMut()>::new(show);
        if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&window);
            observer.observe(&rows);
        }
        changed.forget();
    }

    /// Goes to a message, and lets it stand out for a moment.
    pub fn go_to_message(self, offset: u64) {
        let Some(Elements { window, .. }) = self.elements() else {
            return;
        };
        let (key, height) = (message_key(offset), pixels(window.client_height()));
        self.state
            .update_value(|state| state.column.go_to(key, height));
        self.lay_out(false);
        let found = self.state.with_value(|state| {
            let mut rows = state.mounted.rows().iter();
            rows.find(|(row, _)| key_in_group(*row) == key)
                .map(|(_, row)| row.clone())
        });
        if let Some(row) = found {
            set(&row, FOUND, "");
            let end = move || {
                // It fails only for invalid names.
                let _ = row.remove_attribute(FOUND);
            };
            after(FOUND_MILLISECONDS, Box::new(end));
        }
    }

    /// Makes rows out of sight exist too, or no longer.
    pub(super) fn show_whole(self, is_whole: bool) {
        if self.is_whole.get_untracked() != is_whole {
            self.is_whole.set(is_whole);
            self.make_whole(is_whole);
        }
    }

    /// Returns `true` if all rows are elements.
    fn has_all_rows(self) -> bool {
        self.state
            .with_value(|state| state.mounted.rows().len() == state.column.rows().len())
    }

    fn load_whole(self) {
        self.state.update_value(|state| state.loads_whole = true);
        self.show_whole(true);
    }

    fn make_whole(self, is_whole: bool) {
        self.state
            .update_value(|state| state.column.set_whole(is_whole));
        self.lay_out(false);
    }

    /// Takes a key press in the list: a command to select all selects all messages, and nothing around them.
    pub(super) fn press(self, event: &KeyboardEvent) {
        if is_command(event, "a")
            && let Some(Elements { rows, .. }) = self.elements()
        {
            event.prevent_default();
            self.state
                .update_value(|state| state.mounted.held = selection::select_all(&rows));
        }
    }

    /// Copies the selected messages from what is loaded, where more than a part of one is selected.
    fn copy(self, event: &Event) {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let is_in_field =
            target.is_some_and(|target| target.matches("input, textarea") == Ok(true));
        let event: &ClipboardEvent = event.unchecked_ref();
        if !is_in_field
            && let (Some(text), Some(data)) = (self.copied(), event.clipboard_data())
            && data.set_data("text/plain", &text).is_ok()
        {
            event.prevent_default();
        }
    }

    fn copied(self) -> Option<String> {
        let list = self.elements()?.rows;
        let session = self.room.session();
        let room = session.room();
        self.state.with_value(|state| {
            let mounted = &state.mounted;
            let selected = selection::selected(&list, mounted.rows(), &mounted.held)?;
            let script = OnPage {
                room: &room,
                clock: &state.clock,
                today: state.today,
            };
            Some(excerpt(&room, state.column.rows(), selected, &script))
        })
    }
}

/// Writes rows as they stand on the page.
struct OnPage<'a> {
    room: &'a Room,
    clock: &'a Clock,
    today: i64,
}

impl Script for OnPage<'_> {
    fn time(&self, message: &Message) -> String {
        self.clock.time(message)
    }

    fn day(&self, message: &Message) -> String {
        self.clock.day(message, self.today)
    }

    fn shown(&self, row: Row) -> String {
        let row = message_row::build(self.room, row, self.clock, self.today);
        let text = row.query_selector(".text").ok().flatten();
        text.and_then(|text| text.text_content())
            .unwrap_or_default()
    }
}
