//! What happens to every request or response, whatever its handler.

pub(crate) mod base_path;
pub(crate) mod foreign_origin;
pub(crate) mod handshake;
pub mod methods;
pub mod origin;
pub mod security_headers;
pub mod singleton_fields;
