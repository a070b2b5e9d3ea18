//! Masking of payloads (RFC 6455, section 5.3), eight bytes at a time.

use crate::handshake::{RandomnessUnavailable, fill_random};

/// A masking key and how far into the payload it has been used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    key: [u8; 4],
}

impl Mask {
    /// A mask at the start of a payload.
    pub fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// A mask with a fresh key that nobody can foresee.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when the system has no random numbers to give.
    pub fn generate() -> Result<Self, RandomnessUnavailable> {
        let mut key = [0; 4];
        fill_random(&mut key)?;
        Ok(Self { key })
    }

    /// The key, rotated to the byte of the payload that comes next.
    pub fn key(self) -> [u8; 4] {
        self.key
    }

    /// Masks or unmasks the next part of a payload in place.
    pub fn apply(&mut self, payload: &mut [u8]) {
        let [a, b, c, d] = self.key;
        let word_key = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, rest) = payload.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ word_key).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.key.iter().cycle()) {
            *byte ^= key;
        }
        self.key.rotate_left(payload.len() % 4);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn byte_i_is_combined_with_key_byte_i_modulo_four_however_the_payload_is_cut(
            key: [u8; 4],
            payload: Vec<u8>,
            cut: prop::sample::Index,
        ) {
            let mut masked = payload.clone();
            let mut mask = Mask::new(key);
            let (head, tail) = masked.split_at_mut(cut.index(payload.len() + 1));
            mask.apply(head);
            mask.apply(tail);
            for (i, (masked, plain)) in masked.iter().zip(&payload).enumerate() {
                prop_assert_eq!(*masked, plain ^ key[i % 4]);
            }
        }
    }
}
