//! What a client may send over a room's WebSocket.

use serde::{Deserialize, Serialize};

/// One text message from a client.
///
/// The fields are text as it came: the server checks them one by one, so that its answer can name
/// the nonce that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ClientMessage {
    /// Publishes a message.
    Say {
        /// A random token of the client's, 1 to 64 visible ASCII characters. A message with the
        /// same nonce is published once, however often it is sent.
        nonce: String,
        /// The message.
        text: String,
    },
    /// The person is writing. Holds for [`TYPING_LEASE`](crate::limits::TYPING_LEASE).
    Typing,
    /// The person takes another name.
    Rename {
        /// The name.
        name: String,
    },
    /// Asks for a `pong`: whether anybody is still there.
    Ping,
}
