//! The terminal clients as a library: what they share.
//!
//! [`http`] opens connections and speaks HTTP/1.1 and HTTP/2 on them; [`events`] reads event
//! streams and [`websocket`] opens WebSockets over either; [`room`] is a person in a room.

pub mod events;
pub mod http;
pub mod room;
pub mod websocket;
