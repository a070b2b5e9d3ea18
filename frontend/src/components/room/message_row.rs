//! One row of the room: a message, or a line between messages.

use roomcast_shared::person::PersonId;
use roomcast_shared::rich_text::Node;
use roomcast_shared::server_message::GapReason;
use web_sys::HtmlElement;

use super::avatar::hue;
use super::clock::Clock;
use super::rich_text::append_nodes;
use super::share::COPY_LINK;
use crate::dom::{append, element, first_character, lower_case, set};
use crate::store::room::Room;
use crate::store::room::incoming::{Message, Person};
use crate::store::room::outbox::{Delivery, Unsent};
use crate::store::room::timeline::Row;
use crate::store::room::transcript::{Before, Missing};

/// Names the message that a button is about.
pub const NUMBER: &str = "data-number";

/// Names what a button does with it.
pub const ACT: &str = "data-act";

/// The act of the button that copies the address of the room.
pub const SHARE: &str = "share";

/// The element of a row. Rows that are not there any more are empty.
pub fn build(room: &Room, row: Row, clock: &Clock, today: i64) -> HtmlElement {
    let messages = room.transcript.messages();
    match row {
        Row::Start => start(start_text(room)),
        Row::Gap(gap) => {
            let missing = room.transcript.gaps().get(gap);
            line("gap", &missing.map(gap_text).unwrap_or_default())
        }
        Row::Day(index) => {
            let day = messages.get(index).map(|first| clock.day(first, today));
            line("day", &day.unwrap_or_default())
        }
        Row::Unread => line("unread", "New"),
        Row::Message { index, is_head } => messages.get(index).map_or_else(
            || line("", ""),
            |message| said(room, message, is_head, &clock.time(message)),
        ),
        Row::Unsent { number, is_head } => room
            .outbox
            .get(number)
            .map_or_else(|| line("", ""), |unsent| on_its_way(room, unsent, is_head)),
    }
}

/// Returns the text of the row at the top: what is before the first message. It changes as history loads.
pub fn start_text(room: &Room) -> &'static str {
    match room.transcript.before() {
        _ if room.me.is_none() => "",
        Before::Nothing if room.transcript.messages().is_empty() => EMPTY,
        Before::Nothing => "This is where the room begins.",
        Before::Deleted => "Older messages have been deleted.",
        Before::Older => "Older messages are loading…",
    }
}

/// What an empty room says, beside the button that copies its address.
const EMPTY: &str = "No messages yet. Write the first one, or invite people.";

fn start(text: &str) -> HtmlElement {
    let row = line("start", text);
    if text == EMPTY {
        let button = append(&row, "button", "button", COPY_LINK);
        set(&button, "type", "button");
        set(&button, ACT, SHARE);
    }
    row
}

fn gap_text(missing: &Missing) -> String {
    let mut text = match missing.reason {
        GapReason::Expired => {
            let mut text = missing.events.to_string();
            text.push_str(if missing.events == 1 {
                " message is missing here: it was"
            } else {
                " messages are missing here: they were"
            });
            text.push_str(" deleted, for their age or number, while you were away.");
            return text;
        }
        GapReason::StoreReplaced => "The server has a new store",
        GapReason::UnknownPosition => "The server's store was set back",
    }
    .to_owned();
    text.push_str(
        ": what follows is everything that it has. Other messages of this room are lost.",
    );
    text
}

fn line(class: &str, text: &str) -> HtmlElement {
    let row = element("div");
    row.set_class_name("line");
    set(&row, "data-line", class);
    append(&row, "span", "", text);
    row
}

fn said(room: &Room, message: &Message, is_head: bool, time: &str) -> HtmlElement {
    let row = article(&message.person, is_head, time, "sent");
    if room.is_mine(message) {
        set(&row, "data-mine", "");
    }
    if room.is_mention(message, lower_case) {
        set(&row, "data-mention", "");
    }
    append_text(&row, &message.text, &message.rich);
    row
}

fn on_its_way(room: &Room, unsent: &Unsent, is_head: bool) -> HtmlElement {
    // While it is being sent this stands where the time will be, so that nothing moves.
    let (state, time) = match &unsent.state {
        Delivery::Failed(_) => ("failed", ""),
        _ => ("sending", "Sending…"),
    };
    let nobody = Person {
        id: PersonId::from_random([0; 16]),
        name: "You".to_owned(),
    };
    let me = room.me.as_ref().unwrap_or(&nobody);
    let row = article(me, is_head, time, state);
    set(&row, "data-mine", "");
    append_text(&row, &unsent.text, &[]);
    if let Delivery::Failed(detail) = &unsent.state {
        let note = append(&row, "p", "note", detail);
        for (act, name) in [("retry", "Try again"), ("edit", "Edit")] {
            let button = append(&note, "button", "link", name);
            set(&button, "type", "button");
            set(&button, ACT, act);
            set(&button, NUMBER, &unsent.number.to_string());
        }
    }
    row
}

fn article(person: &Person, is_head: bool, time: &str, state: &str) -> HtmlElement {
    let row = element("article");
    row.set_class_name("message");
    set(&row, "data-state", state);
    if is_head {
        set(&row, "data-head", "");
        avatar(&row, person);
        let by = append(&row, "p", "by", "");
        let name = append(&by, "strong", "", &person.name);
        set(&name, "dir", "auto");
        set(&name, "translate", "no");
        append(&by, "time", "", time);
    } else {
        append(&row, "time", "", time);
    }
    row
}

fn avatar(parent: &HtmlElement, person: &Person) {
    let avatar = append(parent, "span", "avatar", &first_character(&person.name));
    set(&avatar, "aria-hidden", "true");
    // It fails only in a style that cannot be changed.
    let _ = avatar
        .style()
        .set_property("--hue", &hue(person).to_string());
}

fn append_text(row: &HtmlElement, text: &str, rich: &[Node]) {
    let (class, text) = if rich.is_empty() {
        ("text plain", text)
    } else {
        ("text", "")
    };
    let shown = append(row, "div", class, text);
    set(&shown, "dir", "auto");
    append_nodes(&shown, rich);
}
