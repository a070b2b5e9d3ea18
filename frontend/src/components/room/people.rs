//! Who is here.

use leptos::prelude::*;
use web_sys::Element;

use super::avatar::append_avatar;
use super::live_room::LiveRoom;
use crate::components::bind::{effect, keep_attribute, keep_flag, keep_text, part, truth};
use crate::dom::{append, element, listen, set};
use crate::store::room::Room;
use crate::store::room::incoming::{People, PersonPresent};

/// The meaning of the mark beside a name that a person who came before has as well.
const SAME_NAME: &str =
    "Someone else here had this name first. It may be the same person on another device.";

/// The meaning of the mark beside a name that only looks like the one of a person who came before.
const OTHER_LETTERS: &str = "This name looks like the name of someone who came first, but is written with other \
    letters. It is another person unless they tell you otherwise.";

/// The meaning of the mark where the person who came before may be one of those who are not listed.
const NAME_LIKE_IT: &str = "Someone else here had a name like this one first.";

/// A person in the list.
#[derive(PartialEq, Eq)]
struct Listed {
    present: PersonPresent,
    /// It is the person at this page.
    is_me: bool,
    /// The meaning of the mark beside the name, if there is one.
    mark: Option<&'static str>,
}

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

fn row(listed: &Listed) -> Element {
    let Listed {
        present,
        is_me,
        mark,
    } = listed;
    let row = element("li");
    append_avatar(&row, &present.person);
    let name = append(&row, "span", "person-name", &present.person.name);
    set(&name, "dir", "auto");
    set(&name, "translate", "no");
    if *is_me {
        append(&row, "span", "mark", "you");
    }
    if let Some(meaning) = mark {
        let mark = append(&row, "span", "mark look-alike", "≈");
        set(&mark, "role", "img");
        set(&mark, "aria-label", meaning);
        set(&mark, "tabindex", "0");
        append(&mark, "span", "tip", meaning);
    }
    row.into()
}

/// Those whom the server names, and which of them is the person at this page.
fn listed(room: &Room) -> Vec<Listed> {
    let me = room.me.as_ref().map(|me| me.id);
    let listed = room.people.listed.iter();
    listed
        .map(|present| Listed {
            present: present.clone(),
            is_me: me == Some(present.person.id),
            mark: present.look_alike.then(|| meaning(&room.people, present)),
        })
        .collect()
}

/// The meaning of the mark beside the name of `marked`. The name of the person who came first has no mark.
fn meaning(people: &People, marked: &PersonPresent) -> &'static str {
    let mut others = people.listed.iter();
    let has_same = |other: &PersonPresent| {
        !other.look_alike
            && other.person.id != marked.person.id
            && other.person.name == marked.person.name
    };
    if others.any(has_same) {
        SAME_NAME
    } else if unlisted(people) == 0 {
        OTHER_LETTERS
    } else {
        NAME_LIKE_IT
    }
}

fn unlisted(people: &People) -> usize {
    people.count.saturating_sub(people.listed.len())
}

#[cfg(test)]
mod tests {
    use roomcast_shared::person::PersonId;

    use super::*;
    use crate::store::room::incoming::Person;

    fn present(number: u8, name: &str, look_alike: bool) -> PersonPresent {
        let id = PersonId::from_random([number; 16]);
        let name = name.to_owned();
        PersonPresent {
            person: Person { id, name },
            look_alike,
        }
    }

    fn meaning_of_last(count: usize, listed: Vec<PersonPresent>) -> &'static str {
        let people = People { count, listed };
        meaning(&people, people.listed.last().unwrap())
    }

    #[test]
    fn another_device_is_thought_of_only_where_the_names_are_equal() {
        let ada = present(1, "Ada", false);
        let same = present(2, "Ada", true);
        let cyrillic = present(3, "\u{410}da", true);
        assert_eq!(meaning_of_last(2, vec![ada.clone(), same]), SAME_NAME);
        assert_eq!(meaning_of_last(2, vec![ada, cyrillic]), OTHER_LETTERS);
    }

    #[test]
    fn a_second_impostor_is_not_taken_for_a_device_of_the_first() {
        let listed = vec![
            present(1, "Ada", false),
            present(2, "\u{410}da", true),
            present(3, "\u{410}da", true),
        ];
        assert_eq!(meaning_of_last(3, listed), OTHER_LETTERS);
    }

    #[test]
    fn nothing_is_said_about_letters_while_the_first_one_may_be_unlisted() {
        assert_eq!(
            meaning_of_last(101, vec![present(2, "Ada", true)]),
            NAME_LIKE_IT
        );
    }
}
