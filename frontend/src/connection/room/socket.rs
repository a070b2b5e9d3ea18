//! A room's WebSocket.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use futures_util::{SinkExt as _, StreamExt as _};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use leptos::leptos_dom::helpers::window;
use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::limits::ROOM_PROTOCOL;
use wasm_bindgen_futures::spawn_local;

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

/// A WebSocket. Dropped, it is closed without a code, which to the server is a connection that broke,
/// and says nothing more.
pub struct Socket(Rc<RefCell<WebSocket>>);

impl Socket {
    /// Opens the WebSocket of a path. None where the browser does not even try.
    pub fn open(path: &str, on_sign: impl Fn(Sign) + 'static) -> Option<Self> {
        let origin = window().location().origin().ok()?;
        let mut url = String::from("ws");
        // http becomes ws, and https wss.
        url.push_str(origin.strip_prefix("http")?);
        let socket = if cfg!(debug_assertions) {
            // A debug build is shown by `trunk serve`, whose proxy has the WebSockets of rooms at another
            // path (Trunk.toml) and agrees on no subprotocol.
            url.push_str("/sockets");
            url.push_str(path);
            WebSocket::open(&url)
        } else {
            url.push_str(path);
            WebSocket::open_with_protocol(&url, ROOM_PROTOCOL)
        };
        let socket = Rc::new(RefCell::new(socket.ok()?));
        spawn_local(listen(Rc::downgrade(&socket), on_sign));
        Some(Self(socket))
    }

    /// Sends a message. What a connection that is about to break does not send, its end makes known.
    pub fn send(&self, message: &ClientMessage) {
        if let Ok(json) = serde_json::to_string(message) {
            let _ = self.0.borrow_mut().start_send_unpin(Message::Text(json));
        }
    }
}

/// Tells what the WebSocket says, until it has nothing more to say or its [`Socket`] is dropped.
async fn listen(socket: Weak<RefCell<WebSocket>>, on_sign: impl Fn(Sign)) {
    let mut is_connecting = true;
    while let Some(sign) = poll_fn(|cx| next(&socket, &mut is_connecting, cx)).await {
        on_sign(sign);
    }
}

/// The next sign. None at the end.
fn next(
    socket: &Weak<RefCell<WebSocket>>,
    is_connecting: &mut bool,
    cx: &mut Context<'_>,
) -> Poll<Option<Sign>> {
    let Some(socket) = socket.upgrade() else {
        return Poll::Ready(None);
    };
    let mut socket = socket.borrow_mut();
    // One that takes messages is open; or it has failed, and then its close event follows.
    if *is_connecting && socket.poll_ready_unpin(cx).is_ready() {
        *is_connecting = false;
        if matches!(socket.state(), State::Open) {
            return Poll::Ready(Some(Sign::Opened));
        }
    }
    loop {
        let sign = match std::task::ready!(socket.poll_next_unpin(cx)) {
            Some(Ok(Message::Text(text))) => Sign::Message(text),
            Some(Err(WebSocketError::ConnectionClose(close))) => Sign::Closed(close.code),
            // A room sends no bytes, and an error says nothing more than the close event after it.
            Some(_) => continue,
            None => return Poll::Ready(None),
        };
        return Poll::Ready(Some(sign));
    }
}
