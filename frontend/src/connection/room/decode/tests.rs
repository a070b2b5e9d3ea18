//! Every type of the wire, as `roomcast_shared` writes it, is read as what it is.

use roomcast_shared::person::{self as wire_person, PersonName};
use roomcast_shared::server_message as wire;
use roomcast_shared::server_message::ServerMessage;
use serde_json::{Value, json};

use super::*;
use crate::store::room::fixture::{at, person};

impl Json for Value {
    fn field(&self, name: &str) -> Self {
        self.get(name).cloned().unwrap_or(Self::Null)
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<u64> {
        self.as_u64()
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn items(&self) -> Vec<Self> {
        self.as_array().cloned().unwrap_or_default()
    }
}

fn day_of(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds / 86_400_000).unwrap()
}

fn read(message: &ServerMessage) -> Option<Incoming> {
    server_message(&serde_json::to_value(message).unwrap(), day_of)
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
    });
    let expected = Incoming::Welcome(Welcome {
        you: person('m'),
        room: "ops".to_owned(),
        position: at(10),
        people: people_read(),
    });
    assert_eq!(read(&welcome), Some(expected));
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
        server_message(&edited, day_of),
        Some(Incoming::Unknown {
            position: Some(at(18))
        })
    );
}

#[test]
fn what_is_no_message_is_none() {
    for json in [
        json!(null),
        json!([]),
        json!({"type": 1}),
        json!({"type": "message"}),
        json!({"type": "said", "nonce": "n", "position": "17"}),
    ] {
        assert_eq!(server_message(&json, day_of), None, "{json}");
    }
}

#[test]
fn a_page_of_history_is_read() {
    let page = json!({
        "room": "ops", "head": at(17).to_string(), "older": at(17).to_string(),
        "newer": null, "gap": null,
        "messages": [serde_json::to_value(message_on_wire()).unwrap()],
    });
    // A `message` inside a page has its type as well; the type alone does not matter here.
    let expected = HistoryPage {
        messages: vec![message_read()],
        has_older: true,
        is_of_another_log: false,
    };
    assert_eq!(history_page(&page, day_of), Some(expected));
    assert_eq!(history_page(&json!({"status": 503}), day_of), None);
}
