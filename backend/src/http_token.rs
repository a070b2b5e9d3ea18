//! Tokens of HTTP (RFC 9110, section 5.6.2).

/// Returns `true` for a byte that a token may have.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
