//! Log lines on standard error, in words for people.

use std::borrow::Cow;
use std::io::{self, Write};

use roomcast_shared::io_reason::without_os_codes;

/// Writes to standard error, without the numbers of system errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogWriter;

impl Write for LogWriter {
    /// Writes a whole line at once: tracing hands over nothing smaller.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(&in_words(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn in_words(line: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(line).map(without_os_codes) {
        Ok(Cow::Owned(words)) => Cow::Owned(words.into_bytes()),
        Ok(Cow::Borrowed(_)) | Err(_) => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_tells_an_error_of_the_system_in_words() {
        let error = io::Error::from_raw_os_error(24);
        let line = format!("ERROR cannot accept connections error={error}\n");
        let words = String::from_utf8(in_words(line.as_bytes()).into_owned()).unwrap();
        assert!(
            words.ends_with('\n') && !words.contains("os error"),
            "{words}"
        );
        assert_eq!(
            in_words(b"\xff (os error 1)").as_ref(),
            b"\xff (os error 1)"
        );
    }
}
