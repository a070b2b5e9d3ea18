//! The browser's `EventSource`, with one listener for all that it says.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageEvent;

use crate::dom::{Listener, listener};

/// What an event stream says.
#[derive(Debug)]
pub enum Sign {
    /// The server has answered.
    Opened,
    /// An event of the kind that was asked for has arrived, with this data as JSON.
    Event(JsValue),
    /// It cannot be read, or has come to its end.
    Broken,
}

/// An event stream that is open for as long as it is held.
pub struct EventSource {
    source: web_sys::EventSource,
    kind: &'static str,
    listener: Listener,
}

impl EventSource {
    /// Opens the stream at `url` and hears its events of one kind; `None` where that is no address.
    pub fn open(url: &str, kind: &'static str, hear: Box<dyn Fn(Sign)>) -> Option<Self> {
        let source = web_sys::EventSource::new(url).ok()?;
        let listener = listener(Box::new(move |event| {
            hear(match event.dyn_ref::<MessageEvent>() {
                Some(message) => data_of(message).map_or(Sign::Broken, Sign::Event),
                None if event.type_() == "open" => Sign::Opened,
                // The browser would try again by itself, but all clients at the same time after a
                // server's restart, and without saying so.
                None => Sign::Broken,
            });
        }));
        let function = listener.as_ref().unchecked_ref();
        for kind in ["open", "error", kind] {
            source
                .add_event_listener_with_callback(kind, function)
                .ok()?;
        }
        Some(Self {
            source,
            kind,
            listener,
        })
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        self.source.close();
        let function = self.listener.as_ref().unchecked_ref();
        for kind in ["open", "error", self.kind] {
            // It fails for nothing that could be listened to.
            let _ = self
                .source
                .remove_event_listener_with_callback(kind, function);
        }
    }
}

fn data_of(message: &MessageEvent) -> Option<JsValue> {
    js_sys::JSON::parse(&message.data().as_string()?).ok()
}
