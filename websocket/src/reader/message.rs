//! A message, and one that has arrived in part.

use bytes::Bytes;

use crate::config::Limits;
use crate::error::ProtocolError;
use crate::utf8::Utf8Decoder;

/// How much room is made at least when the length of a message is not known, in bytes.
const MIN_GROWTH_BYTES: usize = 64;

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Characters.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

impl Message {
    /// The length of the content, in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether the message has no content.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A whole message, or a piece of one that is handed on while the rest is still to come. A piece of a text
/// ends between two characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What is in it.
    pub content: Message,
    /// Whether the message begins with it.
    pub is_first: bool,
    /// Whether the message ends with it.
    pub is_last: bool,
}

impl Part {
    /// A message in one piece.
    pub(crate) fn whole(content: Message) -> Self {
        Self {
            content,
            is_first: true,
            is_last: true,
        }
    }
}

/// A message of which more is to come.
#[derive(Debug)]
pub(super) struct PartialMessage {
    content: Content,
    fragments: u32,
    empty_fragments: u32,
    /// How many bytes the fragments so far have announced, this one included.
    announced: usize,
    /// Whether its beginning was handed out.
    is_begun: bool,
}

#[derive(Debug)]
enum Content {
    Text { text: String, decoder: Utf8Decoder },
    Binary(Vec<u8>),
}

impl PartialMessage {
    pub(super) fn text() -> Self {
        Self::new(Content::Text {
            text: String::new(),
            decoder: Utf8Decoder::default(),
        })
    }

    pub(super) fn binary() -> Self {
        Self::new(Content::Binary(Vec::new()))
    }

    fn new(content: Content) -> Self {
        Self {
            content,
            fragments: 0,
            empty_fragments: 0,
            announced: 0,
            is_begun: false,
        }
    }

    /// Counts a fragment against the limits before any of its payload is taken.
    pub(super) fn begin_fragment(
        &mut self,
        payload_len: u64,
        fin: bool,
        limits: &Limits,
    ) -> Result<(), ProtocolError> {
        self.announced = usize::try_from(payload_len)
            .ok()
            .and_then(|len| self.announced.checked_add(len))
            .filter(|len| *len <= limits.max_message_bytes)
            .ok_or(ProtocolError::MessageTooLong {
                max_bytes: limits.max_message_bytes,
            })?;
        self.fragments += 1;
        if self.fragments > limits.max_fragments {
            return Err(ProtocolError::TooManyFragments {
                max: limits.max_fragments,
            });
        }
        // An empty last fragment is how senders end a message whose end they did not foresee.
        if payload_len == 0 && !fin {
            self.empty_fragments += 1;
        }
        if self.empty_fragments > limits.max_empty_fragments {
            return Err(ProtocolError::TooManyEmptyFragments {
                max: limits.max_empty_fragments,
            });
        }
        Ok(())
    }

    pub(super) fn push(&mut self, payload: &[u8], limits: &Limits) -> Result<(), ProtocolError> {
        match &mut self.content {
            Content::Text { text, decoder } => {
                let needed = decoder.partial_len() + payload.len();
                if text.capacity() - text.len() < needed {
                    let growth = growth(text.len(), needed, self.announced, limits);
                    text.reserve_exact(growth);
                }
                decoder.push(payload, text)
            }
            Content::Binary(bytes) => {
                if bytes.capacity() - bytes.len() < payload.len() {
                    bytes.reserve_exact(growth(bytes.len(), payload.len(), self.announced, limits));
                }
                bytes.extend_from_slice(payload);
                Ok(())
            }
        }
    }

    /// What has come of it, if that is so many bytes or more.
    pub(super) fn take_part(&mut self, min_bytes: usize) -> Option<Part> {
        let content = match &mut self.content {
            Content::Text { text, .. } if text.len() >= min_bytes => {
                text.shrink_to_fit();
                Message::Text(std::mem::take(text))
            }
            Content::Binary(bytes) if bytes.len() >= min_bytes => {
                bytes.shrink_to_fit();
                Message::Binary(std::mem::take(bytes).into())
            }
            _ => return None,
        };
        Some(Part {
            content,
            is_first: !std::mem::replace(&mut self.is_begun, true),
            is_last: false,
        })
    }

    /// The rest, which is the whole message if nothing was handed out.
    pub(super) fn finish(self) -> Result<Part, ProtocolError> {
        let content = match self.content {
            Content::Text { text, decoder } => {
                decoder.finish()?;
                Message::Text(text)
            }
            Content::Binary(bytes) => Message::Binary(bytes.into()),
        };
        Ok(Part {
            content,
            is_first: !self.is_begun,
            is_last: true,
        })
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let content = match &self.content {
            Content::Text { text, .. } => text.capacity(),
            Content::Binary(bytes) => bytes.capacity(),
        };
        size_of::<Self>() + content
    }
}

/// How much room to make for `needed` more bytes: as much again as has arrived, so that a
/// message is not copied for each fragment, but neither what is only announced nor beyond what
/// is allowed.
fn growth(len: usize, needed: usize, announced: usize, limits: &Limits) -> usize {
    let allowed = limits.max_message_bytes.saturating_sub(len);
    let ahead = len.max(MIN_GROWTH_BYTES).min(allowed);
    let still_announced = announced.saturating_sub(len);
    // A whole frame in one piece, the usual case, gets just the room that it takes.
    if still_announced <= needed {
        needed
    } else {
        ahead.max(needed)
    }
}
