//! The Roomcast server.
//!
//! Modules stand in the order in which data meets them:
//! connection → TLS → protocol → router → handler → transport.

pub mod shutdown;
pub mod protocol;
pub mod state;
pub mod handler;
