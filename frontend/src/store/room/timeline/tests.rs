use super::*;
use crate::store::room::fixture::{at, message, person};
use crate::store::room::incoming::Gap;
use roomcast_shared::server_message::GapReason;

fn transcript_of(messages: impl IntoIterator<Item = Message>) -> Transcript {
    let mut transcript = Transcript::default();
    for message in messages {
        let before = message.position.offset - 1;
        transcript.begin(at(before));
        transcript.accept(message);
    }
    transcript
}

/// The rows in short: a letter for each kind, in capitals for those with a name above them.
fn shape(rows: &[KeyedRow]) -> String {
    let letter = |row: &KeyedRow| match row.row {
        Row::Start => '^',
        Row::Gap(_) => 'g',
        Row::Day(_) => '-',
        Row::Unread => 'u',
        Row::Message { is_head: true, .. } => 'M',
        Row::Message { .. } => 'm',
        Row::Unsent { is_head: true, .. } => 'S',
        Row::Unsent { .. } => 's',
    };
    rows.iter().map(letter).collect()
}

fn shape_of(messages: impl IntoIterator<Item = Message>) -> String {
    let transcript = transcript_of(messages);
    shape(&rows(&transcript, &Outbox::default(), None, None))
}

#[test]
fn what_one_person_says_in_a_row_stands_under_one_name() {
    let messages = [(1, 'a'), (2, 'a'), (3, 'b'), (4, 'a')].map(|(o, p)| message(o, p));
    assert_eq!(shape_of(messages), "^-MmMM");
}

#[test]
fn five_minutes_after_the_name_it_is_said_again_however_fast_messages_come() {
    let four_minutes_apart = (0..4).map(|place| {
        let mut message = message(place + 1, 'a');
        message.time += place * GROUP_MILLISECONDS * 4 / 5;
        message
    });
    assert_eq!(shape_of(four_minutes_apart), "^-MmMm");
}

#[test]
fn somebody_who_took_another_name_is_said_by_it() {
    let mut renamed = message(2, 'a');
    renamed.person.name = "b".to_owned();
    assert_eq!(shape_of([message(1, 'a'), renamed]), "^-MM");
}

#[test]
fn each_day_begins_with_a_line() {
    let mut tomorrow = message(2, 'a');
    tomorrow.day = 1;
    assert_eq!(shape_of([message(1, 'a'), tomorrow]), "^-M-M");
}

#[test]
fn a_line_stands_above_what_is_unread() {
    let transcript = transcript_of((1..=4).map(|offset| message(offset, 'a')));
    let with_line = |line| shape(&rows(&transcript, &Outbox::default(), line, None));
    assert_eq!(with_line(Some(3)), "^-MmuMm");
    assert_eq!(with_line(Some(1)), "^-Mmmm", "all is unread: no line");
    assert_eq!(with_line(Some(9)), "^-Mmmm", "nothing is unread");
}

#[test]
fn a_hole_is_a_line_in_its_place_also_at_the_end() {
    let gap = Gap {
        reason: GapReason::Expired,
        after: at(2),
        position: at(7),
    };
    let mut transcript = transcript_of([message(1, 'a'), message(2, 'a')]);
    transcript.miss(gap);
    let shape_now =
        |transcript: &Transcript| shape(&rows(transcript, &Outbox::default(), None, None));
    assert_eq!(shape_now(&transcript), "^-Mmg");
    transcript.accept(message(8, 'a'));
    assert_eq!(shape_now(&transcript), "^-MmgM");
}

#[test]
fn what_is_on_its_way_stands_last_under_the_name_of_its_writer() {
    let me = person('a').id;
    let mut outbox = Outbox::default();
    outbox.push("nonce-1".to_owned(), "one".to_owned());
    outbox.push("nonce-2".to_owned(), "two".to_owned());
    let of = |name| {
        let transcript = transcript_of([message(1, name)]);
        shape(&rows(&transcript, &outbox, None, Some(me)))
    };
    assert_eq!(of('a'), "^-Mss");
    assert_eq!(of('b'), "^-MSs");
}

#[test]
fn keys_grow_from_top_to_bottom_and_change_with_the_looks_of_a_row() {
    let mut transcript = transcript_of([message(5, 'a'), message(6, 'b'), message(7, 'b')]);
    let mut outbox = Outbox::default();
    outbox.push("nonce".to_owned(), "text".to_owned());
    let keys = |transcript: &Transcript, outbox: &Outbox| -> Vec<u64> {
        let rows = rows(transcript, outbox, Some(6), None);
        rows.iter().map(|row| row.key).collect()
    };
    let before = keys(&transcript, &outbox);
    assert!(before.is_sorted_by(|above, below| above < below));

    outbox.send_next();
    outbox.refused("nonce", "Not sent.".to_owned(), false);
    let after = keys(&transcript, &outbox);
    assert_ne!(before.last(), after.last(), "it was refused");

    let page = crate::store::room::incoming::HistoryPage {
        messages: vec![message(4, 'a')],
        has_older: true,
        is_of_another_log: false,
    };
    assert!(transcript.prepend(at(5), page));
    let head = 5 * KINDS + HEAD;
    assert!(before.contains(&head));
    assert!(!keys(&transcript, &outbox).contains(&head), "continued now");
}
