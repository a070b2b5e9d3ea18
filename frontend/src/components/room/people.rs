//! Who is here.

use leptos::prelude::*;
use web_sys::Element;

use super::avatar::append_avatar;
use super::live_room::LiveRoom;
use crate::components::bind::{effect, keep_attribute, keep_flag, keep_text, part, truth};
use crate::dom::{append, element, listen, set};
use crate::store::room::Room;
use crate::store::room::incoming::{People, PersonPresent};

/// The meaning of the mark beside a name that looks like the one of a person who came before.
const LOOK_ALIKE: &str = "Someone else here had a name like this one first. It may be the same person on another device.";

/// A person in the list; `true` for the one at this page.
type Listed = (PersonPresent, bool);

/// A person with their row.
type PersonRow = (Listed, Element);

/// Shows the people in the room, and how many there are.
pub fn keep_people(page: &Element, room: LiveRoom) {
    let count = part(page, "#people-count");
    keep_text(
        count.into(),
        room.words(|room| room.people.count.to_string()),
    );
    let more = part(page, "#people-list + .hint");
    let is_all = room.flag(|room| unlisted(&room.people) == 0);
    keep_flag(more.clone(), "hidden", is_all);
    let words = room.words(|room| {
        let mut words = String::from("and ");
        words.push_str(&unlisted(&room.people).to_string());
        words.push_str(" more");
        words
    });
    keep_text(more.into(), words);
    let is_in_company = room.flag(|room| room.people.count != 1);
    keep_flag(part(page, "#alone"), "hidden", is_in_company);
    let list = part(page, "#people-list");
    let mut rows = Vec::new();
    effect(Box::new(move || {
        rows = renewed(&list, std::mem::take(&mut rows), room.with(listed));
    }));
}

/// Makes these people the rows of the list. Those who were there stay the same elements.
fn renewed(list: &Element, mut old: Vec<PersonRow>, wanted: Vec<Listed>) -> Vec<PersonRow> {
    if old.iter().map(|(listed, _)| listed).eq(&wanted) {
        return old;
    }
    let mut rows = Vec::new();
    for listed in wanted {
        let row = match old.iter().position(|(known, _)| *known == listed) {
            Some(place) => old.swap_remove(place).1,
            None => row(&listed),
        };
        rows.push((listed, row));
    }
    for (_, row) in old {
        row.remove();
    }
    let mut next = list.first_element_child();
    for (_, row) in &rows {
        if next.as_ref() == Some(row) {
            next = row.next_element_sibling();
        } else {
            // It fails only where an element would be put into itself.
            let _ = list.insert_before(row, next.as_deref());
        }
    }
    rows
}

/// Serves the button that opens and closes the list where the page has no place for it.
pub fn serve_people_toggle(page: &Element, room: LiveRoom) {
    let is_open = RwSignal::new(false);
    let toggle = move |_| {
        is_open.update(|is_open| *is_open = !*is_open);
        // The messages are covered now, or in sight again.
        room.session().show();
    };
    let label = room.words(|room| {
        let mut label = String::from("People");
        if room.people.count > 0 {
            label.push(' ');
            label.push_str(&room.people.count.to_string());
        }
        label
    });
    let button = part(page, ".people-toggle");
    listen(&button, "click", Box::new(toggle));
    keep_text(button.clone().into(), label);
    keep_attribute(button, "aria-expanded", truth(is_open));
}

fn row((present, is_me): &Listed) -> Element {
    let row = element("li");
    append_avatar(&row, &present.person);
    let name = append(&row, "span", "person-name", &present.person.name);
    set(&name, "dir", "auto");
    set(&name, "translate", "no");
    if *is_me {
        append(&row, "span", "mark", "you");
    }
    if present.look_alike {
        let mark = append(&row, "span", "mark look-alike", "≈");
        set(&mark, "role", "img");
        set(&mark, "aria-label", LOOK_ALIKE);
        set(&mark, "tabindex", "0");
        append(&mark, "span", "tip", LOOK_ALIKE);
    }
    row.into()
}

/// Those whom the server names, and which of them is the person at this page.
fn listed(room: &Room) -> Vec<Listed> {
    let me = room.me.as_ref().map(|me| me.id);
    let listed = room.people.listed.iter();
    listed
        .map(|present| (present.clone(), me == Some(present.person.id)))
        .collect()
}

fn unlisted(people: &People) -> usize {
    people.count.saturating_sub(people.listed.len())
}
