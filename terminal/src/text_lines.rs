//! Standard input as lines of text.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader, Split, Stdin, stdin};

/// The lines that are typed or piped in.
#[derive(Debug)]
pub(crate) struct TextLines<R = Stdin>(Split<BufReader<R>>);

impl TextLines {
    pub(crate) fn of_stdin() -> Self {
        Self::of(stdin())
    }
}

impl<R: AsyncRead + Unpin> TextLines<R> {
    fn of(input: R) -> Self {
        Self(BufReader::new(input).split(b'\n'))
    }

    /// The next line without its line break; `None` at the end. Bytes that are no UTF-8 become U+FFFD:
    /// one bad byte ends no conversation.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken no line.
    pub(crate) async fn next(&mut self) -> io::Result<Option<String>> {
        let line = self.0.next_segment().await?;
        Ok(line.map(|mut line| {
            if line.ends_with(b"\r") {
                line.pop();
            }
            match String::from_utf8(line) {
                Ok(line) => line,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_byte_that_is_no_text_is_replaced_and_the_lines_go_on() {
        let mut lines = TextLines::of(&b"one\r\nt\xffo\n\nlast"[..]);
        for expected in ["one", "t\u{fffd}o", "", "last"] {
            assert_eq!(lines.next().await.unwrap().as_deref(), Some(expected));
        }
        assert_eq!(lines.next().await.unwrap(), None);
    }
}
