//! How the connection is, in words.

use leptos::prelude::*;

use super::live_room::{LiveRoom, Words};
use crate::connection::room::Status;

/// The line that says it. The seconds that are left count down for the eyes only.
#[component]
pub fn StatusLine(room: LiveRoom) -> impl IntoView {
    let words: Words = Box::new(move || told(room.status()).1.to_owned());
    let wait: Words = Box::new(move || match room.status() {
        Status::Reconnecting(seconds @ 1..) => {
            let mut wait = String::from(" in ");
            wait.push_str(&seconds.to_string());
            wait.push_str(" s");
            wait
        }
        _ => String::new(),
    });
    view! {
        <p class="state" id="status" role="status" data-state=move || told(room.status()).0>
            <span>{words}</span>
            <span aria-hidden="true">{wait}</span>
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
