//! The terminal clients as a library: what they share.
//!
//! [`address`] reads what people write; [`http`] opens connections and speaks HTTP/1.1 and HTTP/2
//! on them; [`events`] reads event streams and [`websocket`] opens WebSockets over either;
//! [`room`] is a person in a room.

pub mod address;
pub mod events;
pub mod http;
pub mod room;
pub mod websocket;
