//! Sizes that both sides of the wire respect.

use std::time::Duration;

/// The longest number from which a stream of primes may start, in decimal digits.
///
/// One search at this size costs a second or so of computing; it grows with the fourth power of the
/// digits.
pub const MAX_START_DIGITS: usize = 1_000;

/// The longest number in a prime event, in decimal digits.
///
/// One more than [`MAX_START_DIGITS`]: the first prime after 999…9 has one digit more, and no stream
/// gets beyond 10^1000 primes.
pub const MAX_NUMBER_DIGITS: usize = MAX_START_DIGITS + 1;

/// The largest number written as a JSON number, 2^53 − 1.
///
/// Every integer up to it survives a JavaScript `JSON.parse` (RFC 8259, section 6). Greater ones
/// travel as strings of decimal digits.
pub const MAX_JSON_INTEGER: u64 = (1 << 53) - 1;

/// The longest data of one event, and the longest value of a field, that a reader of an event stream takes
/// by default, in bytes.
///
/// Far above what the server sends, and small beside the memory of a phone.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// The subprotocol of a room's WebSocket; a later one will have another number.
pub const ROOM_PROTOCOL: &str = "roomcast.v1";

/// The longest text of a message, in characters, unless the server's operator says otherwise.
pub const MAX_TEXT_CHARS: usize = 4_000;

/// The most that an operator may allow, in characters. An event of such a text, formatted in the most
/// expensive way, is below [`MAX_EVENT_BYTES`].
pub const MAX_ALLOWED_TEXT_CHARS: usize = 20_000;

/// The longest name of a person, in characters.
pub const MAX_PERSON_NAME_CHARS: usize = 40;

/// The longest name of a room, in characters.
pub const MAX_ROOM_NAME_CHARS: usize = 64;

/// The longest nonce or idempotency key, in visible ASCII characters.
pub const MAX_NONCE_CHARS: usize = 64;

/// The longest message from a client, in bytes, unless its text may be longer than
/// [`MAX_TEXT_CHARS`]: see [`max_client_message_bytes`].
pub const MAX_CLIENT_MESSAGE_BYTES: usize = 64 * 1024;

/// The longest message from a client, in bytes, where a text has at most so many characters: the
/// longest text with every character escaped as two UTF-16 units (`\ud83e\udd80`), and what is around it.
pub const fn max_client_message_bytes(max_text_chars: usize) -> usize {
    let bytes = 16 * max_text_chars;
    if bytes > MAX_CLIENT_MESSAGE_BYTES {
        bytes
    } else {
        MAX_CLIENT_MESSAGE_BYTES
    }
}

/// How long somebody who said that they are typing counts as typing. A client that goes on
/// typing says so again after about half of it.
pub const TYPING_LEASE: Duration = Duration::from_secs(6);

/// How many people are listed by name; of a crowd only the number is of interest.
pub const MAX_LISTED_PEOPLE: usize = 100;

/// How many people who are typing are listed.
pub const MAX_LISTED_TYPING: usize = 10;

/// How many rooms the lobby lists.
pub const MAX_LISTED_ROOMS: usize = 200;

/// How many events one page of history has at most.
pub const MAX_HISTORY_EVENTS: u64 = 200;

/// How many events of history a stream begins with if it is not told otherwise.
pub const DEFAULT_HISTORY_EVENTS: u64 = 50;

/// How deep a formatted text nests; marks further in are left out, and their text stays.
pub const MAX_RICH_TEXT_DEPTH: usize = 8;
