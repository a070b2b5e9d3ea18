//! What is read from parsed JSON is what `serde_json` reads, whoever has parsed it.

use proptest::prelude::*;
use roomcast_shared::lobby::Lobby;
use roomcast_shared::prime::PrimeEvent;
use roomcast_shared::rich_text::Node;
use serde::de::DeserializeOwned;
use serde_json::{Value as Parsed, json};

use super::*;

impl Value for Parsed {
    fn field(&self, name: &str) -> Result<Option<Self>, Mismatch> {
        match self {
            Self::Object(fields) => Ok(fields.get(name).cloned()),
            // As the browser has it: an array is an object.
            Self::Array(_) => Ok(None),
            _ => Err(Mismatch),
        }
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        Self::is_null(self)
    }
}

fn read<T: DeserializeOwned>(json: Parsed) -> Option<T> {
    T::deserialize(Json(json)).ok()
}

fn assert_read_as_by_serde_json<T: DeserializeOwned + PartialEq + fmt::Debug>(json: &Parsed) {
    let expected: Option<T> = serde_json::from_value(json.clone()).ok();
    assert_eq!(read::<T>(json.clone()), expected, "{json}");
}

#[test]
fn a_prime_is_read_as_a_number_and_as_a_text() {
    for number in [
        json!(7),
        json!("7"),
        json!("170141183460469231731687303715884105727"),
    ] {
        assert_read_as_by_serde_json::<PrimeEvent>(&json!({"id": 4, "number": number}));
    }
}

#[test]
fn a_number_is_read_up_to_the_largest_that_a_client_can_count() {
    assert_eq!(read::<u64>(json!(0)), Some(0));
    assert_eq!(
        read(json!(9_007_199_254_740_991_u64)),
        Some(9_007_199_254_740_991_u64)
    );
    for json in [
        json!(9_007_199_254_740_992_u64),
        json!(-1),
        json!(0.5),
        json!("1"),
        json!(null),
    ] {
        assert_eq!(read::<u64>(json.clone()), None, "{json}");
    }
    assert_eq!(read::<u32>(json!(u32::MAX)), Some(u32::MAX));
    assert_eq!(read::<u32>(json!(u64::from(u32::MAX) + 1)), None);
}

#[test]
fn the_list_of_rooms_is_read() {
    assert_read_as_by_serde_json::<Lobby>(&json!({"later": true, "rooms": [
        {"name": "ops", "people": 2, "last_message": 1_790_000_000_000_u64},
        {"name": "tea", "people": 0, "last_message": null},
        {"name": "new", "people": 0},
    ]}));
    for json in [
        json!(null),
        json!("rooms"),
        json!({}),
        json!({"rooms": {}}),
        json!({"rooms": [{"name": "ops"}]}),
        json!({"rooms": [{"name": "ops", "people": true}]}),
        json!({"rooms": [{"name": "a/b", "people": 1}]}),
    ] {
        assert_eq!(read::<Lobby>(json.clone()), None, "{json}");
        assert_read_as_by_serde_json::<Lobby>(&json);
    }
}

#[test]
fn a_word_of_a_later_version_is_read_as_unknown() {
    for kind in ["text", "code-block", "of a later version"] {
        assert_read_as_by_serde_json::<Node>(&json!({"kind": kind, "text": "x"}));
    }
    assert_eq!(read::<Node>(json!({"kind": {"text": null}})), None);
}

/// JSON that looks like formatted text, right or nearly so.
fn any_node() -> impl Strategy<Value = Parsed> {
    const KINDS: &str = "text|list|link|code-block|later";
    let scalar = || {
        prop_oneof![
            Just(Parsed::Null),
            any::<bool>().prop_map(Parsed::from),
            any::<u32>().prop_map(Parsed::from),
            any::<i64>().prop_map(Parsed::from),
            ".{0,3}".prop_map(Parsed::from),
        ]
    };
    let node = (
        prop_oneof![9 => KINDS.prop_map(Parsed::from), 1 => scalar()],
        prop::option::of(".{0,3}"),
        prop::option::of(any::<u32>()),
        prop::collection::hash_map("text|href|start|children|later", scalar(), 0..2),
    );
    let node = node.prop_map(|(kind, text, start, others)| {
        let mut node = json!({"kind": kind, "start": start});
        if let Some(text) = text {
            node["text"] = json!(text);
        }
        for (name, value) in others {
            node[name] = value;
        }
        node
    });
    node.prop_recursive(4, 32, 4, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..4)).prop_map(|(mut node, children)| {
            node["children"] = json!(children);
            node
        })
    })
}

proptest! {
    #[test]
    fn any_formatted_text_is_read_as_by_serde_json(json in any_node()) {
        let expected: Option<Node> = serde_json::from_value(json.clone()).ok();
        prop_assert_eq!(read::<Node>(json), expected);
    }
}
