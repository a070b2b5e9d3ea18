//! The extensions in the first line of a chunk (RFC 9112, section 7.1.1). Nobody uses them; what is none of
//! them hides something from one of two readers.

use crate::http_token::is_token_byte;

/// Returns `true` if `text`, which is what stands behind the size, has extensions or nothing but white space.
pub(super) fn are_valid(text: &[u8]) -> bool {
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let Some(behind) = extension(rest) else {
            return false;
        };
        rest = behind.trim_ascii_start();
    }
    text.iter()
        .all(|byte| *byte == b'\t' || !byte.is_ascii_control())
}

/// What stands behind the first extension: a semicolon, a name, and perhaps an equals sign and a value.
fn extension(text: &[u8]) -> Option<&[u8]> {
    let behind = token(text.strip_prefix(b";")?.trim_ascii_start())?;
    let Some(value) = behind.trim_ascii_start().strip_prefix(b"=") else {
        return Some(behind);
    };
    let value = value.trim_ascii_start();
    match value.strip_prefix(b"\"") {
        Some(quoted) => quoted_string(quoted),
        None => token(value),
    }
}

/// What stands behind a token (RFC 9110, section 5.6.2).
fn token(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().take_while(|byte| is_token_byte(**byte)).count();
    (length > 0).then(|| &text[length..])
}

/// What stands behind a quoted string whose first quote was taken (RFC 9110, section 5.6.4).
fn quoted_string(text: &[u8]) -> Option<&[u8]> {
    let mut bytes = text.iter().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(&text[index + 1..]),
            b'\\' => drop(bytes.next()?),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_have_a_name_and_perhaps_a_value() {
        for text in [
            "",
            " \t",
            ";a",
            " ; a",
            ";a=b",
            ";a = b ; c",
            ";a=\"b;c\"",
            ";a=\"\\\"\";b",
            ";a=\"\"",
        ] {
            assert!(are_valid(text.as_bytes()), "{text:?}");
        }
        for text in [
            ";",
            ";;",
            ";;a",
            ";a;",
            "a",
            " a",
            ";=b",
            ";a=",
            ";a=b c",
            ";a=\"b",
            ";a=\"b\\",
            ";a\0",
            ";a=\"\r\"",
            ";a@",
            ";a=b=c",
        ] {
            assert!(!are_valid(text.as_bytes()), "{text:?}");
        }
    }
}
