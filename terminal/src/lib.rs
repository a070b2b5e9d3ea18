//! The terminal clients: every subcommand of `roomcast` besides `serve`.
//!
//! They are built on `roomcast-client` and made for any server in the world, not only ours. What a
//! command prints goes to standard output, what it has to say about itself to standard error.

pub mod connection;
pub mod failure;
pub mod output;
