//! HTTP connections: what ALPN chose, from bytes to requests and back. Knows no rooms.

pub mod upgrade;
