//! The terminal clients: every subcommand of `roomcast` besides `serve`.
//!
//! They are built on `roomcast-client` and made for any server in the world, not only ours. What a
//! command prints goes to standard output, what it has to say about itself to standard error.

pub mod address;
pub mod chat;
pub mod command;
pub mod connection;
pub mod events;
pub mod failure;
pub mod interrupt;
mod key_log;
pub mod load;
pub mod manual;
pub mod output;
pub mod probe;
mod text_lines;
pub mod ws;

pub use command::Command;
pub use failure::Failure;
pub use interrupt::Interrupt;
