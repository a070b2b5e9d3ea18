use std::time::Duration;

use serde_json::{Value, json};

use super::*;

const ADA: &str = "0123456789abcdef";

fn at(offset: u64) -> String {
    format!("k3j9x2ab-{offset}")
}

fn text(text: &str) -> MessageText {
    MessageText::parse(text, 4_000).unwrap()
}

fn welcome(position: &str) -> Value {
    json!({
        "type": "welcome", "you": {"id": ADA, "name": "Ada"}, "room": "ops",
        "position": position, "head": position, "people": {"count": 0, "listed": []},
    })
}

fn message(position: &str) -> Value {
    json!({
        "type": "message", "position": position, "time": 1, "text": position,
        "person": {"id": ADA, "name": "Ada"},
    })
}

fn receive(session: &mut Session, message: &Value) -> Vec<Update> {
    session
        .received(&message.to_string(), Instant::now())
        .unwrap()
}

/// A session whose connection works.
fn welcomed() -> Session {
    let mut session = Session::default();
    receive(&mut session, &welcome(&at(0)));
    session
}

/// The nonces that are sent now.
fn sent(session: &mut Session) -> Vec<String> {
    sent_at(session, Instant::now())
}

fn sent_at(session: &mut Session, now: Instant) -> Vec<String> {
    std::iter::from_fn(|| session.next_outgoing(now))
        .filter_map(|message| match message {
            ClientMessage::Say { nonce, .. } => Some(nonce),
            _ => None,
        })
        .collect()
}

#[test]
fn a_pong_changes_nothing() {
    let mut session = welcomed();
    assert_eq!(receive(&mut session, &json!({"type": "pong"})), []);
}

fn say(session: &mut Session, nonces: &[&str]) {
    for nonce in nonces {
        session.say(Nonce::from_text(*nonce), text(nonce));
    }
}

fn said(nonce: &str, offset: u64) -> Value {
    json!({"type": "said", "nonce": nonce, "position": at(offset)})
}

#[test]
fn an_event_that_was_seen_is_not_seen_again_after_a_resume() {
    let mut session = welcomed();
    for offset in [1, 2] {
        assert_eq!(receive(&mut session, &message(&at(offset))).len(), 1);
    }
    session.lost();
    assert_eq!(session.position().unwrap().to_string(), at(2));
    receive(&mut session, &welcome(&at(0)));
    assert_eq!(session.position().unwrap().to_string(), at(2));
    for offset in [1, 2] {
        assert_eq!(receive(&mut session, &message(&at(offset))), []);
    }
    assert_eq!(receive(&mut session, &message(&at(3))).len(), 1);
}

#[test]
fn a_quiet_room_is_resumed_where_its_stream_began() {
    let mut session = Session::default();
    assert_eq!(session.position(), None);
    receive(&mut session, &welcome(&at(7)));
    assert_eq!(session.position().unwrap().to_string(), at(7));
}

#[test]
fn a_gap_moves_the_position_into_another_epoch_too() {
    let mut session = welcomed();
    receive(&mut session, &message(&at(9)));
    let gap = json!({
        "type": "gap", "reason": "store-replaced", "after": at(9), "position": "00000000-0",
    });
    assert!(matches!(receive(&mut session, &gap)[..], [Update::Gap(_)]));
    let updates = receive(&mut session, &message("00000000-1"));
    assert!(matches!(updates[..], [Update::Message(_)]), "{updates:?}");
}

#[test]
fn a_hole_that_nobody_announced_is_seen() {
    let mut session = welcomed();
    receive(&mut session, &message(&at(1)));
    let updates = receive(&mut session, &message(&at(3)));
    assert!(
        matches!(
            &updates[..],
            [Update::Hole { after, before }, Update::Message(_)]
                if after.offset == 1 && before.offset == 3
        ),
        "{updates:?}"
    );
}

#[test]
fn nothing_is_sent_before_the_welcome() {
    let mut session = Session::default();
    say(&mut session, &["a"]);
    assert!(sent(&mut session).is_empty());
    receive(&mut session, &welcome(&at(0)));
    assert_eq!(sent(&mut session), ["a"]);
}

