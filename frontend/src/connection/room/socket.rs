//! A room's WebSocket.

use leptos::leptos_dom::helpers::window;
use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::limits::ROOM_PROTOCOL;
use wasm_bindgen::JsCast as _;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use crate::dom::{Listener, after, listener};

/// What a WebSocket says.
#[derive(Debug)]
pub enum Sign {
    /// It is open.
    Opened,
    /// A message has come, with this text.
    Message(String),
    /// It is closed, or was never opened: the close code.
    Closed(u16),
}

/// The kinds of events of a WebSocket that are heard. An error says nothing more than the close event after it.
const KINDS: [&str; 3] = ["open", "message", "close"];

/// A WebSocket. Dropped, it is closed without a code, which to the server is a connection that broke,
/// and says nothing more.
pub struct Socket {
    socket: WebSocket,
    listener: Option<Listener>,
}

impl Socket {
    /// Opens the WebSocket of a path. None where the browser does not even try.
    pub fn open(path: &str, on_sign: Box<dyn Fn(Sign)>) -> Option<Self> {
        let origin = window().location().origin().ok()?;
        let mut url = String::from("ws");
        // http becomes ws, and https wss.
        url.push_str(origin.strip_prefix("http")?);
        let socket = if cfg!(debug_assertions) {
            // A debug build is shown by `trunk serve`, whose proxy has the WebSockets of rooms at another
            // path (Trunk.toml) and agrees on no subprotocol.
            url.push_str("/sockets");
            url.push_str(path);
            WebSocket::new(&url)
        } else {
            url.push_str(path);
            WebSocket::new_with_str(&url, ROOM_PROTOCOL)
        };
        let socket = socket.ok()?;
        let listener = listener(Box::new(move |event| {
            on_sign(match event.type_().as_str() {
                "open" => Sign::Opened,
                "close" => Sign::Closed(event.unchecked_ref::<CloseEvent>().code()),
                _ => match event.unchecked_ref::<MessageEvent>().data().as_string() {
                    Some(text) => Sign::Message(text),
                    // A room sends no bytes.
                    None => return,
                },
            });
        }));
        for kind in KINDS {
            let heard = listener.as_ref().unchecked_ref();
            socket.add_event_listener_with_callback(kind, heard).ok()?;
        }
        Some(Self {
            socket,
            listener: Some(listener),
        })
    }

    /// Sends a message. What a connection that is about to break does not send, its end makes known.
    pub fn send(&self, message: &ClientMessage) {
        if let Ok(json) = serde_json::to_string(message) {
            let _ = self.socket.send_with_str(&json);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let listener = self.listener.take();
        if let Some(listener) = &listener {
            for kind in KINDS {
                let heard = listener.as_ref().unchecked_ref();
                // They fail only for arguments of other types.
                let _ = self.socket.remove_event_listener_with_callback(kind, heard);
            }
        }
        let _ = self.socket.close();
        // Not now: this may be the listener's own doing.
        after(0, Box::new(move || drop(listener)));
    }
}
