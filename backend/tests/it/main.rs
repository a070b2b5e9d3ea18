//! What the server promises on the wire, over real sockets: one file for a promise.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test where it stands"
)]

mod support;

mod alpn;
mod base_path;
mod certificate;
mod cleartext;
mod close_notify;
mod connection_limits;
mod deadlines;
mod debug_switches;
mod floods;
mod foreign_clients;
mod frames;
mod hpack;
mod http1;
mod idle;
mod idle_cost;
mod key_log;
mod limits;
mod methods;
mod prime;
mod publishing;
mod push;
mod request_bodies;
mod requests;
mod room_crashes;
mod room_crowds;
mod room_handshakes;
mod room_limits;
mod room_people;
mod room_retention;
mod room_sockets;
mod room_stores;
mod rooms;
mod security_headers;
mod settings;
mod shutdown;
mod store_overwritten;
mod store_replaced;
mod store_sharing;
mod streaming;
mod trailers;
mod web_socket;
