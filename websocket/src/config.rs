//! What a connection may cost, in bytes and in time.

use std::time::Duration;

/// The longest message that is taken by default, in bytes: 16 MiB.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// The most fragments that one message may have by default. Conformance suites send 65,536 and
/// people's tools 100,000; beyond a million a message costs more in headers than in content.
pub const MAX_FRAGMENTS: u32 = 1_000_000;

/// The most fragments without content that one message may have by default. They move a message
/// nowhere, so nobody needs many, and a flood of them would never reach the limit on its length.
pub const MAX_EMPTY_FRAGMENTS: u32 = 1_024;

/// From how many bytes on a part of a message is handed out while the rest is still to come, to those who
/// ask for parts. As much as is read at once.
pub const PART_BYTES: usize = 16 * 1024;

/// How long a peer may be silent before it is pinged by default. Proxies drop connections that
/// were quiet for a minute.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long a peer may take to answer a ping by default.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a peer that has not taken what is sent may take none of it by default.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the closing handshake may take by default.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Which end of the connection this is: a client masks what it sends, a server does not
/// (RFC 6455, section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The end that opened the connection.
    Client,
    /// The end that accepted it.
    Server,
}

/// How much a peer may send at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest message, in bytes. A message of exactly this length is taken.
    /// Default [`MAX_MESSAGE_BYTES`].
    pub max_message_bytes: usize,
    /// The most fragments of one message. Default [`MAX_FRAGMENTS`].
    pub max_fragments: u32,
    /// The most fragments without content of one message. Default [`MAX_EMPTY_FRAGMENTS`].
    pub max_empty_fragments: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: MAX_MESSAGE_BYTES,
            max_fragments: MAX_FRAGMENTS,
            max_empty_fragments: MAX_EMPTY_FRAGMENTS,
        }
    }
}

/// How long a peer may do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Silence after which the peer is pinged. Default [`PING_INTERVAL`].
    pub ping_interval: Duration,
    /// Silence after a ping that ends the connection with 1011. Default [`PONG_TIMEOUT`].
    pub pong_timeout: Duration,
    /// Time without progress in writing that ends the connection. Default [`WRITE_TIMEOUT`].
    pub write_timeout: Duration,
    /// Time for the closing handshake, from the first Close frame to the end of the byte stream.
    /// Default [`CLOSE_TIMEOUT`].
    pub close_timeout: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            ping_interval: PING_INTERVAL,
            pong_timeout: PONG_TIMEOUT,
            write_timeout: WRITE_TIMEOUT,
            close_timeout: CLOSE_TIMEOUT,
        }
    }
}

/// How a [`WebSocket`](crate::WebSocket) behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// How much a peer may send at once.
    pub limits: Limits,
    /// How long a peer may do nothing.
    pub timeouts: Timeouts,
}
