//! Reading an event stream as it arrives.

use crate::event_stream::Event;
use crate::limits::MAX_EVENT_BYTES;

/// Bytes of a line before the value of a field that is known: the longest name, a colon and a space.
const MAX_FIELD_PREFIX_BYTES: usize = "event: ".len();

/// The names of the fields that are known.
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Turns the bytes of an event stream, in chunks of any size, into events.
///
/// A line is taken at its CR or LF, so an event is there with the last byte that it needs: a lone
/// CR at the end of a chunk dispatches at once. Invalid UTF-8 becomes U+FFFD. An event that the
/// stream does not finish is discarded with the decoder. Comments and unknown fields may have any length, and are
/// not kept.
#[derive(Clone, Debug)]
pub struct Decoder {
    max_event_bytes: usize,
    state: State,
    /// The bytes of the line under way. Lines end at ASCII bytes, which no multi-byte character
    /// contains: decoding line by line equals decoding the stream.
    line: Vec<u8>,
    data: String,
    event_type: String,
    last_event_id_buffer: String,
    last_event_id: String,
    retry_milliseconds: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In the first line, whose first bytes may still become a byte order mark.
    FirstLine,
    InLine,
    /// After a CR: a LF that follows belongs to it.
    AfterCarriageReturn,
    Failed(DecodeError),
}

/// Why reading cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The value of a known field is too long.
    #[error("a line of the event stream is longer than {max_bytes} bytes, which is the limit")]
    LineTooLong {
        /// Limit of a field's value, in bytes.
        max_bytes: usize,
    },
    /// The data of an event is too long.
    #[error("the data of an event is longer than {max_bytes} bytes, which is the limit")]
    EventTooLong {
        /// Limit of an event's data, in bytes.
        max_bytes: usize,
    },
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(MAX_EVENT_BYTES)
    }
}

impl Decoder {
    /// Creates a decoder at the beginning of a stream. The data of an event, as UTF-8 with a line feed
    /// between its lines, may have `max_event_bytes`; so may the value of each field.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes,
            state: State::FirstLine,
            line: Vec::new(),
            data: String::new(),
            event_type: String::new(),
            last_event_id_buffer: String::new(),
            last_event_id: String::new(),
            retry_milliseconds: None,
        }
    }

    /// A decoder at the beginning of a stream that goes on after the event with this id: it is the
    /// id of the events until one names another, which may be none.
    pub fn resuming_after(last_event_id: &str) -> Self {
        Self {
            last_event_id_buffer: last_event_id.to_owned(),
            last_event_id: last_event_id.to_owned(),
            ..Self::default()
        }
    }

    /// Takes the next bytes of the stream and appends the events that they complete to `events`.
    ///
    /// # Errors
    /// [`DecodeError`] when a limit is exceeded; what came before is in `events`. Further calls
    /// give the same error.
    pub fn decode(&mut self, chunk: &[u8], events: &mut Vec<Event>) -> Result<(), DecodeError> {
        if let State::Failed(error) = self.state {
            return Err(error);
        }
        let result = self.take(chunk, events);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// The id to send as `Last-Event-ID` when reconnecting; empty when the stream gave none.
    ///
    /// It moves at the empty line that ends a block, also when the block has no data.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The reconnection time that the stream asked for, in milliseconds.
    pub fn retry_milliseconds(&self) -> Option<u64> {
        self.retry_milliseconds
    }

    fn take(&mut self, chunk: &[u8], events: &mut Vec<Event>) -> Result<(), DecodeError> {
        let mut rest = chunk;
        if self.state == State::AfterCarriageReturn && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.state = State::InLine;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            self.extend_line(&rest[..end])?;
            self.finish_line(events)?;
            let carriage_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if carriage_return {
                if rest.is_empty() {
                    self.state = State::AfterCarriageReturn;
                }
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.extend_line(rest)
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.line.extend_from_slice(bytes);
        if self.state == State::FirstLine {
            if self.line.starts_with(BYTE_ORDER_MARK) {
                self.line.drain(..BYTE_ORDER_MARK.len());
            } else if BYTE_ORDER_MARK.starts_with(&self.line) {
                // It may still become a mark, which the limit does not count.
                return Ok(());
            }
            self.state = State::InLine;
        }
        if self.line.len() > self.max_event_bytes + MAX_FIELD_PREFIX_BYTES {
            if !has_known_field(&self.line) {
                // Its beginning says for the rest of the line that nobody wants it.
                self.line.truncate(MAX_FIELD_PREFIX_BYTES);
                return Ok(());
            }
            return Err(DecodeError::LineTooLong {
                max_bytes: self.max_event_bytes,
            });
        }
        Ok(())
    }

    fn finish_line(&mut self, events: &mut Vec<Event>) -> Result<(), DecodeError> {
        self.state = State::InLine;
        let mut line = std::mem::take(&mut self.line);
        if line.is_empty() {
            self.dispatch(events);
        } else {
            self.interpret(&String::from_utf8_lossy(&line))?;
        }
        // The buffer serves the next line too.
        line.clear();
        self.line = line;
        Ok(())
    }

    /// Takes one line that is not empty. Comments have an empty field name, which no arm knows.
    fn interpret(&mut self, line: &str) -> Result<(), DecodeError> {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.append_data(value)?,
            "event" => value.clone_into(&mut self.event_type),
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_event_id_buffer),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                // Digits alone fail to parse only when they are too many.
                self.retry_milliseconds = Some(value.parse().unwrap_or(u64::MAX));
            }
            _ => {}
        }
        Ok(())
    }

    fn append_data(&mut self, value: &str) -> Result<(), DecodeError> {
        if self.data.len() + value.len() > self.max_event_bytes {
            return Err(DecodeError::EventTooLong {
                max_bytes: self.max_event_bytes,
            });
        }
        self.data.push_str(value);
        self.data.push('\n');
        Ok(())
    }

    /// "Dispatch the event": the id moves even when there is no data, and so no event.
    fn dispatch(&mut self, events: &mut Vec<Event>) {
        self.last_event_id.clone_from(&self.last_event_id_buffer);
        let mut data = std::mem::take(&mut self.data);
        let event_type = std::mem::take(&mut self.event_type);
        if data.pop().is_none() {
            return;
        }
        events.push(Event {
            event_type: if event_type.is_empty() {
                "message".to_owned()
            } else {
                event_type
            },
            data,
            last_event_id: self.last_event_id.clone(),
        });
    }
}

/// `true` if a line begins with the name of a field that is known, and a colon.
fn has_known_field(line: &[u8]) -> bool {
    FIELDS.iter().any(|field| {
        let behind = line.strip_prefix(*field);
        behind.is_some_and(|behind| behind.starts_with(b":"))
    })
}
