//! What the server promises on the wire, over real sockets: one file for a promise.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test where it stands"
)]

mod support;

mod alpn;
mod close_notify;
mod frames;
mod hpack;
mod settings;
