//! Looks after the connection: asks the server for a word when it has been silent for long, or when the
//! page is back in sight.

use std::time::Duration;

use leptos::leptos_dom::helpers::window;
use roomcast_shared::client_message::ClientMessage;

use super::RoomSession;
use crate::connection::Input;
use crate::connection::liveness::{Liveness, Patience, Verdict};
use crate::dom::{after, now};

/// On a bad network opening is a dozen round trips of a second, handshakes and the first message included.
/// The server's own pings go out after 20 s of silence; asking somewhat later, a page notices as soon as the
/// server does, and it gives an answer as long as the server gives those.
const PATIENCE: Patience = Patience {
    opening: Duration::from_secs(20),
    silence: Duration::from_secs(30),
    answer: Duration::from_secs(10),
};

impl RoomSession {
    /// A socket is being opened.
    pub(super) fn begin_watch(&self) {
        self.0.driver.borrow_mut().liveness = Liveness::Opening(now());
        self.watch(false);
    }

    /// The socket is gone.
    pub(super) fn end_watch(&self) {
        let mut driver = self.0.driver.borrow_mut();
        driver.liveness = Liveness::Closed;
        let look = driver.look.take();
        drop(driver);
        if let Some(look) = look {
            window().clear_timeout_with_handle(look);
        }
    }

    /// The server has said something.
    pub(super) fn heard(&self) {
        self.0.driver.borrow_mut().liveness.heard(now());
    }

    /// Looks whether the other end is still there, and looks again when it is time to.
    pub(super) fn watch(&self, is_suspected: bool) {
        let verdict = {
            let mut driver = self.0.driver.borrow_mut();
            let verdict = driver.liveness.look(now(), is_suspected, PATIENCE);
            if let Verdict::Ask(_) = verdict
                && let Some(socket) = &driver.socket
            {
                socket.send(&ClientMessage::Ping);
            }
            verdict
        };
        match verdict {
            Verdict::Rest => {}
            Verdict::LookIn(wait) | Verdict::Ask(wait) => self.watch_in(wait),
            Verdict::Lost => self.handle(Input::Lost),
        }
    }

    fn watch_in(&self, wait: Duration) {
        let session = self.clone();
        // One more, as what is behind the point is cut off: too early is in vain.
        let milliseconds = i32::try_from(wait.as_millis() + 1).unwrap_or(i32::MAX);
        let look = after(milliseconds, Box::new(move || session.watch(false)));
        let earlier = self.0.driver.borrow_mut().look.replace(look);
        if let Some(earlier) = earlier {
            window().clear_timeout_with_handle(earlier);
        }
    }
}
