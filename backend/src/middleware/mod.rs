//! What happens to every request or response, whatever its handler.

pub(crate) mod handshake;
pub mod origin;
pub mod security_headers;
