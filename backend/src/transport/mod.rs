//! How events and messages travel once a request has become a stream.

pub mod websocket;
