//! Publishing by POST, where there is no WebSocket.

use std::time::Duration;

use roomcast_shared::position::Position;
use serde::Deserialize;

use super::RoomSession;
use crate::connection::Input;
use crate::connection::fetch::{self, Answer, Body};
use crate::connection::refusal::why;
use crate::store::room::incoming::{Incoming, Refusal};

/// How long the server may take to keep a message.
const PATIENCE: Duration = Duration::from_secs(10);

/// The wait before a message is sent again that did not get through, in seconds. It doubles each time.
const FIRST_WAIT: u64 = 2;

/// The longest of these waits, in seconds.
const MAX_WAIT: u64 = 30;

/// A message that was published.
#[derive(Deserialize)]
struct Published {
    position: Position,
}

/// What an answer to a message means.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is kept.
    Published,
    /// It is not what the server takes, and will not be.
    Refused,
    /// The server takes it after so many seconds.
    TooFast(u64),
    /// It did not get through. The next try may.
    Waits,
}

impl Fate {
    /// `is_explained` is `true` if the server itself says what is wrong.
    fn of(status: u16, retry_after: Option<u64>, is_explained: bool) -> Self {
        match (status, is_explained) {
            (201, _) => Self::Published,
            (429, true) => Self::TooFast(retry_after.unwrap_or(1)),
            // A page of an origin that the server does not know may become known.
            (403, true) => Self::Waits,
            // What is too long for a proxy today is too long tomorrow.
            (413, _) | (_, true) => Self::Refused,
            _ => Self::Waits,
        }
    }
}

impl RoomSession {
    /// Posts a message of the outbox.
    pub(super) fn post(&self, nonce: &str, text: &str) {
        let session = self.clone();
        let body = Body {
            text,
            idempotency_key: nonce,
        };
        let path = self.0.address.messages();
        let nonce = nonce.to_owned();
        let act = move |answer| session.posted(nonce, answer);
        fetch::post(&path, Some(body), PATIENCE, Box::new(act));
    }

    fn posted(&self, nonce: String, answer: Answer) {
        let (status, retry_after) = (answer.status, answer.retry_after);
        let published = Published::deserialize(answer.json.clone()).ok();
        let why = why(status, answer.json);
        let fate = match Fate::of(status, retry_after, why.is_explained) {
            Fate::Published if published.is_none() => Fate::Waits,
            fate => fate,
        };
        let is_through = fate != Fate::Waits;
        let (was_read_only, wait) = {
            let mut driver = self.0.driver.borrow_mut();
            if is_through {
                driver.post_failures = 0;
            } else {
                driver.post_failures += 1;
            }
            let was_read_only = !driver.why.read_only.is_empty();
            let words = if is_through { "" } else { &why.words };
            words.clone_into(&mut driver.why.read_only);
            let doublings = driver.post_failures.saturating_sub(1);
            let wait = FIRST_WAIT
                .saturating_mul(2_u64.saturating_pow(doublings))
                .max(retry_after.unwrap_or(0))
                .min(MAX_WAIT);
            (was_read_only, wait)
        };
        let refused = |detail, retry_after| {
            Incoming::Refused(Refusal {
                detail,
                nonce: Some(nonce.clone()),
                retry_after,
            })
        };
        let incoming = match (fate, published) {
            (Fate::Published, Some(Published { position })) => Incoming::Said { nonce, position },
            (Fate::Refused, _) => {
                let mut detail = String::from("Not sent. ");
                detail.push_str(&why.words);
                refused(detail, None)
            }
            (Fate::TooFast(seconds), _) => refused(why.words, Some(seconds * 1_000)),
            _ => refused(why.words, Some(wait * 1_000)),
        };
        self.take_in(incoming);
        if was_read_only && is_through {
            // What was wrong has been mended: a WebSocket may open as well.
            self.probe();
        }
    }

    /// Tells the server that the person is writing.
    pub(super) fn post_typing(&self) {
        fetch::post(&self.0.address.typing(), None, PATIENCE, Box::new(drop));
    }

    /// Tries at once what waits for its time.
    pub fn try_now(&self) {
        if self.is_ended() {
            self.handle(Input::Open);
        }
        self.handle(Input::Wake);
        self.send_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_get_through_waits_and_what_is_no_message_is_refused() {
        for (status, is_explained, fate) in [
            (201, false, Fate::Published),
            (0, false, Fate::Waits),
            (403, true, Fate::Waits),
            (403, false, Fate::Waits),
            (404, false, Fate::Waits),
            (429, false, Fate::Waits),
            (502, false, Fate::Waits),
            (503, false, Fate::Waits),
            (200, false, Fate::Waits),
            (400, true, Fate::Refused),
            (413, true, Fate::Refused),
            (413, false, Fate::Refused),
            (422, true, Fate::Refused),
            (503, true, Fate::Refused),
            (429, true, Fate::TooFast(7)),
        ] {
            assert_eq!(Fate::of(status, Some(7), is_explained), fate, "{status}");
        }
        assert_eq!(Fate::of(429, None, true), Fate::TooFast(1));
    }
}
