//! How the connection is, in words.

use web_sys::Element;

use super::live_room::LiveRoom;
use super::reason::keep_reason;
use crate::components::bind::{keep_attribute, keep_flag, keep_text, part};
use crate::components::live_text::words;
use crate::connection::room::Status;

/// The line that says it, for the eyes; the [banner](super::banner) says it to those who hear the page.
pub fn keep_status(page: &Element, room: LiveRoom) {
    let state = words(move || told(room.status()).1.to_owned());
    let way = words(move || {
        let is_over_stream = room.why_over_stream().is_some();
        let words = if is_over_stream {
            " over an event stream"
        } else {
            ""
        };
        words.to_owned()
    });
    let line = part(page, "#status");
    let name = words(move || told(room.status()).0.to_owned());
    keep_text(part(&line, "span").into(), state);
    keep_text(part(&line, "span + span").into(), way);
    keep_attribute(line, "data-state", name);
}

fn told(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Connecting => ("connecting", "Connecting…"),
        Status::Live => ("live", "Live"),
        Status::Reconnecting(_) => ("reconnecting", "Reconnecting…"),
        Status::Offline => ("offline", "Offline"),
        Status::Ended => ("ended", "Disconnected"),
    }
}

/// That messages come over an event stream, and why: said quietly, as everything works.
pub fn keep_way_hint(page: &Element, room: LiveRoom) {
    let why = words(move || {
        let why = room.why_over_stream().unwrap_or_default();
        // What the banner says is not said twice.
        if why.is_empty() || why == room.session().why_read_only() {
            return "Live over an event stream.".to_owned();
        }
        let mut words = String::from("Live over an event stream: ");
        words.push_str(&why);
        words
    });
    let hint = part(page, "#way");
    keep_reason(part(&hint, "p"), part(&hint, "details"), why);
    keep_flag(
        hint,
        "hidden",
        Box::new(move || room.why_over_stream().is_none()),
    );
}
