//! A text that arrives in pieces, for the tokenizer.

use std::convert::Infallible;

use html5gum::Reader;

/// Reads piece after piece, and asks for the next one only when a byte is needed that is not there yet:
/// so a tag is found as soon as it is whole.
pub(super) struct Pieces<F> {
    next: F,
    text: Vec<u8>,
    position: usize,
}

impl<F: FnMut() -> Option<Vec<u8>>> Pieces<F> {
    pub(super) fn new(next: F) -> Self {
        Self {
            next,
            text: Vec::new(),
            position: 0,
        }
    }

    /// What is there and not yet read: at least this many bytes, unless the text ends before.
    fn rest(&mut self, wanted_bytes: usize) -> &[u8] {
        while self.text.len() - self.position < wanted_bytes {
            let Some(piece) = (self.next)() else { break };
            self.text.drain(..self.position);
            self.position = 0;
            self.text.extend(piece);
        }
        &self.text[self.position..]
    }
}

impl<F: FnMut() -> Option<Vec<u8>>> Reader for Pieces<F> {
    type Error = Infallible;

    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        let byte = self.rest(1).first().copied();
        self.position += usize::from(byte.is_some());
        Ok(byte)
    }

    fn try_read_string(&mut self, wanted: &[u8], case_sensitive: bool) -> Result<bool, Infallible> {
        let rest = self.rest(wanted.len());
        let is_there = rest.get(..wanted.len()).is_some_and(|found| {
            found == wanted || (!case_sensitive && found.eq_ignore_ascii_case(wanted))
        });
        self.position += if is_there { wanted.len() } else { 0 };
        Ok(is_there)
    }

    fn read_until<'b>(
        &'b mut self,
        needle: &[u8],
        _: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        let rest = self.rest(1);
        if rest.is_empty() {
            return Ok(None);
        }
        // The needle itself, or everything before it.
        let found = rest.iter().position(|byte| needle.contains(byte));
        let count = found.unwrap_or(rest.len()).max(1);
        self.position += count;
        Ok(Some(&self.text[self.position - count..self.position]))
    }
}

#[cfg(test)]
mod tests {
    use html5gum::{Token, Tokenizer};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_in_pieces_is_the_same_text(
            text in r#"(<!--|-->|<!doctype |<a b='c'|&amp|[<>/;'"a-c -]|\PC){0,30}"#,
            piece_bytes in 1_usize..9,
        ) {
            let whole: Vec<Token> = Tokenizer::new(text.as_str()).map(|Ok(token)| token).collect();
            let mut pieces = text.as_bytes().chunks(piece_bytes).map(<[u8]>::to_vec);
            let read: Vec<Token> = Tokenizer::new(Pieces::new(|| pieces.next())).map(|Ok(token)| token).collect();
            prop_assert_eq!(joined(read), joined(whole));
        }
    }

    /// Where a piece ends, a string may end as well; errors say nothing about the text.
    fn joined(tokens: Vec<Token>) -> Vec<Vec<u8>> {
        let mut joined: Vec<Vec<u8>> = Vec::new();
        let mut in_text = false;
        for token in tokens {
            match token {
                Token::Error(_) => {}
                Token::String(text) => {
                    match joined.last_mut().filter(|_| in_text) {
                        Some(last) => last.extend_from_slice(&text),
                        None => joined.push(text.to_vec()),
                    }
                    in_text = true;
                }
                other => {
                    joined.push(format!("{other:?}").into_bytes());
                    in_text = false;
                }
            }
        }
        joined
    }
}
