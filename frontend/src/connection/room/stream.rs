//! A room's event stream.

use wasm_bindgen::JsCast as _;
use web_sys::{EventSource, MessageEvent};

use crate::dom::{Listener, after, listener};

/// What an event stream says.
#[derive(Debug)]
pub enum Sign {
    /// The server has answered.
    Opened,
    /// An event has come, with this data.
    Event(String),
    /// It cannot be read, or has come to its end.
    Broken,
}

/// The kinds of events that rooms have, and the two by which the browser says how the stream is. All go to one
/// listener, so that they are heard in their order.
const KINDS: [&str; 8] = [
    "open",
    "error",
    "message",
    "welcome",
    "gap",
    "caught-up",
    "presence",
    "typing",
];

/// The kind of a heartbeat.
const HEARTBEAT: &str = "pong";

/// An event stream that is open for as long as it is held.
pub struct Stream {
    source: EventSource,
    listener: Option<Listener>,
}

impl Stream {
    /// Opens the stream at a path. `None` if the browser does not even try.
    pub fn open(path: &str, on_sign: impl Fn(Sign) + 'static) -> Option<Self> {
        let source = EventSource::new(path).ok()?;
        let listener = listener(Box::new(move |event| {
            on_sign(match event.type_().as_str() {
                "open" => Sign::Opened,
                "error" => Sign::Broken,
                _ => {
                    let data = event.unchecked_ref::<MessageEvent>().data();
                    data.as_string().map_or(Sign::Broken, Sign::Event)
                }
            });
        }));
        for kind in KINDS.into_iter().chain([HEARTBEAT]) {
            let heard = listener.as_ref().unchecked_ref();
            source.add_event_listener_with_callback(kind, heard).ok()?;
        }
        Some(Self {
            source,
            listener: Some(listener),
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // From here on the browser hands over no events, nor does it try again by itself.
        self.source.close();
        let listener = self.listener.take();
        // Not now: this may be the listener's own doing.
        after(0, Box::new(move || drop(listener)));
    }
}
