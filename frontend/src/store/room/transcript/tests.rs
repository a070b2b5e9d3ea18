use proptest::prelude::*;

use super::*;
use crate::store::room::fixture::{at, elsewhere, message};

fn transcript_of(after: u64, offsets: impl IntoIterator<Item = u64>) -> Transcript {
    let mut transcript = Transcript::default();
    transcript.begin(at(after));
    for offset in offsets {
        assert_eq!(transcript.accept(message(offset, 'a')), Arrival::Next);
    }
    transcript
}

fn offsets(transcript: &Transcript) -> Vec<u64> {
    let messages = transcript.messages().iter();
    messages.map(|message| message.position.offset).collect()
}

fn page(offsets: std::ops::Range<u64>, has_older: bool) -> HistoryPage {
    HistoryPage {
        messages: offsets.map(|offset| message(offset, 'a')).collect(),
        has_older,
        is_of_another_log: false,
    }
}

#[test]
fn a_message_that_came_twice_is_there_once() {
    let mut transcript = transcript_of(10, 11..=13);
    assert_eq!(transcript.accept(message(12, 'a')), Arrival::Known);
    assert_eq!(offsets(&transcript), [11, 12, 13]);
}

#[test]
fn a_message_after_missing_ones_is_not_taken() {
    let mut transcript = transcript_of(10, 11..=12);
    assert_eq!(transcript.accept(message(14, 'a')), Arrival::AfterHole);
    assert_eq!(transcript.position(), Some(at(12)), "to resume after");
}

#[test]
fn an_event_of_another_kind_leaves_no_hole() {
    let mut transcript = transcript_of(10, [11]);
    assert_eq!(transcript.advance(at(12)), Arrival::Next);
    assert_eq!(transcript.accept(message(13, 'a')), Arrival::Next);
}

#[test]
fn a_second_welcome_does_not_forget_where_the_first_connection_ended() {
    let mut transcript = transcript_of(10, 11..=12);
    transcript.begin(at(30));
    assert_eq!(transcript.position(), Some(at(12)));
}

#[test]
fn an_announced_hole_is_kept_in_its_place() {
    let mut transcript = transcript_of(10, 11..=12);
    transcript.miss(Gap {
        reason: GapReason::Expired,
        after: at(12),
        position: at(20),
    });
    assert_eq!(transcript.accept(message(21, 'a')), Arrival::Next);
    assert_eq!(offsets(&transcript), [11, 12, 21]);
    let missing = Missing {
        until: 20,
        events: 8,
        reason: GapReason::Expired,
    };
    assert_eq!(transcript.gaps(), [missing]);
}

#[test]
fn the_log_of_another_store_takes_the_place_of_the_first() {
    let mut transcript = transcript_of(10, 11..=12);
    transcript.miss(Gap {
        reason: GapReason::StoreReplaced,
        after: at(12),
        position: elsewhere(0),
    });
    let mut first = message(1, 'a');
    first.position = elsewhere(1);
    assert_eq!(transcript.accept(first), Arrival::Next);
    assert_eq!(offsets(&transcript), [1]);
    assert_eq!(transcript.before(), Before::Nothing);
    assert_eq!(transcript.gaps().len(), 1, "and says so");
}

#[test]
fn each_log_is_another_generation_and_a_hole_in_one_is_none() {
    let mut transcript = transcript_of(10, 11..=12);
    let first = transcript.generation();
    transcript.miss(Gap {
        reason: GapReason::Expired,
        after: at(12),
        position: at(20),
    });
    assert_eq!(transcript.generation(), first);
    for reason in [GapReason::StoreReplaced, GapReason::UnknownPosition] {
        let before = transcript.generation();
        transcript.miss(Gap {
            reason,
            after: at(20),
            position: elsewhere(0),
        });
        assert_ne!(transcript.generation(), before);
    }
}

#[test]
fn older_pages_go_in_front_until_there_are_none() {
    let mut transcript = transcript_of(10, 11..=12);
    assert_eq!(transcript.oldest(), Some(at(11)));
    assert!(transcript.prepend(at(11), page(6..11, true)));
    assert_eq!(transcript.oldest(), Some(at(6)));
    assert!(transcript.prepend(at(6), page(1..6, false)));
    assert_eq!(offsets(&transcript), (1..=12).collect::<Vec<_>>());
    assert_eq!(transcript.oldest(), None);
    assert_eq!(transcript.before(), Before::Nothing);
}

#[test]
fn where_history_ends_before_the_first_event_messages_were_deleted() {
    let mut transcript = transcript_of(10, [11]);
    assert!(transcript.prepend(at(11), page(8..11, false)));
    assert_eq!(transcript.before(), Before::Deleted);
    let mut transcript = transcript_of(10, [11]);
    assert!(transcript.prepend(at(11), page(0..0, false)), "all of them");
    assert_eq!(transcript.before(), Before::Deleted);
}

#[test]
fn a_page_that_does_not_fit_is_left_out() {
    let mut transcript = transcript_of(10, [11]);
    assert!(!transcript.prepend(at(9), page(6..9, true)));
    let mut foreign = page(6..11, true);
    foreign.is_of_another_log = true;
    assert!(!transcript.prepend(at(11), foreign));
    assert_eq!(offsets(&transcript), [11]);
}

#[test]
fn a_transcript_that_is_too_long_drops_its_beginning_which_can_be_loaded_again() {
    let most = u64::try_from(MAX_MESSAGES).unwrap();
    let mut transcript = transcript_of(0, 1..=most);
    transcript.trim(MAX_MESSAGES);
    assert_eq!(transcript.messages().len(), MAX_MESSAGES);
    transcript.accept(message(most + 1, 'a'));
    transcript.trim(MAX_MESSAGES);
    let kept = MAX_MESSAGES - DROPPED_MESSAGES;
    assert_eq!(transcript.messages().len(), kept);
    let first = most + 2 - u64::try_from(kept).unwrap();
    assert_eq!(transcript.oldest(), Some(at(first)));
}

proptest! {
    #[test]
    fn whatever_arrives_there_are_no_doubles_and_no_holes(
        arriving in prop::collection::vec(1_u64..40, 0..300),
    ) {
        let mut transcript = transcript_of(5, []);
        for offset in arriving {
            transcript.accept(message(offset, 'a'));
        }
        let reached = transcript.position().unwrap().offset;
        prop_assert_eq!(offsets(&transcript), (6..=reached).collect::<Vec<_>>());
    }
}
