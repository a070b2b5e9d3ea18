use proptest::prelude::*;

use super::*;
use crate::store::room::column::Column;
use crate::store::room::fixture::{at, message, person};

/// Rows show their texts without stars, which stand for marks here.
struct Plain<'a>(&'a Room);

impl Script for Plain<'_> {
    fn time(&self, message: &Message) -> String {
        format!("{}:00", message.position.offset)
    }

    fn day(&self, message: &Message) -> String {
        format!("day {}", message.day)
    }

    fn shown(&self, row: Row) -> String {
        written(self.0, row, self).map_or_else(String::new, |(_, text)| text.replace('*', ""))
    }
}

/// A room in which a says the first texts and b the others, on two days.
fn room(texts: &[&str]) -> Room {
    let mut room = Room::default();
    room.transcript.begin(at(0));
    for (offset, text) in (1..).zip(texts) {
        let mut message = message(offset, if offset < 3 { 'a' } else { 'b' });
        message.text = (*text).to_owned();
        message.day = i64::from(offset >= 3);
        room.transcript.accept(message);
    }
    room
}

/// What is copied between the places that so many units of the messages at these offsets follow.
fn copied(room: &Room, (first, before): (u64, u32), (last, behind): (u64, u32)) -> String {
    let mut column = Column::default();
    column.set_rows(&room.rows(), |_| 50);
    let spot = |offset, from_end| Spot {
        key: offset * 8 + 3,
        from_end: Reverse(from_end),
    };
    excerpt(
        room,
        column.rows(),
        spot(first, before)..=spot(last, behind),
        &Plain(room),
    )
}

#[test]
fn everything_is_copied_with_days_times_and_names_as_it_was_written() {
    let mut room = room(&["one", "*two*", "three\nlines"]);
    room.me = Some(person('c'));
    room.outbox.push("n".to_owned(), "four".to_owned());
    let mut column = Column::default();
    column.set_rows(&room.rows(), |_| 50);
    assert_eq!(
        excerpt(&room, column.rows(), Spot::START..=Spot::END, &Plain(&room)),
        "day 0\n[1:00] a: one\n[2:00] a: *two*\nday 1\n[3:00] b: three\nlines\n[not sent] c: four"
    );
}

#[test]
fn of_the_first_and_the_last_message_the_selected_part_is_copied_as_it_is_shown() {
    let room = room(&["*hello* there", "*two*", "three 🦀 four"]);
    assert_eq!(
        copied(&room, (1, 5), (3, 5)),
        "[1:00] a: there\n[2:00] a: *two*\nday 1\n[3:00] b: three 🦀"
    );
}

#[test]
fn a_part_of_one_message_is_copied_alone() {
    let room = room(&["hello there", "two"]);
    assert_eq!(copied(&room, (1, 5), (1, 0)), "there");
}

#[test]
fn a_selection_that_begins_in_the_name_has_the_whole_message() {
    let room = room(&["*one*", "two"]);
    assert_eq!(
        copied(&room, (1, 20), (2, 0)),
        "[1:00] a: *one*\n[2:00] a: two"
    );
}

#[test]
fn places_are_ordered_as_a_reader_meets_them() {
    let spot = |key, from_end| Spot {
        key,
        from_end: Reverse(from_end),
    };
    let places = [
        Spot::START,
        spot(11, 7),
        spot(11, 0),
        spot(19, 7),
        Spot::END,
    ];
    assert!(places.is_sorted());
}

proptest! {
    #[test]
    fn parts_of_a_text_make_the_whole(text in "\\PC*", place in 0_u32..40) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let place = place.min(u32::try_from(units.len()).unwrap());
        let whole = |part: Option<String>| part.unwrap_or_else(|| text.clone());
        let before = whole(part(&text, u32::MAX, place));
        let behind = whole(part(&text, place, 0));
        // Not between the halves of a surrogate pair.
        let next = units.get(units.len() - place as usize);
        prop_assume!(next.is_none_or(|unit| !(0xDC00..0xE000).contains(unit)));
        prop_assert_eq!(before + &behind, text);
    }
}
