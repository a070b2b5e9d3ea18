//! The browser's WebSocket.

use std::rc::Rc;

use leptos::leptos_dom::helpers::window;
use roomcast_shared::limits::ROOM_PROTOCOL;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use crate::dom::{Listener, listener};

/// What a WebSocket says.
pub enum Sign {
    /// It is open.
    Opened,
    /// A message has come: its JSON, or `undefined` where it was none.
    Message(JsValue),
    /// It is closed, or was never opened: the close code.
    Closed(u16),
}

/// A WebSocket. Dropped, it is closed without a code, which to the server is a connection that broke,
/// and says nothing more.
pub struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Socket {
    /// Opens the WebSocket of a path. None where the browser does not even try.
    pub fn open(path: &str, on_sign: &Rc<dyn Fn(Sign)>) -> Option<Self> {
        let origin = window().location().origin().ok()?;
        let mut url = String::from("ws");
        // http becomes ws, and https wss.
        url.push_str(origin.strip_prefix("http")?);
        let socket = if cfg!(debug_assertions) {
            // A debug build is shown by `trunk serve`, whose proxy has the WebSockets of rooms at another
            // path (Trunk.toml) and agrees on no subprotocol.
            url.push_str("/sockets");
            url.push_str(path);
            WebSocket::new(&url).ok()?
        } else {
            url.push_str(path);
            WebSocket::new_with_str(&url, ROOM_PROTOCOL).ok()?
        };

        let act = |sign: fn(Event) -> Sign| {
            let on_sign = on_sign.clone();
            listener(Box::new(move |event| on_sign(sign(event))))
        };
        let opened = act(|_| Sign::Opened);
        let message = act(|event| {
            let event: MessageEvent = event.unchecked_into();
            let text = event.data().as_string().unwrap_or_default();
            Sign::Message(js_sys::JSON::parse(&text).unwrap_or(JsValue::UNDEFINED))
        });
        let closed = act(|event| Sign::Closed(event.unchecked_into::<CloseEvent>().code()));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Some(Self {
            socket,
            _listeners: [opened, message, closed],
        })
    }

    /// Sends a text. What a connection that is about to break does not send, its end makes known.
    pub fn send(&self, text: &str) {
        let _ = self.socket.send_with_str(text);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // It fails only for codes and reasons that are not valid.
        let _ = self.socket.close();
    }
}
