//! WebSockets: the opening handshake here, the protocol itself in [`roomcast_websocket`].

pub mod upgrade;

pub use upgrade::WebSocketUpgrade;

use crate::protocol::upgrade::Upgraded;

/// A WebSocket on either protocol, at the server's end.
pub type ServerWebSocket = roomcast_websocket::WebSocket<Upgraded>;
