//! Every type of the wire, as `roomcast_shared` writes it, is read as what it is.

use proptest::prelude::*;
use roomcast_shared::person::PersonName;
use roomcast_shared::rich_text::{Node, NodeKind};
use roomcast_shared::server_message::{GapReason, ServerMessage};
use serde_json::{Value, json};

use super::*;
use crate::connection::json::Json;
use crate::connection::refusal::Problem;
use crate::store::room::fixture::{at, person};

fn day_of(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds / 86_400_000).unwrap()
}

fn read(message: &ServerMessage) -> Option<Incoming> {
    server_message(Json(serde_json::to_value(message).unwrap()), day_of)
}

fn on_wire(name: char) -> wire_person::Person {
    wire_person::Person {
        id: person(name).id,
        name: PersonName::parse(&name.to_string()).unwrap(),
    }
}

fn people_on_wire() -> wire::People {
    let present = |name, look_alike| wire::PersonPresent {
        id: on_wire(name).id,
        name: on_wire(name).name,
        look_alike,
    };
    wire::People {
        count: 120,
        listed: vec![present('a', false), present('b', true)],
    }
}

fn people_read() -> People {
    let present = |name, look_alike| PersonPresent {
        person: person(name),
        look_alike,
    };
    People {
        count: 120,
        listed: vec![present('a', false), present('b', true)],
    }
}

fn rich() -> Vec<Node> {
    let node = |kind, text: &str, children| Node {
        kind,
        text: text.to_owned(),
        href: String::new(),
        start: None,
        children,
    };
    let kinds = [
        NodeKind::Paragraph,
        NodeKind::Quote,
        NodeKind::CodeBlock,
        NodeKind::Item,
        NodeKind::Text,
        NodeKind::Break,
        NodeKind::Strong,
        NodeKind::Emphasis,
        NodeKind::Strikethrough,
        NodeKind::Code,
        NodeKind::Unknown,
    ];
    let mut nodes: Vec<_> = kinds
        .into_iter()
        .map(|kind| node(kind, "text", vec![node(NodeKind::Text, "inside", vec![])]))
        .collect();
    nodes.push(Node {
        href: "https://example.org/".to_owned(),
        ..node(NodeKind::Link, "", vec![])
    });
    nodes.push(Node {
        start: Some(3),
        ..node(NodeKind::List, "", vec![])
    });
    nodes
}

fn message_on_wire() -> wire::MessageEvent {
    wire::MessageEvent {
        position: at(17),
        time: 1_790_000_000_000,
        person: on_wire('a'),
        look_alike: true,
        text: "one\ntwo".to_owned().try_into().unwrap(),
        rich: rich(),
    }
}

fn message_read() -> Message {
    Message {
        position: at(17),
        time: 1_790_000_000_000,
        day: 20_717,
        person: person('a'),
        text: "one\ntwo".to_owned(),
        rich: rich(),
    }
}

#[test]
fn a_welcome_is_read() {
    let welcome = ServerMessage::Welcome(wire::Welcome {
        you: on_wire('m'),
        room: "ops".to_owned().try_into().unwrap(),
        position: at(10),
        head: at(17),
        people: people_on_wire(),
        max_text_chars: 5_000,
    });
    let expected = Incoming::Welcome(Welcome {
        you: person('m'),
        room: "ops".to_owned(),
        position: at(10),
        people: people_read(),
        max_text_chars: 5_000,
    });
    assert_eq!(read(&welcome), Some(expected));
}

#[test]
fn a_welcome_that_says_nothing_of_the_length_of_texts_means_the_usual_one() {
    let json = json!({
        "type": "welcome",
        "you": on_wire('m'),
        "room": "ops",
        "position": at(10),
        "head": at(17),
        "people": people_on_wire(),
    });
    let Some(Incoming::Welcome(welcome)) = server_message(Json(json), day_of) else {
        panic!("a welcome");
    };
    assert_eq!(welcome.max_text_chars, 4_000);
}

#[test]
fn a_message_is_read_with_every_kind_of_formatting() {
    assert_eq!(
        read(&ServerMessage::Message(message_on_wire())),
        Some(Incoming::Message(message_read()))
    );
}

#[test]
fn an_answer_is_read() {
    let said = ServerMessage::Said {
        nonce: "n".to_owned(),
        position: at(17),
    };
    let expected = Incoming::Said {
        nonce: "n".to_owned(),
        position: at(17),
    };
    assert_eq!(read(&said), Some(expected));
}

#[test]
fn who_is_here_and_who_is_typing_are_read() {
    assert_eq!(
        read(&ServerMessage::Presence(people_on_wire())),
        Some(Incoming::Presence(people_read()))
    );
    let typing = ServerMessage::Typing {
        people: vec![person('a').id, person('b').id],
    };
    let expected = Incoming::Typing(vec![person('a').id, person('b').id]);
    assert_eq!(read(&typing), Some(expected));
    let caught_up = ServerMessage::CaughtUp { position: at(17) };
    assert_eq!(read(&caught_up), Some(Incoming::CaughtUp));
}

#[test]
fn each_reason_of_a_gap_is_read() {
    for reason in [
        GapReason::Expired,
        GapReason::UnknownPosition,
        GapReason::StoreReplaced,
    ] {
        let (after, position) = (at(3), at(9));
        let gap = ServerMessage::Gap(wire::Gap {
            reason,
            after,
            position,
        });
        let expected = Incoming::Gap(Gap {
            reason,
            after,
            position,
        });
        assert_eq!(read(&gap), Some(expected));
    }
}

