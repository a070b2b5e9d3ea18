//! The rooms that there are.

use std::cell::RefCell;

use js_sys::Date;
use roomcast_shared::lobby::LobbyRoom;
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::dom::{append, by_id, element, set, show_text};
use crate::route;
use crate::store::lobby::{ago, arranged, people};

/// The list. Its items change in place, so that the focus stays where it is.
pub struct RoomList {
    list: HtmlElement,
    looking: HtmlElement,
    empty: HtmlElement,
    shown: RefCell<Vec<Item>>,
}

struct Item {
    room: LobbyRoom,
    element: HtmlElement,
    people: HtmlElement,
    time: HtmlElement,
}

impl RoomList {
    /// The list of the page; none where it is not there.
    pub fn new() -> Option<Self> {
        Some(Self {
            list: by_id("room-list")?,
            looking: by_id("looking")?,
            empty: by_id("no-rooms")?,
            shown: RefCell::default(),
        })
    }

    /// Shows these rooms, which come as the busiest first.
    pub fn show(&self, rooms: Vec<LobbyRoom>) {
        self.looking.set_hidden(true);
        self.empty.set_hidden(!rooms.is_empty());
        let mut shown = self.shown.borrow_mut();
        let before: Vec<_> = shown.iter().map(|item| item.room.name.clone()).collect();
        let mut old = std::mem::take(&mut *shown);
        for room in arranged(&before, rooms, self.is_pointed_at()) {
            let known = old.iter().position(|item| item.room.name == room.name);
            let mut item = known.map_or_else(|| Item::new(&room), |place| old.swap_remove(place));
            item.room = room;
            shown.push(item);
        }
        for gone in old {
            gone.element.remove();
        }
        for (place, item) in (0..).zip(&*shown) {
            let there = self.list.children().item(place);
            // What is where it should be is not touched: an element that is moved loses the focus.
            if there.as_ref() != Some(item.element.as_ref()) {
                let next = there.as_ref().map(AsRef::as_ref);
                // It fails only where `next` stands somewhere else.
                let _ = self.list.insert_before(&item.element, next);
            }
        }
        drop(shown);
        self.tick();
    }

    /// Tells the times anew.
    pub fn tick(&self) {
        let now = milliseconds();
        for item in &*self.shown.borrow() {
            item.show(now);
        }
    }

    /// Whether somebody points at the list or has the focus in it: nothing may move away then.
    fn is_pointed_at(&self) -> bool {
        // It fails only for selectors that are none.
        self.list.matches(":hover, :focus-within").unwrap_or(false)
    }
}

impl Item {
    fn new(room: &LobbyRoom) -> Self {
        let name = room.name.as_str();
        let element = element("li");
        let link = append(&element, "a", "", "");
        set(&link, "href", &route::room(name));
        append(&link, "span", "room-name", name);
        Self {
            room: room.clone(),
            people: append(&link, "span", "room-people", ""),
            time: append(&link, "span", "room-time", ""),
            element,
        }
    }

    fn show(&self, now: u64) {
        let is_busy = if self.room.people > 0 {
            "true"
        } else {
            "false"
        };
        set(&self.people, "data-busy", is_busy);
        show_text(&self.people, &people(self.room.people));
        let told = match self.room.last_message {
            None => "Nothing said yet".to_owned(),
            Some(moment) => ago(moment, now).unwrap_or_else(|| date(moment)),
        };
        show_text(&self.time, &told);
    }
}

/// The day of a moment, as people write it here.
fn date(moment: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are below 2^53"
    )]
    let date = Date::new(&JsValue::from_f64(moment as f64));
    date.to_locale_date_string("default", &JsValue::UNDEFINED)
        .into()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of milliseconds after 1970"
)]
fn milliseconds() -> u64 {
    Date::now() as u64
}