#[test]
fn messages_go_out_in_order_each_after_the_one_before_it_is_kept() {
    let mut session = welcomed();
    say(&mut session, &["a", "b"]);
    assert_eq!(sent(&mut session), ["a"]);
    assert!(sent(&mut session).is_empty());
    let updates = receive(&mut session, &said("a", 1));
    assert!(matches!(&updates[..], [Update::Said { unsent, .. }] if unsent.text.as_str() == "a"));
    assert_eq!(sent(&mut session), ["b"]);
    assert_eq!(session.unsent().len(), 1);
    receive(&mut session, &said("b", 2));
    assert_eq!(session.unsent().len(), 0);
}

#[test]
fn what_was_on_its_way_when_the_connection_broke_is_sent_again_with_its_nonce() {
    let mut session = welcomed();
    say(&mut session, &["a", "b"]);
    assert_eq!(sent(&mut session), ["a"]);
    session.lost();
    assert!(sent(&mut session).is_empty());
    receive(&mut session, &welcome(&at(0)));
    assert_eq!(sent(&mut session), ["a"]);
}

#[test]
fn an_answer_that_comes_twice_is_told_once() {
    let mut session = welcomed();
    say(&mut session, &["a"]);
    sent(&mut session);
    assert_eq!(receive(&mut session, &said("a", 1)).len(), 1);
    assert_eq!(receive(&mut session, &said("a", 1)), []);
}

#[test]
fn a_message_that_is_too_fast_waits_as_long_as_the_server_says_and_none_overtakes_it() {
    let mut session = welcomed();
    say(&mut session, &["a", "b"]);
    sent(&mut session);
    let now = Instant::now();
    let refusal = json!({
        "type": "error", "code": "too-fast", "detail": "Slow down.", "nonce": "a",
        "retry_after": 200,
    });
    let updates = session.received(&refusal.to_string(), now).unwrap();
    assert!(matches!(updates[..], [Update::Delayed(_)]));
    let ready_at = session.ready_at().unwrap();
    assert_eq!(ready_at - now, Duration::from_millis(200));
    assert!(sent_at(&mut session, now).is_empty());
    assert_eq!(sent_at(&mut session, ready_at), ["a"]);
    assert_eq!(session.ready_at(), None);
}

#[test]
fn a_message_that_is_refused_for_good_comes_back_and_the_next_one_goes() {
    let mut session = welcomed();
    say(&mut session, &["a", "b"]);
    sent(&mut session);
    let refusal = json!({
        "type": "error", "code": "nonce-reused", "detail": "Another text has it.", "nonce": "a",
    });
    let updates = receive(&mut session, &refusal);
    assert!(
        matches!(&updates[..], [Update::NotSaid { unsent, detail }]
            if unsent.nonce.as_str() == "a" && detail == "Another text has it."),
        "{updates:?}"
    );
    assert_eq!(sent(&mut session), ["b"]);
}

#[test]
fn typing_is_said_now_or_never() {
    let mut session = Session::default();
    session.typing();
    receive(&mut session, &welcome(&at(0)));
    assert_eq!(session.next_outgoing(Instant::now()), None);
    session.typing();
    assert_eq!(
        session.next_outgoing(Instant::now()),
        Some(ClientMessage::Typing)
    );
    assert_eq!(session.next_outgoing(Instant::now()), None);
}

#[test]
fn a_type_of_a_later_version_is_ignored_and_nonsense_is_not() {
    let mut session = welcomed();
    let later = json!({"type": "reaction", "emoji": "🎉"});
    assert_eq!(receive(&mut session, &later), []);
    for nonsense in ["", "{}", "[]", "{\"type\":\"said\"}"] {
        assert!(session.received(nonsense, Instant::now()).is_err());
    }
}

fn name(name: &str) -> PersonName {
    PersonName::parse(name).unwrap()
}

fn presence(name: &str) -> Value {
    json!({"type": "presence", "count": 1, "listed": [{"id": ADA, "name": name}]})
}

/// The name before and after, if it changed without our asking.
fn renamed_elsewhere(updates: &[Update]) -> Option<(&str, &str)> {
    updates.iter().find_map(|update| match update {
        Update::RenamedElsewhere { before, now } => Some((before.as_str(), now.as_str())),
        _ => None,
    })
}

