//! Why no stream opens.

use super::LiveStream;
use crate::connection::refusal::{Refusal, detail};
use crate::connection::{Input, fetch};

/// What is said where the server does not say why it refuses.
const UNTOLD: &str = "The server has refused this, and does not say why.";

impl LiveStream {
    /// An `EventSource` does not say why it was refused. The same address is refused for the same reasons when
    /// it is asked otherwise, and tells: then it is worth while to come back later, or not at all.
    pub(super) fn ask_what_is_wrong(&self) {
        let stream = self.clone();
        let attempt = self.0.attempt.get();
        fetch::refusal(
            &self.0.reader.url(),
            Box::new(move |answer| {
                // Since then, a person may have asked for something else.
                if attempt != stream.0.attempt.get() {
                    return;
                }
                let Some(refusal) = Refusal::of(answer.status, answer.retry_after) else {
                    return;
                };
                let mut why = detail(answer.json);
                if why.is_empty() {
                    UNTOLD.clone_into(&mut why);
                }
                match refusal {
                    Refusal::ForGood => stream.handle(Input::Refused),
                    Refusal::ForNow(Some(wait)) => stream.handle(Input::RefusedFor(wait)),
                    Refusal::ForNow(None) => {}
                }
                stream.0.reader.tell(why);
            }),
        );
    }
}
