use super::fixture::{at, elsewhere, message, person};
use super::incoming::{Gap, PersonPresent};
use super::transcript::MAX_MESSAGES;
use super::*;

fn people(names: &[char]) -> People {
    People {
        count: names.len(),
        listed: names
            .iter()
            .map(|name| PersonPresent {
                person: person(*name),
                look_alike: false,
            })
            .collect(),
    }
}

fn welcome(after: u64) -> Incoming {
    Incoming::Welcome(Welcome {
        you: person('m'),
        room: "ops".to_owned(),
        position: at(after),
        people: people(&['m', 'a', 'b', 'c']),
        max_text_chars: 4_000,
    })
}

/// A room after its first history, up to offset 12.
fn room() -> Room {
    let mut room = Room::new(None);
    room.receive(welcome(10));
    room.receive(Incoming::Message(message(11, 'a')));
    room.receive(Incoming::Message(message(12, 'a')));
    assert_eq!(room.receive(Incoming::CaughtUp), Effect::Send);
    room
}

fn hear(room: &mut Room, offset: u64, name: char) -> Effect {
    room.receive(Incoming::Message(message(offset, name)))
}

fn say(room: &mut Room, text: &str) {
    room.outbox.push("nonce".to_owned(), text.to_owned());
    room.outbox.send_next();
}

fn said(offset: u64) -> Incoming {
    Incoming::Said {
        nonce: "nonce".to_owned(),
        position: at(offset),
    }
}

#[test]
fn what_was_said_before_one_came_is_no_news() {
    let room = room();
    assert_eq!((room.unread.count(), room.unread.line()), (0, None));
}

#[test]
fn what_is_said_while_nobody_looks_is_news() {
    let mut room = room();
    assert_eq!(hear(&mut room, 13, 'a'), Effect::Heard);
    assert_eq!((room.unread.count(), room.unread.line()), (1, Some(13)));
}

#[test]
fn what_was_missed_while_the_connection_was_lost_is_news_too() {
    let mut room = room();
    room.lose_connection();
    room.receive(welcome(12));
    assert_eq!(hear(&mut room, 13, 'a'), Effect::Heard);
}

#[test]
fn what_is_read_in_another_tab_is_no_longer_unread_in_this_one() {
    let mut room = room();
    for offset in 13..=15 {
        hear(&mut room, offset, 'a');
    }
    hear(&mut room, 16, 'm');
    room.read_elsewhere(elsewhere(16));
    assert_eq!(room.unread.count(), 3, "that was another log");
    room.read_elsewhere(at(13));
    assert_eq!((room.unread.count(), room.unread.line()), (2, Some(14)));
    room.read_elsewhere(at(15));
    assert_eq!((room.unread.count(), room.unread.line()), (0, None));
    assert_eq!(hear(&mut room, 17, 'a'), Effect::Heard);
    assert_eq!((room.unread.count(), room.unread.line()), (1, Some(17)));
}

#[test]
fn what_another_tab_had_and_read_first_is_no_news() {
    let mut room = room();
    room.lose_connection();
    room.read_elsewhere(at(13));
    room.receive(welcome(12));
    assert_eq!(hear(&mut room, 13, 'a'), Effect::Show);
    assert_eq!(room.unread.count(), 0);
    assert_eq!(hear(&mut room, 14, 'a'), Effect::Heard);
    assert_eq!((room.unread.count(), room.unread.line()), (1, Some(14)));
}

#[test]
fn a_person_who_comes_back_finds_the_line_where_they_were() {
    let mut room = Room::new(Some(at(11)));
    room.receive(welcome(10));
    assert_eq!(room.unread.line(), Some(12));
    let mut room = Room::new(Some(elsewhere(11)));
    room.receive(welcome(10));
    assert_eq!(room.unread.line(), None, "that was another log");
}

#[test]
fn a_person_who_had_read_everything_gets_no_line_above_what_comes_before_their_eyes() {
    let mut room = Room::new(Some(at(12)));
    room.receive(welcome(10));
    for offset in [11, 12] {
        hear(&mut room, offset, 'a');
    }
    room.receive(Incoming::CaughtUp);
    room.unread.look(true);
    hear(&mut room, 13, 'a');
    assert_eq!((room.unread.count(), room.unread.line()), (0, None));
}

#[test]
fn a_queued_message_that_is_sent_at_last_does_not_hide_where_the_missed_ones_begin() {
    let mut room = room();
    room.lose_connection();
    say(&mut room, "text 14");
    room.receive(welcome(12));
    hear(&mut room, 13, 'a');
    room.receive(Incoming::CaughtUp);
    room.receive(said(14));
    hear(&mut room, 14, 'm');
    assert_eq!(room.unread.line(), Some(13));
}

