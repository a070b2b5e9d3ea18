use super::*;

fn outbox_of(texts: &[&str]) -> Outbox {
    let mut outbox = Outbox::default();
    for text in texts {
        outbox.push(format!("nonce-{text}"), (*text).to_owned());
    }
    outbox
}

fn next(outbox: &mut Outbox) -> Option<String> {
    outbox.send_next().map(|unsent| unsent.text.clone())
}

#[test]
fn messages_go_out_one_at_a_time_in_the_order_they_were_written() {
    let mut outbox = outbox_of(&["a", "b"]);
    assert_eq!(next(&mut outbox).as_deref(), Some("a"));
    assert_eq!(next(&mut outbox), None);
    outbox.said("nonce-a", 7);
    assert_eq!(next(&mut outbox).as_deref(), Some("b"));
}

#[test]
fn what_a_lost_connection_left_unanswered_is_sent_again_with_the_same_nonce() {
    let mut outbox = outbox_of(&["a", "b"]);
    next(&mut outbox);
    outbox.lose_connection();
    assert_eq!(
        outbox.send_next().map(|unsent| unsent.nonce.as_str()),
        Some("nonce-a")
    );
}

#[test]
fn a_message_is_shown_until_its_event_has_arrived_whichever_comes_first() {
    let mut outbox = outbox_of(&["a"]);
    next(&mut outbox);
    outbox.said("nonce-a", 7);
    outbox.reached(6);
    assert_eq!(outbox.shown().count(), 1);
    outbox.reached(7);
    assert_eq!(outbox.shown().count(), 0);

    let mut outbox = outbox_of(&["a"]);
    next(&mut outbox);
    outbox.arrived("a", 7);
    outbox.reached(7);
    assert_eq!(outbox.shown().count(), 0);
    assert_eq!(outbox.unconfirmed().count(), 1);
    outbox.said("nonce-a", 7);
    outbox.reached(7);
    assert_eq!(outbox.unconfirmed().count(), 0);
}

#[test]
fn the_same_text_written_twice_is_two_messages() {
    let mut outbox = outbox_of(&["a", "a"]);
    next(&mut outbox);
    outbox.arrived("a", 7);
    assert_eq!(outbox.shown().count(), 1);
    outbox.arrived("a", 8);
    assert_eq!(outbox.shown().count(), 1, "the second one was not sent");
}

#[test]
fn what_arrives_over_the_next_connection_is_shown_once_before_it_is_answered() {
    let mut outbox = outbox_of(&["a"]);
    next(&mut outbox);
    outbox.lose_connection();
    outbox.arrived("a", 7);
    assert_eq!(outbox.shown().count(), 0);

    let mut reloaded = Outbox::default();
    reloaded.restore("nonce".to_owned(), "a".to_owned());
    reloaded.arrived("a", 7);
    assert_eq!(reloaded.shown().count(), 0);
}

#[test]
fn a_message_for_which_another_one_was_taken_is_shown_until_it_arrives() {
    let mut outbox = outbox_of(&["a"]);
    next(&mut outbox);
    outbox.arrived("a", 7);
    outbox.reached(7);
    outbox.said("nonce-a", 9);
    outbox.reached(8);
    assert_eq!(outbox.shown().count(), 1);
    outbox.arrived("a", 9);
    outbox.reached(9);
    assert_eq!(outbox.shown().count(), 0);
}

#[test]
fn without_any_further_connection_what_is_unsent_has_failed() {
    let mut outbox = outbox_of(&["a", "b", "c"]);
    next(&mut outbox);
    outbox.said("nonce-a", 7);
    next(&mut outbox);
    outbox.give_up("Not sent.");
    assert_eq!(outbox.take_failure().as_deref(), Some("Not sent."));
    outbox.give_up("Not sent.");
    assert_eq!(outbox.take_failure(), None, "nobody is told twice");
    let states: Vec<_> = outbox.shown().map(|unsent| unsent.state.clone()).collect();
    let failed = || Delivery::Failed("Not sent.".to_owned());
    assert_eq!(states, [Delivery::Said(7), failed(), failed()]);
    outbox.retry(2);
    assert_eq!(next(&mut outbox).as_deref(), Some("b"));
}

#[test]
fn a_refused_message_stays_until_it_is_tried_again_or_taken_back() {
    let mut outbox = outbox_of(&["a", "b"]);
    next(&mut outbox);
    outbox.refused("nonce-a", "Not sent.".to_owned(), false);
    assert_eq!(next(&mut outbox).as_deref(), Some("b"), "others go on");
    outbox.said("nonce-b", 7);
    assert_eq!(next(&mut outbox), None);
    outbox.retry(1);
    assert_eq!(next(&mut outbox).as_deref(), Some("a"));
    assert_eq!(outbox.take_back(1), None, "it is on its way");
    outbox.refused("nonce-a", "Not sent.".to_owned(), false);
    assert_eq!(outbox.take_back(1).as_deref(), Some("a"));
    assert_eq!(outbox.shown().count(), 1, "b, whose event is due");
}

#[test]
fn a_message_that_came_too_early_waits_for_its_turn() {
    let mut outbox = outbox_of(&["a"]);
    next(&mut outbox);
    outbox.refused("nonce-a", "Not sent.".to_owned(), true);
    assert_eq!(
        outbox.get(1).map(|unsent| &unsent.state),
        Some(&Delivery::Queued)
    );
}

#[test]
fn what_a_reload_must_not_lose_includes_what_was_refused() {
    let mut outbox = outbox_of(&["a", "b", "c"]);
    next(&mut outbox);
    outbox.refused("nonce-a", "Not sent.".to_owned(), false);
    next(&mut outbox);
    outbox.said("nonce-b", 7);
    let kept: Vec<_> = outbox
        .unconfirmed()
        .map(|unsent| unsent.text.as_str())
        .collect();
    assert_eq!(kept, ["a", "c"]);
}
