//! Sizes that both sides of the wire respect.

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

/// The longest line, and the longest data of one event, that a reader of an event stream takes by
/// default, in bytes.
///
/// Far above what the server sends, and small beside the memory of a phone.
pub const MAX_EVENT_BYTES: usize = 1 << 20;
