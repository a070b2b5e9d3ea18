//! UTF-8 that arrives in pieces, refused at the first byte after which it cannot become valid.

use crate::error::ProtocolError;

/// The longest character, in bytes.
const MAX_CHARACTER_BYTES: usize = 4;

/// Decodes UTF-8 in pieces; a character may be cut anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf8Decoder {
    /// The first bytes of a character whose other bytes have not come yet.
    partial: [u8; MAX_CHARACTER_BYTES],
    partial_len: usize,
}

impl Utf8Decoder {
    /// Appends the characters that `input` completes to `text`.
    ///
    /// # Errors
    /// [`ProtocolError::InvalidUtf8`] as soon as no continuation can make the bytes so far valid.
    pub fn push(&mut self, mut input: &[u8], text: &mut String) -> Result<(), ProtocolError> {
        while self.partial_len > 0 {
            let Some((&byte, rest)) = input.split_first() else {
                return Ok(());
            };
            input = rest;
            self.partial[self.partial_len] = byte;
            self.partial_len += 1;
            match std::str::from_utf8(&self.partial[..self.partial_len]) {
                Ok(character) => {
                    text.push_str(character);
                    self.partial_len = 0;
                }
                Err(error) if error.error_len().is_some() => {
                    return Err(ProtocolError::InvalidUtf8);
                }
                // At most three bytes of a character are incomplete: the array has room.
                Err(_) => {}
            }
        }
        // Most text ends with a whole character: it is looked at once.
        match std::str::from_utf8(input) {
            Ok(valid) => text.push_str(valid),
            Err(error) if error.error_len().is_some() => return Err(ProtocolError::InvalidUtf8),
            Err(error) => {
                let (valid, partial) = input.split_at(error.valid_up_to());
                text.push_str(std::str::from_utf8(valid).map_err(|_| ProtocolError::InvalidUtf8)?);
                self.partial[..partial.len()].copy_from_slice(partial);
                self.partial_len = partial.len();
            }
        }
        Ok(())
    }

    /// How many bytes are kept back because their character is incomplete; at most three.
    pub fn partial_len(self) -> usize {
        self.partial_len
    }

    /// Declares the end of the text.
    ///
    /// # Errors
    /// [`ProtocolError::InvalidUtf8`] when the last character is incomplete.
    pub fn finish(self) -> Result<(), ProtocolError> {
        if self.partial_len == 0 {
            Ok(())
        } else {
            Err(ProtocolError::InvalidUtf8)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many bytes are taken, one at a time, before the text is refused.
    fn taken_before_refusal(bytes: &[u8]) -> usize {
        let (mut decoder, mut text) = (Utf8Decoder::default(), String::new());
        bytes
            .iter()
            .take_while(|byte| decoder.push(&[**byte], &mut text).is_ok())
            .count()
    }

    #[test]
    fn text_is_refused_at_the_first_byte_that_cannot_be_completed() {
        for (bytes, taken) in [
            (&b"\x80"[..], 0),                    // a continuation without a start
            (b"\xc0\xaf", 0),                     // overlong in two bytes
            (b"\xe0\x80\xaf", 1),                 // overlong in three
            (b"\xf0\x80\x80\xaf", 1),             // overlong in four
            (b"\xed\xa0\x80", 1),                 // a surrogate
            (b"\xf4\x90\x80\x80", 1),             // beyond U+10FFFF
            (b"\xf5\x80", 0),                     // never starts a character
            (b"\xce\xba\xe1\xbd\xb9\xcf\xff", 6), // a continuation is missing
            (b"\xff", 0),
        ] {
            assert_eq!(taken_before_refusal(bytes), taken, "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn text_survives_any_cuts(text: String, cuts: Vec<prop::sample::Index>) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let (mut decoder, mut decoded) = (Utf8Decoder::default(), String::new());
            for cut in cuts.windows(2) {
                decoder.push(&text.as_bytes()[cut[0]..cut[1]], &mut decoded).unwrap();
            }
            prop_assert_eq!(decoder.finish(), Ok(()));
            prop_assert_eq!(decoded, text);
        }

        #[test]
        fn bytes_are_taken_just_as_far_as_the_standard_library_can_complete_them(bytes: Vec<u8>) {
            let expected = (0..=bytes.len())
                .take_while(|&len| {
                    std::str::from_utf8(&bytes[..len]).map_or_else(|e| e.error_len().is_none(), |_| true)
                })
                .count() - 1;
            prop_assert_eq!(taken_before_refusal(&bytes), expected);
        }
    }
}
