//! The messages, of which only those in sight are elements.

mod whole;

use std::ops::Range;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::clock::Clock;
use super::draft::Draft;
use super::live_room::LiveRoom;
use super::message_row::{self, ACT, NUMBER};
use super::mounted_rows::MountedRows;
use super::wide_code::make_wide_code_reachable;
use crate::components::bind::{Part, part};
use crate::connection::room::local_day_now;
use crate::dom::{every, listen};
use crate::store::room::column::Column;
use crate::store::room::column::MAX_WHOLE_ROWS;
use crate::store::room::estimate;

pub use whole::serve_show_all;

/// How often rows are laid out anew because they turned out to be of another height than estimated.
const MAX_PASSES: usize = 4;

/// How often it is asked whether another day has begun, in milliseconds: a timer until midnight would miss
/// the hours for which a computer sleeps.
const DAY_INTERVAL_MILLISECONDS: i32 = 60_000;

/// Older history is loaded when the window comes this near to the top, in CSS pixels.
const LOAD_AHEAD: i32 = 800;

/// The list. Copies of it are the same one.
#[derive(Clone, Copy)]
pub struct MessageList {
    room: LiveRoom,
    window: Part,
    rows: Part,
    state: StoredValue<State, LocalStorage>,
    is_at_end: RwSignal<bool>,
    /// `true` while rows out of sight exist too.
    is_whole: RwSignal<bool>,
}

struct State {
    clock: Clock,
    column: Column,
    mounted: MountedRows,
    width: i32,
    /// The name by which mentions were looked for.
    my_name: String,
    /// The day from which days were counted.
    today: i64,
    /// The log that the keys are of.
    generation: u32,
    /// The list has no place on the page: on a narrow one, while that of people is open.
    is_covered: bool,
    /// The text of the first row, as it was last made.
    start_text: &'static str,
    /// `true` while older messages are loaded because the person wants all of them.
    loads_whole: bool,
}

/// The elements of the list.
struct Elements {
    /// The one that scrolls.
    window: HtmlElement,
    rows: HtmlElement,
}

/// Serves the messages of a room. The rows in it are not views: the list changes them by the DOM's own calls,
/// because it has to know the height of each before the frame is drawn.
pub fn serve_messages(page: &Element, list: MessageList, draft: Draft) {
    let act = move |event: Event| {
        let target = event.target();
        let Some(target) = target.and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let number = target
            .get_attribute(NUMBER)
            .and_then(|number| number.parse().ok());
        let Some(number) = number else { return };
        let session = list.room.session();
        if target.get_attribute(ACT).as_deref() == Some("retry") {
            session.retry(number);
        } else if let Some(text) = session.take_back(number) {
            draft.put_before(&text);
        }
    };
    let window = part(page, "#messages");
    listen(&window, "scroll", Box::new(move |_| list.follow()));
    listen(&window, "click", Box::new(act));
    let press = move |event: Event| list.press(event.unchecked_ref());
    listen(&window, "keydown", Box::new(press));
    list.rows.set(part(&window, ".message-rows"));
    list.window.set(window);
}

impl MessageList {
    /// The list of a room.
    pub fn new(room: LiveRoom) -> Self {
        Self {
            room,
            window: Part::default(),
            rows: Part::default(),
            state: StoredValue::new_local(State {
                clock: Clock::new(),
                column: Column::default(),
                mounted: MountedRows::default(),
                width: 0,
                my_name: String::new(),
                today: local_day_now(),
                generation: 0,
                is_covered: false,
                start_text: "",
                loads_whole: false,
            }),
            is_at_end: RwSignal::new(true),
            is_whole: RwSignal::new(false),
        }
    }

    /// Whether the list has a place on the page.
    pub fn is_covered(self) -> bool {
        self.state.with_value(|state| state.is_covered)
    }

    /// Whether the newest message is in sight, when the list is.
    pub fn is_at_end(self) -> ReadSignal<bool> {
        self.is_at_end.read_only()
    }

    /// Goes to the newest message, and shows only what is near it.
    pub fn go_to_end(self) {
        self.state.update_value(|state| {
            state.column.go_to_end();
            state.loads_whole = false;
        });
        self.show_whole(false);
        self.lay_out(false);
    }

