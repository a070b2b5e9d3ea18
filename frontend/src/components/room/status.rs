//! How the connection is, in words.

use leptos::prelude::*;

use super::live_room::LiveRoom;
use crate::components::live_text::{live_text, words};
use crate::connection::room::Status;

/// The line that says it, for the eyes; the [banner](super::banner) says it to those who hear the page.
#[component]
pub fn StatusLine(room: LiveRoom) -> impl IntoView {
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
    view! {
        <p class="state" id="status" data-state=move || told(room.status()).0>
            <span use:live_text=state></span>
            <span use:live_text=way></span>
        </p>
    }
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
#[component]
pub fn WayHint(room: LiveRoom) -> impl IntoView {
    let why = words(move || {
        let mut words = String::from("Live over an event stream: ");
        words.push_str(&room.why_over_stream().unwrap_or_default());
        words
    });
    view! {
        <p
            class="hint"
            id="way"
            hidden=move || room.why_over_stream().is_none()
            use:live_text=why
        ></p>
    }
}