#[test]
fn a_message_of_ones_own_is_shown_once_whatever_comes_first() {
    for answer_first in [true, false] {
        let mut room = room();
        say(&mut room, "text 13");
        assert_eq!(room.outbox.shown().count(), 1);
        if answer_first {
            room.receive(said(13));
            assert_eq!(room.outbox.shown().count(), 1);
        }
        assert_eq!(hear(&mut room, 13, 'm'), Effect::Show, "no news to oneself");
        assert_eq!(room.outbox.shown().count(), 0);
        room.receive(said(13));
        assert_eq!(room.outbox.unconfirmed().count(), 0);
        assert_eq!(room.transcript.messages().len(), 3);
    }
}

#[test]
fn an_answer_that_comes_after_a_reconnect_confirms_what_has_arrived_already() {
    let mut room = room();
    say(&mut room, "text 13");
    room.lose_connection();
    room.receive(welcome(12));
    hear(&mut room, 13, 'm');
    assert_eq!(room.outbox.shown().count(), 0, "it is there already");
    assert_eq!(room.receive(Incoming::CaughtUp), Effect::Send);
    assert!(room.outbox.send_next().is_some(), "with the same nonce");
    assert_eq!(room.receive(said(13)), Effect::Send);
    assert_eq!(room.outbox.shown().count(), 0);
}

#[test]
fn a_message_that_was_too_fast_waits_and_another_refusal_is_final() {
    let refused = |retry_after| {
        Incoming::Refused(Refusal {
            detail: "Not sent.".to_owned(),
            nonce: Some("nonce".to_owned()),
            retry_after,
        })
    };
    let mut room = room();
    say(&mut room, "a");
    assert_eq!(room.receive(refused(Some(250))), Effect::SendIn(250));
    assert!(room.outbox.send_next().is_some());
    assert_eq!(room.receive(refused(None)), Effect::Send);
    assert!(room.outbox.send_next().is_none());
}

#[test]
fn a_refusal_that_is_about_no_message_is_told_to_the_person() {
    let mut room = room();
    room.receive(Incoming::Refused(Refusal {
        detail: "Not renamed.".to_owned(),
        nonce: None,
        retry_after: None,
    }));
    assert_eq!(room.advice, "Not renamed.");
}

#[test]
fn a_hole_that_nobody_announced_asks_for_a_new_connection() {
    let mut room = room();
    assert_eq!(hear(&mut room, 14, 'a'), Effect::Resume);
    let unknown = Incoming::Unknown {
        position: Some(at(14)),
    };
    assert_eq!(room.receive(unknown), Effect::Resume);
    assert_eq!(room.transcript.position(), Some(at(12)));
}

#[test]
fn another_log_has_no_unread_messages_of_the_first() {
    let mut room = room();
    hear(&mut room, 13, 'a');
    room.receive(Incoming::Gap(Gap {
        reason: GapReason::StoreReplaced,
        after: at(13),
        position: elsewhere(0),
    }));
    assert_eq!((room.unread.count(), room.unread.line()), (0, None));
}

#[test]
fn who_is_typing_is_said_in_a_sentence_without_oneself() {
    let mut room = room();
    let mut sentence = |names: &[char]| {
        let ids = names.iter().map(|name| person(*name).id).collect();
        room.receive(Incoming::Typing(ids));
        room.typing_sentence()
    };
    assert_eq!(sentence(&['m']), "");
    assert_eq!(sentence(&['a', 'm']), "a is typing…");
    assert_eq!(sentence(&['a', 'b']), "a and b are typing…");
    assert_eq!(sentence(&['a', 'b', 'c']), "Several people are typing…");
    assert_eq!(sentence(&['z']), "Somebody is typing…", "one of a crowd");
}

#[test]
fn a_message_with_ones_name_by_somebody_else_is_a_mention() {
    let room = room();
    let mut by_other = message(13, 'a');
    by_other.text = "what do you think, @m?".to_owned();
    assert!(room.is_mention(&by_other, str::to_lowercase));
    by_other.person = person('m');
    assert!(!room.is_mention(&by_other, str::to_lowercase));
}

#[test]
fn what_somebody_reads_far_up_stays_while_others_talk() {
    let mut room = room();
    let last = 12 + u64::try_from(MAX_MESSAGES).unwrap();
    for offset in 13..=last {
        hear(&mut room, offset, 'a');
    }
    assert_eq!(room.transcript.oldest(), Some(at(11)));
    room.transcript.trim(MAX_MESSAGES);
    assert_ne!(room.transcript.oldest(), Some(at(11)), "they came down");
}

#[test]
fn a_new_name_of_ones_own_is_learnt_from_the_list_of_people() {
    let mut room = room();
    let mut renamed = people(&['m']);
    renamed.listed[0].person.name = "Mia".to_owned();
    room.receive(Incoming::Presence(renamed));
    assert_eq!(room.me.unwrap().name, "Mia");
}
