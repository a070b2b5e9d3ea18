//! The terminal clients as a library: what they share.
//!
//! [`http`] opens connections and speaks HTTP/1.1 and HTTP/2 on them; [`websocket`] opens
//! WebSockets over either.

pub mod http;
pub mod websocket;