#[test]
fn a_refusal_is_read_with_and_without_its_nonce() {
    for (nonce, retry_after) in [(None, None), (Some("n".to_owned()), Some(250))] {
        let refusal = ServerMessage::Error(wire::Refusal {
            code: wire::RefusalCode::TooFast,
            detail: "Not sent.".to_owned(),
            nonce: nonce.clone(),
            retry_after,
        });
        let expected = Incoming::Refused(Refusal {
            detail: "Not sent.".to_owned(),
            nonce,
            retry_after,
        });
        assert_eq!(read(&refusal), Some(expected));
    }
}

#[test]
fn an_event_of_a_later_version_has_its_place_all_the_same() {
    let edited = json!({"type": "edited", "position": at(18).to_string()});
    assert_eq!(
        server_message(Json(edited.clone()), day_of),
        Some(Incoming::Unknown {
            position: Some(at(18))
        })
    );
}

#[test]
fn a_field_of_a_later_version_is_ignored() {
    let caught_up = json!({"mood": ["good"], "type": "caught-up", "position": at(17).to_string()});
    assert_eq!(
        server_message(Json(caught_up.clone()), day_of),
        Some(Incoming::CaughtUp)
    );
}

#[test]
fn a_refusal_of_a_later_version_is_told_as_the_server_words_it() {
    let refusal = json!({"type": "error", "code": "too-loud", "detail": "Not sent.", "nonce": "n"});
    let expected = Incoming::Refused(Refusal {
        detail: "Not sent.".to_owned(),
        nonce: Some("n".to_owned()),
        retry_after: None,
    });
    assert_eq!(
        server_message(Json(refusal.clone()), day_of),
        Some(expected)
    );
}

#[test]
fn a_reason_of_a_later_version_says_that_nothing_is_known_of_what_is_missing() {
    let (after, position) = (at(3), at(9));
    let gap = json!({
        "type": "gap", "reason": "moved",
        "after": after.to_string(), "position": position.to_string(),
    });
    let expected = Incoming::Gap(Gap {
        reason: GapReason::UnknownPosition,
        after,
        position,
    });
    assert_eq!(server_message(Json(gap.clone()), day_of), Some(expected));
}

#[test]
fn a_message_that_only_a_later_version_allows_has_its_place_all_the_same() {
    let mut message = serde_json::to_value(ServerMessage::Message(message_on_wire())).unwrap();
    message["text"] = json!("");
    assert_eq!(
        server_message(Json(message.clone()), day_of),
        Some(Incoming::Unknown {
            position: Some(at(17))
        })
    );
}

#[test]
fn what_is_no_message_is_none() {
    for json in [
        json!(null),
        json!([]),
        json!("welcome"),
        json!({"type": 1}),
        json!({"position": "k3j9x2ab-17"}),
        json!({"type": "message"}),
        json!({"type": "edited", "position": "17"}),
        json!({"type": "said", "nonce": "n", "position": "17"}),
        json!({"type": "said", "nonce": "n"}),
        json!({"type": "said", "position": "k3j9x2ab-17"}),
        json!({"type": "gap", "reason": "expired", "position": "k3j9x2ab-17"}),
        json!({"type": "welcome", "room": "ops", "position": "k3j9x2ab-17"}),
        json!({"type": "presence", "count": -1, "listed": []}),
        json!({"type": "typing"}),
        json!({"type": "error", "code": "too-fast"}),
    ] {
        assert_eq!(server_message(Json(json.clone()), day_of), None, "{json}");
    }
}

#[test]
fn a_page_of_history_is_read_without_events_of_a_later_version() {
    let page = json!({
        "room": "ops", "head": at(17).to_string(), "older": at(16).to_string(),
        "newer": null, "gap": null,
        "messages": [
            {"type": "edited", "position": at(16).to_string()},
            serde_json::to_value(ServerMessage::Message(message_on_wire())).unwrap(),
        ],
    });
    let expected = HistoryPage {
        messages: vec![message_read()],
        has_older: true,
        is_of_another_log: false,
    };
    assert_eq!(history_page(Json(page.clone()), day_of), Some(expected));
    assert_eq!(history_page(Json(json!({"status": 503})), day_of), None);
}

#[test]
fn the_first_page_of_another_log_is_read_as_such() {
    let page = json!({
        "room": "ops", "head": at(17).to_string(), "older": null, "newer": null,
        "gap": {
            "reason": "store-replaced",
            "after": at(3).to_string(), "position": at(0).to_string(),
        },
        "messages": [],
    });
    let expected = HistoryPage {
        messages: Vec::new(),
        has_older: false,
        is_of_another_log: true,
    };
    assert_eq!(history_page(Json(page.clone()), day_of), Some(expected));
}

/// JSON of any shape, mostly with the names and words of the wire.
fn any_json() -> impl Strategy<Value = Value> {
    const WORDS: &str = "type|position|nonce|people|count|listed|you|room|person|id|name|text|rich|\
        kind|children|reason|after|detail|welcome|message|said|caught-up|presence|typing|gap|error|\
        messages|older|k3j9x2ab-[0-9]|[a-z]{0,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        WORDS.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(WORDS, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_reading_panic(json in any_json()) {
        let _ = server_message(Json(json.clone()), day_of);
        let _ = history_page(Json(json.clone()), day_of);
        let _ = Problem::read(Json(json.clone()));
    }
}
