//! Why no WebSocket opens.

use std::time::Duration;

use super::{RoomSession, decode, fetch, kept};
use crate::connection::Input;
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
                let detail = decode::problem(answer.json);
                match answer.status {
                    429 | 503 => session.wait_as_told(&detail, answer.retry_after),
                    400..500 => session.end(&detail),
                    _ => {}
                }
            }),
        );
    }

    fn wait_as_told(&self, detail: &str, retry_after: Option<u64>) {
        if !detail.is_empty() {
            detail.clone_into(&mut self.0.room.borrow_mut().advice);
        }
        if let Some(seconds) = retry_after {
            self.handle(Input::RefusedFor(Duration::from_secs(seconds)));
        }
        self.show();
    }
}
