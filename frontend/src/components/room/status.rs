//! How the connection is, in words.

use web_sys::Element;

use crate::connection::room::Status;
use crate::dom::{by_id, set, show_text};

/// The line that says it. The seconds that are left count down for the eyes only.
pub struct StatusLine {
    line: Element,
    words: Element,
    wait: Element,
}

impl StatusLine {
    /// The line, in the elements of the page.
    pub fn new() -> Option<Self> {
        Some(Self {
            line: by_id("status")?,
            words: by_id("status-words")?,
            wait: by_id("status-wait")?,
        })
    }

    /// Shows the state.
    pub fn show(&self, status: Status) {
        let (name, words) = match status {
            Status::Connecting => ("connecting", "Connecting…"),
            Status::Live => ("live", "Live"),
            Status::Reconnecting(_) => ("reconnecting", "Reconnecting…"),
            Status::Offline => ("offline", "Offline"),
            Status::Ended => ("ended", "Disconnected"),
        };
        set(&self.line, "data-state", name);
        show_text(&self.words, words);
        let mut wait = String::new();
        if let Status::Reconnecting(seconds @ 1..) = status {
            wait.push_str(" in ");
            wait.push_str(&seconds.to_string());
            wait.push_str(" s");
        }
        show_text(&self.wait, &wait);
    }
}
