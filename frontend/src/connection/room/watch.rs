//! Looks after the connection: asks the server for a word when it has been silent for long, or when the
//! page is back in sight.

use std::time::Duration;

use leptos::leptos_dom::helpers::window;
use roomcast_shared::client_message::ClientMessage;

use super::{Driver, RoomSession};
use crate::connection::Input;
use crate::connection::liveness::{Liveness, Patience, Verdict};
use crate::connection::reason::HELD_BACK;
use crate::dom::{after, now};

/// On a bad network opening is a dozen round trips of a second, handshakes and the first message included.
/// The server gives the answers to its pings as long as the page gives those to its own.
const PATIENCE: Patience = Patience {
    opening: Duration::from_secs(20),
    silence: Duration::ZERO,
    answer: Duration::from_secs(10),
};

/// An event stream begins with a welcome, which a proxy may hold back.
const STREAM_OPENING: Duration = Duration::from_secs(8);

/// How much later than it should a heartbeat of an event stream may come.
const STREAM_DELAY: Duration = Duration::from_secs(4);

impl Driver {
    fn patience(&self) -> Patience {
        if self.stream.is_none() {
            return Patience {
                silence: self.way.socket_silence(),
                ..PATIENCE
            };
        }
        let heartbeat = Duration::from_secs(self.way.heartbeat());
        Patience {
            opening: STREAM_OPENING,
            silence: heartbeat + STREAM_DELAY,
            answer: heartbeat + STREAM_DELAY,
        }
    }
}

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
        let was_asked = {
            let mut driver = self.0.driver.borrow_mut();
            let was_asked = matches!(driver.liveness, Liveness::Asked(_));
            driver.liveness.heard(now());
            driver.heard_at = now();
            was_asked
        };
        if was_asked {
            // The next look was to come when the answer would have taken too long.
            self.watch(false);
        }
    }

    /// Looks whether the other end is still there, and looks again when it is time to.
    pub(super) fn watch(&self, is_suspected: bool) {
        let verdict = {
            let mut driver = self.0.driver.borrow_mut();
            let patience = driver.patience();
            let verdict = driver.liveness.look(now(), is_suspected, patience);
            // An event stream needs not be asked: it has heartbeats.
            if let Verdict::Ask(_) = verdict
                && let Some(socket) = driver.active_socket()
            {
                socket.send(&ClientMessage::Ping);
            }
            verdict
        };
        match verdict {
            Verdict::Rest => {}
            Verdict::LookIn(wait) | Verdict::Ask(wait) => self.watch_in(wait),
            Verdict::Lost => self.fell_silent(),
        }
    }

    /// What is open says nothing, or never did.
    fn fell_silent(&self) {
        {
            let mut driver = self.0.driver.borrow_mut();
            if driver.stream.is_some() && !driver.is_welcome {
                driver.way.stream_is_blocked();
                HELD_BACK.clone_into(&mut driver.why.lost);
            }
        }
        self.handle(Input::Lost);
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
