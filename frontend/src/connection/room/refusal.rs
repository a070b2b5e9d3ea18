//! Why no WebSocket opens.

use std::time::Duration;

use super::{RoomSession, kept};
use crate::connection::refusal::{Refusal, detail};
use crate::connection::{Input, fetch};
use crate::dom::url_part;

impl RoomSession {
    /// A browser does not say why a WebSocket was refused. The same room as an event stream is refused for
    /// the same reasons, and tells: then it is worth while to come back later, or not at all, for instance
    /// because the name is none of a room.
    pub(super) fn ask_what_is_wrong(&self) {
        let session = self.clone();
        fetch::refusal(
            &self.0.address.events(&url_part(&kept::name())),
            Box::new(move |answer| {
                let why = detail(answer.json);
                match Refusal::of(answer.status, answer.retry_after) {
                    Some(Refusal::ForNow(wait)) => session.wait_as_told(&why, wait),
                    Some(Refusal::ForGood) => session.end(&why),
                    None => {}
                }
            }),
        );
    }

    fn wait_as_told(&self, why: &str, wait: Option<Duration>) {
        if !why.is_empty() {
            why.clone_into(&mut self.0.room.borrow_mut().advice);
        }
        if let Some(wait) = wait {
            self.handle(Input::RefusedFor(wait));
        }
        self.show();
    }
}
