//! What the server promises on the wire, over real sockets: one file for a promise.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test where it stands"
)]

#[expect(
    dead_code,
    reason = "the tests of limits and floods, which use the rest, come next"
)]
mod support;

mod alpn;
mod close_notify;
mod frames;
mod hpack;
mod push;
mod requests;
mod settings;
mod shutdown;
