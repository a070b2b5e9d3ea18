//! Why no stream opens.

use super::LiveStream;
use crate::connection::refusal::{Refusal, why};
use crate::connection::{Input, fetch};

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
                if attempt != stream.0.attempt.get() || answer.is_event_stream {
                    return;
                }
                let why = why(answer.status, answer.json);
                match Refusal::of(answer.status, answer.retry_after, why.is_explained) {
                    Some(Refusal::ForGood) => stream.handle(Input::Refused),
                    Some(Refusal::ForNow(Some(wait))) => stream.handle(Input::RefusedFor(wait)),
                    Some(Refusal::ForNow(None)) | None => {}
                }
                stream.0.reader.tell(why.words);
            }),
        );
    }
}
