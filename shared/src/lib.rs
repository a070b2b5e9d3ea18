//! What both sides of the wire agree on: limits, the event-stream codec, the prime event.
//!
//! Compiled for the server and for WebAssembly, so it stays small and does no input or output.

pub mod event_stream;
pub mod limits;
pub mod prime;
