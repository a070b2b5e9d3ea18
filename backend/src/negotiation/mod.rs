//! What a client can take and what it has already: the request fields of proactive
//! negotiation (RFC 9110, section 12) and of validation (section 13).

pub mod accept;
pub mod accept_encoding;
pub mod if_none_match;
pub(crate) mod preview_client;
mod quality;

pub use accept_encoding::{AcceptEncoding, ContentCoding};
