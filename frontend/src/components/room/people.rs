//! Who is here.

use std::cell::RefCell;

use web_sys::HtmlElement;

use super::message_row::avatar;
use crate::dom::{append, by_id, listen, set, show_text};
use crate::store::room::Room;
use crate::store::room::incoming::People;

/// The list of people.
pub struct PeopleList {
    count: HtmlElement,
    toggle: HtmlElement,
    list: HtmlElement,
    more: HtmlElement,
    alone: HtmlElement,
    shown: RefCell<People>,
}

impl PeopleList {
    /// The list, in the elements of the page.
    pub fn new() -> Option<Self> {
        let people = Self {
            count: by_id("people-count")?,
            toggle: by_id("people-toggle")?,
            list: by_id("people-list")?,
            more: by_id("more-people")?,
            alone: by_id("alone")?,
            shown: RefCell::default(),
        };
        let toggle = people.toggle.clone();
        let act = move |_| {
            let is_open = toggle.get_attribute("aria-expanded").as_deref() == Some("true");
            set(
                &toggle,
                "aria-expanded",
                if is_open { "false" } else { "true" },
            );
        };
        listen(&people.toggle, "click", Box::new(act));
        Some(people)
    }

    /// Shows who is here.
    pub fn show(&self, room: &Room) {
        let people = &room.people;
        if *self.shown.borrow() == *people {
            return;
        }
        self.shown.replace(people.clone());

        let count = people.count.to_string();
        show_text(&self.count, &count);
        let mut toggle = String::from("People ");
        toggle.push_str(&count);
        show_text(&self.toggle, &toggle);
        self.alone.set_hidden(people.count > 1);

        self.list.set_text_content(None);
        for present in &people.listed {
            let item = append(&self.list, "li", "", "");
            avatar(&item, &present.person);
            append(&item, "span", "person-name", &present.person.name);
            if room
                .me
                .as_ref()
                .is_some_and(|me| me.id == present.person.id)
            {
                append(&item, "span", "mark", "you");
            }
            if present.look_alike {
                append(&item, "span", "mark look-alike", "look-alike")
                    .set_title("This name looks like that of somebody who has been here longer.");
            }
        }
        let unlisted = people.count.saturating_sub(people.listed.len());
        let mut more = String::from("and ");
        more.push_str(&unlisted.to_string());
        more.push_str(" more");
        show_text(&self.more, &more);
        self.more.set_hidden(unlisted == 0);
    }
}
