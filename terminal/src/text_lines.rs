//! Standard input as lines of text.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader, Split, Stdin, stdin};

/// The lines that are typed or piped in: UTF-8, with or without a byte order mark.
#[derive(Debug)]
pub(crate) struct TextLines<R = Stdin> {
    lines: Split<BufReader<R>>,
    /// How many were read.
    count: u64,
}

/// Reason why a line of the input is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// One line; the others may be well.
    #[error(
        "line {line} of the input is not UTF-8 at byte {byte} and was not sent: convert the input, as iconv -f \
         LATIN1 -t UTF-8 does"
    )]
    NotUtf8 {
        /// Its number, from 1.
        line: u64,
        /// Where the first byte stands that is none of UTF-8, in bytes from 1.
        byte: usize,
    },
    /// All of it is in another encoding.
    #[error("the input is UTF-16, not UTF-8: convert it, as iconv -f UTF-16 -t UTF-8 does")]
    Utf16,
    /// It cannot be read.
    #[error("cannot read the input: {0}")]
    Io(#[from] io::Error),
}

/// The byte order mark in UTF-8, which editors of Windows write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl TextLines {
    pub(crate) fn of_stdin() -> Self {
        Self::of(stdin())
    }
}

impl<R: AsyncRead + Unpin> TextLines<R> {
    fn of(input: R) -> Self {
        Self {
            lines: BufReader::new(input).split(b'\n'),
            count: 0,
        }
    }

    /// The next line without its line break; `None` at the end. After [`InputError::NotUtf8`] the lines go
    /// on: one bad byte ends no conversation.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken no line.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, InputError> {
        let Some(mut line) = self.lines.next_segment().await? else {
            return Ok(None);
        };
        self.count += 1;
        if self.count == 1 {
            if is_utf16(&line) {
                return Err(InputError::Utf16);
            }
            if line.starts_with(BYTE_ORDER_MARK) {
                line.drain(..BYTE_ORDER_MARK.len());
            }
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        String::from_utf8(line)
            .map(Some)
            .map_err(|error| InputError::NotUtf8 {
                line: self.count,
                byte: error.utf8_error().valid_up_to() + 1,
            })
    }
}

/// `true` for the first line of UTF-16: a byte order mark, or every other byte zero.
fn is_utf16(line: &[u8]) -> bool {
    let is_zero = |first: usize| line.iter().skip(first).step_by(2).all(|byte| *byte == 0);
    let is_marked = line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff");
    is_marked || (line.len() > 1 && (is_zero(0) || is_zero(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_that_is_no_utf8_is_refused_with_its_place_and_the_lines_go_on() {
        let mut lines = TextLines::of(&b"one\r\nt\xffo\n\nlast"[..]);
        assert_eq!(lines.next().await.unwrap().as_deref(), Some("one"));
        let refused = lines.next().await.unwrap_err().to_string();
        let place = "line 2 of the input is not UTF-8 at byte 2 and was not sent";
        assert!(refused.starts_with(place), "{refused}");
        for expected in ["", "last"] {
            assert_eq!(lines.next().await.unwrap().as_deref(), Some(expected));
        }
        assert_eq!(lines.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_no_part_of_the_first_line() {
        let mut lines = TextLines::of("\u{feff}one\n\u{feff}two".as_bytes());
        for expected in ["one", "\u{feff}two"] {
            assert_eq!(lines.next().await.unwrap().as_deref(), Some(expected));
        }
    }

    #[tokio::test]
    async fn utf16_is_refused_with_and_without_a_byte_order_mark() {
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        for text in ["\u{feff}hé\n", "hi\n"] {
            let little: Vec<_> = units(text).into_iter().flat_map(u16::to_le_bytes).collect();
            let big: Vec<_> = units(text).into_iter().flat_map(u16::to_be_bytes).collect();
            for bytes in [little, big] {
                let refused = TextLines::of(&bytes[..]).next().await.unwrap_err();
                assert!(matches!(refused, InputError::Utf16), "{refused}");
            }
        }
        for text in ["", "\n", "a\n", "語\n"] {
            assert!(TextLines::of(text.as_bytes()).next().await.is_ok());
        }
    }
}
