//! The Roomcast server.
//!
//! Modules stand in the order in which data meets them:
//! listener → TLS → protocol → router → handler → transport.

pub mod config;
pub mod defaults;
pub mod server;
pub mod shutdown;

pub mod assets;
mod connection_limit;
pub mod handler;
mod listener;
pub mod middleware;
pub mod negotiation;
pub mod prime;
pub mod protocol;
mod router;
pub mod state;
pub mod tls;
pub mod transport;
