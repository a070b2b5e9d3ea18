//! The Roomcast server.
//!
//! Modules stand in the order in which data meets them:
//! listener → TLS → protocol → router → handler → room → event log → subscriber → transport.

pub mod config;
pub mod defaults;
pub mod server;
pub mod shutdown;

pub mod assets;
mod connection_limit;
mod connection_refusal;
pub mod event_log;
pub mod handler;
mod listener;
pub mod middleware;
pub mod negotiation;
pub mod person;
pub mod prime;
mod private_file;
pub mod protocol;
mod refusal_log;
pub mod room;
mod router;
pub mod state;
pub mod subscriber;
pub mod tls;
pub mod transport;