    /// Shows what the room holds.
    pub fn show(self) {
        let session = self.room.session();
        if self.is_at_end.get_untracked() {
            session.forget_oldest();
        }
        let room = session.room();
        let rows = room.rows();
        self.state.update_value(|state| {
            let generation = room.transcript.generation();
            if state.generation != generation {
                // The same keys are those of other messages now.
                state.generation = generation;
                state.column.clear();
                state.mounted.clear();
            }
            state
                .column
                .set_rows(&rows, |row| estimate::height(&room, row));
            if let Some(me) = room.me.as_ref().filter(|me| me.name != state.my_name) {
                // Another name stands out now.
                state.my_name.clone_from(&me.name);
                state.mounted.invalidate();
            }
            let today = local_day_now();
            if state.today != today {
                // Today is yesterday now.
                state.today = today;
                state.mounted.invalidate();
            }
            let start_text = message_row::start_text(&room);
            if state.start_text != start_text {
                state.start_text = start_text;
                state.mounted.invalidate_first(0);
            }
        });
        drop(room);
        self.lay_out(false);
    }

    /// Goes on to the next day, for as long as the page is there.
    pub fn follow_days(self) {
        let look = move || {
            if self.state.with_value(|state| state.today) != local_day_now() {
                self.room.session().show();
            }
        };
        every(DAY_INTERVAL_MILLISECONDS, Box::new(look));
    }

    /// Follows the person, who has scrolled.
    fn follow(self) {
        if self.is_covered() {
            // The browser has put the list back, and not the person.
            self.lay_out(false);
        } else if let Some(Elements { window, .. }) = self.elements() {
            let (scrolled, height) = (pixels(window.scroll_top()), pixels(window.client_height()));
            self.state
                .update_value(|state| state.column.scroll(scrolled, height));
            self.lay_out(true);
        }
    }

    /// Lays the rows out in the window as it is now.
    pub fn lay_out(self, is_scrolling: bool) {
        let Some(elements) = self.elements() else {
            return;
        };
        let is_covered = elements.window.client_height() == 0;
        self.state
            .update_value(|state| state.is_covered = is_covered);
        if is_covered {
            // Nothing has a height there, and nobody is at its top.
            return;
        }
        self.state
            .update_value(|state| self.lay_out_rows(&elements, state, is_scrolling));
        let is_at_end = self.state.with_value(|state| state.column.is_at_end());
        if self.is_at_end.get_untracked() != is_at_end {
            self.is_at_end.set(is_at_end);
            self.room.session().show();
        }
        let session = self.room.session();
        let wants_older = self.state.with_value(|state| state.loads_whole)
            && session.room().transcript.messages().len() < MAX_WHOLE_ROWS;
        if wants_older || elements.window.scroll_top() < LOAD_AHEAD {
            session.load_older();
        }
    }

    fn elements(self) -> Option<Elements> {
        Some(Elements {
            window: self.window.get()?,
            rows: self.rows.get()?,
        })
    }

    fn lay_out_rows(self, elements: &Elements, state: &mut State, is_scrolling: bool) {
        let window = &elements.window;
        let width = window.client_width();
        let mut is_changed = state.width != width;
        if is_changed {
            state.width = width;
            state.column.forget_heights();
        }
        let height = pixels(window.client_height());
        let mut layout = state.column.layout(height);
        for _ in 0..MAX_PASSES {
            is_changed |= self.mount(&elements.rows, state, layout.shown.clone());
            pad(&elements.rows, "padding-top", layout.above);
            pad(&elements.rows, "padding-bottom", layout.below);
            for (place, (_, element)) in layout.shown.clone().zip(state.mounted.rows()) {
                state.column.measure(place, pixels(element.offset_height()));
            }
            let measured = state.column.layout(height);
            if measured == layout {
                break;
            }
            layout = measured;
        }
        if is_changed {
            make_wide_code_reachable(&elements.rows);
        }
        if state.column.is_at_end() {
            // Whoever begins to scroll up slowly is still at the end, and not held there.
            if !is_scrolling {
                window.set_scroll_top(window.scroll_height());
            }
        } else if pixels(window.scroll_top()) != layout.scrolled {
            window.set_scroll_top(i32::try_from(layout.scrolled).unwrap_or(i32::MAX));
        }
    }

    fn mount(self, rows: &HtmlElement, state: &mut State, places: Range<usize>) -> bool {
        let session = self.room.session();
        let room = session.room();
        let (clock, today) = (&state.clock, state.today);
        let wanted = &state.column.rows()[places];
        let build = |row| message_row::build(&room, row, clock, today);
        state.mounted.mount(rows, wanted, build)
    }
}

fn pad(rows: &HtmlElement, side: &str, height: u32) {
    let mut length = height.to_string();
    length.push_str("px");
    // It fails only in a style that cannot be changed.
    let _ = rows.style().set_property(side, &length);
}

fn pixels(length: i32) -> u32 {
    u32::try_from(length).unwrap_or(0)
}
