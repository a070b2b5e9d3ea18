//! WebSockets (RFC 6455), for either end of a connection.
//!
//! Why one of our own: a server holds thousands of connections on which nothing happens, and
//! text that is not UTF-8 has to end a connection as soon as that is known. The usual library
//! keeps a read buffer of 128 KiB for each connection and looks at text only where a frame ends.
//! Here a connection keeps heap memory only for what has arrived in part or waits to be written.
//!
//! Why a crate of its own: the server and the terminal clients speak the same protocol from its
//! two ends, and neither should depend on the other. It knows no HTTP: whoever has done the
//! opening handshake (see [`handshake`] for its two computed values) hands over the byte stream.
//!
//! In the order in which bytes meet it: [`frame`] → [`mask`] → [`reader`] (with [`utf8`] and
//! [`close`]) → [`WebSocket`] → [`writer`]. Everything but [`WebSocket`] and the writing half of
//! [`writer`] is free of input and output. No extension is negotiated, so every reserved bit is
//! an error.

pub mod close;
pub mod config;
pub mod error;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod reader;
mod socket;
pub mod utf8;
pub mod writer;

pub use close::{CloseCode, CloseFrame};
pub use config::{Config, Limits, Role, Timeouts};
pub use error::{Error, ProtocolError};
pub use frame::{EncodedFrame, EncodedFrames};
pub use reader::{Message, Part};
pub use socket::{Outgoing, WebSocket};