#[test]
fn a_name_that_was_taken_elsewhere_is_told_once() {
    for asked in [None, Some(name("Ada"))] {
        let mut session = Session::new(asked);
        let updates = receive(&mut session, &welcome(&at(0)));
        assert_eq!(renamed_elsewhere(&updates), None);
        let updates = receive(&mut session, &presence("ci"));
        assert_eq!(renamed_elsewhere(&updates), Some(("Ada", "ci")));
        assert!(matches!(updates[..], [_, Update::People(_)]), "{updates:?}");
        assert_eq!(session.you().unwrap().name, name("ci"));
        let updates = receive(&mut session, &presence("ci"));
        assert_eq!(renamed_elsewhere(&updates), None);
    }
}

#[test]
fn names_that_were_asked_for_are_no_surprise_in_whatever_order_they_are_seen() {
    let mut session = welcomed();
    session.rename(name("Bea"));
    session.rename(name("Cid"));
    for seen in ["Ada", "Bea", "Cid"] {
        let updates = receive(&mut session, &presence(seen));
        assert_eq!(renamed_elsewhere(&updates), None, "{seen}");
    }
    let updates = receive(&mut session, &presence("Bea"));
    assert_eq!(renamed_elsewhere(&updates), Some(("Cid", "Bea")));
}

mod random {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Say,
        Answer,
        Refuse,
        Break,
        Publish,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Say),
            4 => Just(Step::Answer),
            1 => Just(Step::Refuse),
            1 => Just(Step::Break),
            2 => Just(Step::Publish),
        ]
    }

    /// A server that keeps what it is sent once for each nonce, and loses connections before or
    /// after it did.
    #[derive(Default)]
    struct Server {
        log: Vec<String>,
        on_the_way: Option<String>,
    }

    impl Server {
        fn keep(&mut self, nonce: &str) -> u64 {
            let position = self.log.iter().position(|kept| kept == nonce);
            let index = position.unwrap_or_else(|| {
                self.log.push(nonce.to_owned());
                self.log.len() - 1
            });
            index as u64 + 1
        }
    }

    proptest! {
        #[test]
        fn whatever_breaks_each_message_arrives_once_and_in_order(
            steps in proptest::collection::vec(any_step(), 0..80),
            kept_before_break: bool,
        ) {
            let mut session = welcomed();
            let mut server = Server::default();
            let mut seen = Vec::new();
            let mut count = 0;
            let mut now = Instant::now();
            // In the end everything is answered.
            let end = std::iter::repeat_n(Step::Answer, 200);
            for step in steps.into_iter().chain(end) {
                if server.on_the_way.is_none() {
                    now = session.ready_at().unwrap_or(now).max(now);
                    server.on_the_way = sent_at(&mut session, now).pop();
                }
                match step {
                    Step::Say => {
                        count += 1;
                        say(&mut session, &[&format!("own-{count}")]);
                    }
                    Step::Answer => if let Some(nonce) = server.on_the_way.take() {
                        let offset = server.keep(&nonce);
                        receive(&mut session, &said(&nonce, offset));
                    },
                    Step::Refuse => if let Some(nonce) = server.on_the_way.take() {
                        let refusal = json!({"type": "error", "code": "too-fast",
                            "detail": "Slow down.", "nonce": nonce, "retry_after": 5});
                        session.received(&refusal.to_string(), now).unwrap();
                    },
                    Step::Break => {
                        if let Some(nonce) = server.on_the_way.take() && kept_before_break {
                            server.keep(&nonce);
                        }
                        session.lost();
                        receive(&mut session, &welcome(&at(0)));
                    }
                    Step::Publish => {
                        // The stream begins anew, with everything there is.
                        for offset in 1..=server.log.len() as u64 {
                            for update in receive(&mut session, &message(&at(offset))) {
                                prop_assert!(matches!(update, Update::Message(_)));
                                seen.push(offset);
                            }
                        }
                    }
                }
            }
            let own: Vec<_> = (1..=count).map(|n| format!("own-{n}")).collect();
            prop_assert_eq!(server.log, own);
            prop_assert_eq!(session.unsent().len(), 0);
            let in_order: Vec<u64> = (1..=seen.len() as u64).collect();
            prop_assert_eq!(seen, in_order);
        }
    }
}
