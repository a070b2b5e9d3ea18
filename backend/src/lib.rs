//! The Roomcast server.
//!
//! Modules stand in the order in which data meets them:
//! listener → TLS → protocol → router → handler → room → event log → subscriber → transport.

/// The version, with the commit and its date where the program was built for release from its repository.
pub const VERSION: &str = env!("ROOMCAST_VERSION");

pub mod config;
pub mod defaults;
pub mod server;
pub mod shutdown;

pub mod assets;
pub mod clock;
mod connection_limit;
mod connection_refusal;
pub mod event_log;
pub mod handler;
mod http_token;
mod listen_sockets;
mod listener;
pub mod middleware;
pub mod negotiation;
mod network;
pub mod person;
pub mod prime;
mod private_file;
pub mod protocol;
mod refusal_log;
pub mod room;
mod router;
mod server_urls;
pub mod start_message;
pub mod state;
pub mod subscriber;
pub mod tls;
pub mod transport;
