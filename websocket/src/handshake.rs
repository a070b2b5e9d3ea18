//! The two computed values of the opening handshake (RFC 6455, section 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};

/// The version of the protocol, as `Sec-WebSocket-Version` writes it.
pub const VERSION: &str = "13";

/// A key is a nonce of so many bytes, written in base64.
const KEY_BYTES: usize = 16;

/// What a server appends to the key before it hashes it (RFC 6455, section 1.3).
const KEY_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A fresh `Sec-WebSocket-Key`.
///
/// # Errors
/// [`RandomnessUnavailable`] when the system has no random numbers to give.
pub fn generate_key() -> Result<String, RandomnessUnavailable> {
    let mut nonce = [0; KEY_BYTES];
    fill_random(&mut nonce)?;
    Ok(STANDARD.encode(nonce))
}

/// Whether a client's `Sec-WebSocket-Key` is 16 bytes in base64.
pub fn is_valid_key(key: &[u8]) -> bool {
    STANDARD
        .decode(key)
        .is_ok_and(|nonce| nonce.len() == KEY_BYTES)
}

/// The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`.
pub fn accept_key(key: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key);
    context.update(KEY_SUFFIX);
    STANDARD.encode(context.finish())
}

/// The operating system has no random numbers to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system has no random numbers to give")]
pub struct RandomnessUnavailable;

pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), RandomnessUnavailable> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| RandomnessUnavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_key_is_that_of_the_example_in_the_rfc() {
        assert_eq!(
            accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn generated_keys_are_valid_and_differ() {
        let key = generate_key().unwrap();
        assert!(is_valid_key(key.as_bytes()));
        assert_ne!(key, generate_key().unwrap());
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64() {
        assert!(is_valid_key(b"AAAAAAAAAAAAAAAAAAAAAA=="));
        for key in [
            "",
            "AAAA",
            "not base64 at all!!!!!!==",
            "AAAAAAAAAAAAAAAAAAAAAAA=",
        ] {
            assert!(!is_valid_key(key.as_bytes()), "{key}");
        }
    }
}
