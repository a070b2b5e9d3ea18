//! Bytes for readers: what an event looks like on each way to them.

pub mod format;
pub mod websocket;

pub use format::Format;
