//! What both sides of the wire agree on: what is said in rooms, the event-stream codec, the prime
//! event, limits.
//!
//! Compiled for the server and for WebAssembly, so it stays small and does no input or output.

pub mod client_message;
pub mod duration;
pub mod event_stream;
pub mod invisible;
pub mod io_reason;
pub mod limits;
pub mod lobby;
pub mod message_text;
pub mod operator_advice;
pub mod person;
pub mod position;
pub mod prime;
pub mod rich_text;
pub mod room_name;
pub mod server_message;
pub mod terminal_text;
pub mod whole_number;
