//! From JSON to what the store takes in.
//!
//! The browser has a JSON parser; another one, made for our types by serde, would be the largest part
//! of this page. So the types of the wire are read here field by field, and tests hold every one of
//! them against what `roomcast_shared` writes.

use roomcast_shared::position::Position;
use roomcast_shared::rich_text::{Node, NodeKind};
use roomcast_shared::server_message::GapReason;

use crate::store::room::incoming::{
    Gap, HistoryPage, Incoming, Message, People, Person, PersonPresent, Refusal, Welcome,
};

/// A value of parsed JSON.
pub trait Json: Sized {
    /// The field of an object; something without fields, text or items where there is none.
    fn field(&self, name: &str) -> Self;
    /// A string.
    fn text(&self) -> Option<String>;
    /// A number, as far as it is a whole one that a client can count.
    fn number(&self) -> Option<u64>;
    /// Whether it is `true`.
    fn is_true(&self) -> bool;
    /// The items of an array; none of anything else.
    fn items(&self) -> Vec<Self>;
}

/// Tells in days since 1970, where the page is read, what day a moment in milliseconds is on.
pub type DayOf = fn(u64) -> i64;

/// One message from the server. None when a field is missing or is something else than it should be.
pub fn server_message(json: &impl Json, day_of: DayOf) -> Option<Incoming> {
    Some(match json.field("type").text()?.as_str() {
        "welcome" => Incoming::Welcome(Welcome {
            you: person(&json.field("you"))?,
            room: json.field("room").text()?,
            position: position(json, "position")?,
            people: people(&json.field("people"))?,
        }),
        "message" => Incoming::Message(message(json, day_of)?),
        "said" => Incoming::Said {
            nonce: json.field("nonce").text()?,
            position: position(json, "position")?,
        },
        "caught-up" => Incoming::CaughtUp,
        "presence" => Incoming::Presence(people(json)?),
        "typing" => Incoming::Typing(
            json.field("people")
                .items()
                .iter()
                .filter_map(|id| id.text()?.parse().ok())
                .collect(),
        ),
        "gap" => Incoming::Gap(gap(json)?),
        "error" => Incoming::Refused(Refusal {
            detail: json.field("detail").text()?,
            nonce: json.field("nonce").text(),
            retry_after: json.field("retry_after").number(),
        }),
        _ => Incoming::Unknown {
            position: position(json, "position"),
        },
    })
}

/// A page of history.
pub fn history_page(json: &impl Json, day_of: DayOf) -> Option<HistoryPage> {
    json.field("room").text()?;
    Some(HistoryPage {
        messages: json
            .field("messages")
            .items()
            .iter()
            .filter_map(|json| message(json, day_of))
            .collect(),
        has_older: json.field("older").text().is_some(),
        is_of_another_log: json.field("gap").field("reason").text().is_some(),
    })
}

fn message(json: &impl Json, day_of: DayOf) -> Option<Message> {
    let time = json.field("time").number()?;
    Some(Message {
        position: position(json, "position")?,
        time,
        day: day_of(time),
        person: person(&json.field("person"))?,
        text: json.field("text").text()?,
        rich: nodes(&json.field("rich")),
    })
}

fn position(json: &impl Json, name: &str) -> Option<Position> {
    json.field(name).text()?.parse().ok()
}

fn person(json: &impl Json) -> Option<Person> {
    Some(Person {
        id: json.field("id").text()?.parse().ok()?,
        name: json.field("name").text()?,
    })
}

fn people(json: &impl Json) -> Option<People> {
    Some(People {
        count: usize::try_from(json.field("count").number()?).ok()?,
        listed: json
            .field("listed")
            .items()
            .iter()
            .filter_map(|json| {
                Some(PersonPresent {
                    person: person(json)?,
                    look_alike: json.field("look_alike").is_true(),
                })
            })
            .collect(),
    })
}

fn gap(json: &impl Json) -> Option<Gap> {
    Some(Gap {
        reason: match json.field("reason").text()?.as_str() {
            "expired" => GapReason::Expired,
            "store-replaced" => GapReason::StoreReplaced,
            _ => GapReason::UnknownPosition,
        },
        after: position(json, "after")?,
        position: position(json, "position")?,
    })
}

fn nodes(json: &impl Json) -> Vec<Node> {
    json.items().iter().map(node).collect()
}

fn node(json: &impl Json) -> Node {
    let text = |name| json.field(name).text().unwrap_or_default();
    Node {
        kind: match text("kind").as_str() {
            "paragraph" => NodeKind::Paragraph,
            "quote" => NodeKind::Quote,
            "code-block" => NodeKind::CodeBlock,
            "list" => NodeKind::List,
            "item" => NodeKind::Item,
            "text" => NodeKind::Text,
            "break" => NodeKind::Break,
            "strong" => NodeKind::Strong,
            "emphasis" => NodeKind::Emphasis,
            "strikethrough" => NodeKind::Strikethrough,
            "code" => NodeKind::Code,
            "link" => NodeKind::Link,
            _ => NodeKind::Unknown,
        },
        text: text("text"),
        href: text("href"),
        start: json
            .field("start")
            .number()
            .and_then(|start| start.try_into().ok()),
        children: nodes(&json.field("children")),
    }
}

#[cfg(test)]
mod tests;
