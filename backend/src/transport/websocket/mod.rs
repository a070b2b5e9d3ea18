//! WebSockets: the opening handshake here, the protocol itself in [`roomcast_websocket`].

pub(crate) mod attempts;
pub mod upgrade;
pub(crate) mod watch;

pub use upgrade::WebSocketUpgrade;

use crate::protocol::upgrade::Upgraded;

/// A WebSocket on either protocol, at the server's end.
pub type ServerWebSocket = roomcast_websocket::WebSocket<Upgraded>;
