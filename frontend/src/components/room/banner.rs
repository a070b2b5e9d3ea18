//! The banner above the field: that there is no connection, why, and what can be done.

use leptos::prelude::*;
use web_sys::{Element, HtmlElement};

use super::live_room::LiveRoom;
use super::reason::keep_reason;
use crate::components::bind::{effect, keep_attribute, keep_flag, keep_text, part};
use crate::components::live_text::words;
use crate::connection::room::Status;
use crate::dom::listen;

/// What is wrong, if anything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// The connection is lost, and tried again in so many seconds.
    Lost(u64),
    /// The browser says that there is no network.
    Offline,
    /// It ended for good.
    Ended,
    /// The room can be read only.
    ReadOnly,
}

impl Trouble {
    fn of(status: Status, is_read_only: bool) -> Self {
        match status {
            Status::Reconnecting(seconds) => Self::Lost(seconds),
            Status::Offline => Self::Offline,
            Status::Ended => Self::Ended,
            Status::Live if is_read_only => Self::ReadOnly,
            Status::Connecting | Status::Live => Self::None,
        }
    }

    /// What happened. These words change only when something else has happened, as they are read out.
    fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Lost(_) => "No connection. What you write is sent then.",
            Self::Offline => {
                "This device is offline. What you write is sent when it is online again."
            }
            Self::Ended => "The connection has ended.",
            Self::ReadOnly => {
                "You can read here, but not write. What you write is sent when you can."
            }
        }
    }
}

/// Serves the banner. It covers what is there and moves nothing: the messages are drawn higher, which is no change of
/// the layout.
pub fn keep_banner(page: &Element, room: LiveRoom) {
    let banner = part(page, ".banner");
    let trouble = move || trouble_in(room);
    let reason = move || {
        let session = room.session();
        match trouble() {
            Trouble::None | Trouble::Offline => String::new(),
            Trouble::ReadOnly => session.why_read_only(),
            Trouble::Lost(_) | Trouble::Ended => session.why_lost(),
        }
    };
    let unfolded = banner.clone();
    listen(
        &part(&banner, "details"),
        "toggle",
        Box::new(move |_| make_room(&unfolded, untrack(|| trouble_in(room)) != Trouble::None)),
    );
    let (placed, mut before) = (banner.clone(), None);
    effect(Box::new(move || {
        let shown = (name(trouble()), reason());
        if before.as_ref() != Some(&shown) {
            let banner = placed.clone();
            request_animation_frame(move || {
                make_room(&banner, untrack(|| trouble_in(room)) != Trouble::None);
            });
        }
        before = Some(shown);
    }));
    let rest = words(move || {
        let words = trouble().words();
        // The time stands between the two sentences, outside of what is read out.
        words.strip_prefix(LOST).unwrap_or(words).to_owned()
    });
    let lost = words(move || match trouble() {
        Trouble::Lost(_) => LOST.to_owned(),
        _ => String::new(),
    });
    let wait = words(move || wait(trouble()));
    keep_reason(
        part(&banner, "[role] .hint"),
        part(&banner, "details"),
        words(reason),
    );
    let again = words(move || {
        let again = match trouble() {
            Trouble::Ended => "Try again",
            _ => "Try now",
        };
        again.to_owned()
    });
    for (selector, words) in [("b", lost), ("b + span", wait), ("span + span", rest)] {
        keep_text(part(&banner, selector).into(), words);
    }
    let button = part(&banner, "#try-now");
    let now = move |_| room.session().try_now();
    listen(&button, "click", Box::new(now));
    keep_text(button.clone().into(), again);
    let is_idle = move || matches!(trouble(), Trouble::None | Trouble::Offline);
    keep_flag(button, "hidden", Box::new(is_idle));
    let name = words(move || name(trouble()).to_owned());
    keep_attribute(banner, "data-trouble", name);
}

fn trouble_in(room: LiveRoom) -> Trouble {
    let is_read_only = !room.session().why_read_only().is_empty();
    Trouble::of(room.status(), is_read_only)
}

/// How the news of a lost connection begins.
const LOST: &str = "No connection.";

/// When the next try is, for the eyes only: it counts down.
fn wait(trouble: Trouble) -> String {
    match trouble {
        Trouble::Lost(0) => " Trying again…".to_owned(),
        Trouble::Lost(seconds) => {
            let mut wait = String::from(" Trying again in ");
            wait.push_str(&seconds.to_string());
            wait.push_str(" s.");
            wait
        }
        _ => String::new(),
    }
}

fn name(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::None => "none",
        Trouble::Lost(_) | Trouble::Offline | Trouble::Ended => "lost",
        Trouble::ReadOnly => "read-only",
    }
}

/// Has the messages drawn as much higher as the banner is high.
fn make_room(banner: &HtmlElement, is_shown: bool) {
    let height = if is_shown { banner.offset_height() } else { 0 };
    let mut height = height.to_string();
    height.push_str("px");
    if let Some(talk) = banner.closest(".room").ok().flatten() {
        let talk: &HtmlElement = wasm_bindgen::JsCast::unchecked_ref(&talk);
        // It fails only in a style that cannot be changed.
        let _ = talk.style().set_property("--banner", &height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_says_what_is_wrong_and_nothing_while_all_is_well() {
        for (status, is_read_only, trouble) in [
            (Status::Connecting, false, Trouble::None),
            (Status::Live, false, Trouble::None),
            (Status::Live, true, Trouble::ReadOnly),
            (Status::Reconnecting(4), true, Trouble::Lost(4)),
            (Status::Offline, false, Trouble::Offline),
            (Status::Ended, false, Trouble::Ended),
        ] {
            assert_eq!(Trouble::of(status, is_read_only), trouble);
        }
    }

    #[test]
    fn what_is_read_out_is_the_same_each_second() {
        assert_eq!(Trouble::Lost(4).words(), Trouble::Lost(3).words());
        assert_eq!(wait(Trouble::Lost(4)), " Trying again in 4 s.");
        assert_eq!(wait(Trouble::Lost(0)), " Trying again…");
    }
}
