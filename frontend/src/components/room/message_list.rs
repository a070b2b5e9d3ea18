//! The messages, of which only those in sight are elements.

use std::cell::RefCell;

use web_sys::HtmlElement;

use super::clock::Clock;
use super::message_row;
use crate::connection::room::{RoomSession, local_day_now};
use crate::dom::by_id;
use crate::store::room::Room;
use crate::store::room::column::Column;
use crate::store::room::timeline::{KeyedRow, Row};

/// How often rows are laid out anew because they turned out to be of another height than estimated.
const MAX_PASSES: usize = 4;

/// Older history is loaded when the window comes this near to the top, in CSS pixels.
const LOAD_AHEAD: i32 = 800;

/// Height of a line of text, and what is around the text of a message, in CSS pixels, and how many bytes
/// go into a line: what a row is estimated by until it is measured.
const LINE_HEIGHT: usize = 24;
const LINE_BYTES: usize = 80;
const AROUND_TEXT: u32 = 6;
const HEAD: u32 = 36;
const OTHER_ROW: u32 = 40;

/// The list.
pub struct MessageList {
    session: RoomSession,
    window: HtmlElement,
    rows: HtmlElement,
    clock: Clock,
    state: RefCell<State>,
}

struct State {
    column: Column,
    /// The rows that are elements, with their keys.
    mounted: Vec<(u64, HtmlElement)>,
    width: i32,
    /// The name by which mentions were looked for.
    my_name: String,
}

impl MessageList {
    /// The list, in the elements of the page.
    pub fn new(session: RoomSession) -> Option<Self> {
        Some(Self {
            session,
            window: by_id("messages")?,
            rows: by_id("rows")?,
            clock: Clock::new(),
            state: RefCell::new(State {
                column: Column::default(),
                mounted: Vec::new(),
                width: 0,
                my_name: String::new(),
            }),
        })
    }

    /// The element that scrolls.
    pub fn window(&self) -> &HtmlElement {
        &self.window
    }

    /// Whether the newest message is in sight.
    pub fn is_at_end(&self) -> bool {
        self.state.borrow().column.is_at_end()
    }

    /// Goes to the newest message.
    pub fn go_to_end(&self) {
        self.state.borrow_mut().column.go_to_end();
        self.lay_out(false);
    }

    /// Shows what the room holds.
    pub fn show(&self) {
        let room = self.session.room();
        let rows = room.rows();
        let state = &mut *self.state.borrow_mut();
        state.column.set_rows(&rows, |row| estimate(&room, row));
        if let Some(me) = room.me.as_ref().filter(|me| me.name != state.my_name) {
            // Another name stands out now.
            state.my_name.clone_from(&me.name);
            for (_, element) in state.mounted.drain(..) {
                element.remove();
            }
        }
        if let Some((0, start)) = state.mounted.first() {
            message_row::update_start(start, &room);
        }
        drop(room);
        self.lay_out_rows(state, false);
    }

    /// Follows the person, who has scrolled.
    pub fn follow(&self) {
        let window = pixels(self.window.client_height());
        let scrolled = pixels(self.window.scroll_top());
        self.state.borrow_mut().column.scroll(scrolled, window);
        self.lay_out(true);
    }

    /// Lays the rows out in the window as it is now.
    pub fn lay_out(&self, is_scrolling: bool) {
        self.lay_out_rows(&mut self.state.borrow_mut(), is_scrolling);
    }

    fn lay_out_rows(&self, state: &mut State, is_scrolling: bool) {
        let width = self.window.client_width();
        if state.width != width {
            state.width = width;
            state.column.forget_heights();
        }
        let height = pixels(self.window.client_height());
        let mut layout = state.column.layout(height);
        for _ in 0..MAX_PASSES {
            self.mount(state, layout.shown.clone());
            self.pad("padding-top", layout.above);
            self.pad("padding-bottom", layout.below);
            for (place, (_, element)) in layout.shown.clone().zip(&state.mounted) {
                state.column.measure(place, pixels(element.offset_height()));
            }
            let measured = state.column.layout(height);
            if measured == layout {
                break;
            }
            layout = measured;
        }
        if state.column.is_at_end() {
            // Whoever begins to scroll up slowly is still at the end, and not held there.
            if !is_scrolling {
                self.window.set_scroll_top(self.window.scroll_height());
            }
        } else if pixels(self.window.scroll_top()) != layout.scrolled {
            self.window
                .set_scroll_top(i32::try_from(layout.scrolled).unwrap_or(i32::MAX));
        }
        if self.window.scroll_top() < LOAD_AHEAD {
            self.session.load_older();
        }
    }

    /// Makes the rows at these places elements, and no others; those that are there already stay the
    /// same elements.
    fn mount(&self, state: &mut State, places: std::ops::Range<usize>) {
        let wanted = &state.column.rows()[places];
        let keys = || wanted.iter().map(|row| row.row.key);
        if keys().eq(state.mounted.iter().map(|(key, _)| *key)) {
            return;
        }
        let room = self.session.room();
        let today = local_day_now();
        let mut old = std::mem::take(&mut state.mounted).into_iter().peekable();
        for row in wanted {
            let key = row.row.key;
            while let Some((_, gone)) = old.next_if(|(old, _)| *old < key) {
                gone.remove();
            }
            let element = if let Some((_, element)) = old.next_if(|(old, _)| *old == key) {
                element
            } else {
                let element = message_row::build(&room, row.row.row, &self.clock, today);
                let next = old.peek().map(|(_, next)| next.as_ref());
                // It fails only where `next` stands somewhere else.
                let _ = self.rows.insert_before(&element, next);
                element
            };
            state.mounted.push((key, element));
        }
        for (_, gone) in old {
            gone.remove();
        }
    }

    fn pad(&self, side: &str, height: u32) {
        let mut length = height.to_string();
        length.push_str("px");
        // It fails only in a style that cannot be changed.
        let _ = self.rows.style().set_property(side, &length);
    }
}

fn estimate(room: &Room, row: &KeyedRow) -> u32 {
    let text = |text: &str| {
        let lines = 1 + text.len() / LINE_BYTES + text.matches('\n').count();
        AROUND_TEXT + u32::try_from(lines * LINE_HEIGHT).unwrap_or(0)
    };
    match row.row {
        Row::Message { index, is_head } => {
            let message = room.transcript.messages().get(index);
            let head = if is_head { HEAD } else { 0 };
            head + message.map_or(0, |message| text(&message.text))
        }
        _ => OTHER_ROW,
    }
}

fn pixels(length: i32) -> u32 {
    u32::try_from(length).unwrap_or(0)
}
