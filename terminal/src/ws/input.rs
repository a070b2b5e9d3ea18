//! Standard input as messages.

use roomcast_websocket::Message;
use tokio::io::{AsyncReadExt as _, Stdin, stdin};

use super::binary_message;
use crate::text_lines::{InputError, TextLines};

/// The longest binary message that is made of the input, in bytes.
const MAX_PIECE_BYTES: usize = 64 * 1024;

/// What is typed or piped in.
#[derive(Debug)]
pub(super) enum Input {
    /// Lines, each a text message.
    Lines(TextLines),
    /// Pieces as they come, each a binary message.
    Pieces { stdin: Stdin, buffer: Vec<u8> },
}

impl Input {
    pub(super) fn of_stdin(binary: bool) -> Self {
        if binary {
            Self::Pieces {
                stdin: stdin(),
                buffer: vec![0; MAX_PIECE_BYTES],
            }
        } else {
            Self::Lines(TextLines::of_stdin())
        }
    }

    /// The next message; `None` at the end of the input.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Message>, InputError> {
        match self {
            Self::Lines(lines) => Ok(lines.next().await?.map(Message::Text)),
            Self::Pieces { stdin, buffer } => {
                let len = stdin.read(buffer).await?;
                Ok((len > 0).then(|| binary_message(&buffer[..len])))
            }
        }
    }
}
