//! Looks after the connection. The heartbeats of an event stream are comments, which no page gets to see; so
//! when no event has come for a while, the server is asked beside the stream whether it is there.

use std::time::Duration;

use leptos::leptos_dom::helpers::window;

use super::LiveStream;
use crate::base_path;
use crate::connection::liveness::{Liveness, Patience, Verdict};
use crate::connection::{Input, fetch};
use crate::dom::{after, is_in_sight, milliseconds, now};

/// What a server answers that answers at all.
const HEALTH: &str = "/healthz";

/// A gateway says so of a server behind it that does not answer.
const GATEWAY_STATUSES: [u16; 2] = [502, 504];

/// Opening takes a dozen round trips at worst, and on a bad network each of them a second. Somebody looks at
/// the page and believes that it is live: so it asks early, and an answer of a few bytes is soon there.
const PATIENCE: Patience = Patience {
    opening: Duration::from_secs(20),
    silence: Duration::from_secs(10),
    answer: Duration::from_secs(5),
};

impl LiveStream {
    /// A connection is being opened.
    pub(super) fn begin_watch(&self) {
        self.0.liveness.set(Liveness::Opening(now()));
        self.watch(false);
    }

    /// The connection is gone.
    pub(super) fn end_watch(&self) {
        self.0.liveness.set(Liveness::Closed);
        window().clear_timeout_with_handle(self.0.look.take());
    }

    /// The stream has said something.
    pub(super) fn heard(&self) {
        let mut liveness = self.0.liveness.get();
        liveness.heard(now());
        self.0.liveness.set(liveness);
    }

    /// Looks whether the server is still there, and looks again when it is time to. What nobody sees is not
    /// looked after: many pages are open for days.
    pub(super) fn watch(&self, is_suspected: bool) {
        if !is_in_sight() {
            return;
        }
        let patience = Patience {
            // Nothing is wrong with a stream that is silent between two events.
            silence: PATIENCE.silence + self.0.reader.interval(),
            ..PATIENCE
        };
        let mut liveness = self.0.liveness.get();
        let verdict = liveness.look(now(), is_suspected, patience);
        self.0.liveness.set(liveness);
        match verdict {
            Verdict::Rest => {}
            Verdict::LookIn(wait) => self.watch_in(wait),
            Verdict::Ask(wait) => {
                self.ask(wait);
                self.watch_in(wait);
            }
            Verdict::Lost => self.handle(Input::Lost),
        }
    }

    fn ask(&self, patience: Duration) {
        let stream = self.clone();
        fetch::within(
            &base_path::join(HEALTH),
            patience,
            Box::new(move |answer| {
                if answer.status != 0 && !GATEWAY_STATUSES.contains(&answer.status) {
                    let mut liveness = stream.0.liveness.get();
                    liveness.answered(now());
                    stream.0.liveness.set(liveness);
                }
            }),
        );
    }

    fn watch_in(&self, wait: Duration) {
        let stream = self.clone();
        let look = after(milliseconds(wait), Box::new(move || stream.watch(false)));
        window().clear_timeout_with_handle(self.0.look.replace(look));
    }
}
