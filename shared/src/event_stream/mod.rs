//! The `text/event-stream` format, without input or output.
//!
//! After the WHATWG HTML standard, sections 9.2.5 "Parsing an event stream" and 9.2.6
//! "Interpreting an event stream".

mod decoder;
mod encoder;

pub use decoder::{DecodeError, Decoder};
pub use encoder::{EncodeError, encode_comment, encode_event, encode_retry};

/// The media type of an event stream.
pub const MEDIA_TYPE: &str = "text/event-stream";

/// An event as a reader receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The type; `message` when the stream named none.
    pub event_type: String,
    /// The data, its lines joined by line feeds.
    pub data: String,
    /// The last event id as of this event. It sticks: an event without an `id` line has the id of
    /// the one before it.
    pub last_event_id: String,
}

#[cfg(test)]
mod tests;
