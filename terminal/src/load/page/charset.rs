//! The encoding of documents and style sheets (HTML Standard, section 13.2.3; CSS Syntax Module, section 3.2).

use std::borrow::Cow;

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use url::Url;

/// How much of a document is looked at for an encoding before it is read, in bytes.
const PRESCAN_BYTES: usize = 1024;

/// The encoding that `Content-Type` names.
pub(in crate::load) fn of_content_type(value: &str) -> Option<&'static Encoding> {
    value.split(';').skip(1).find_map(|parameter| {
        let (name, label) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset
            .then(|| Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes()))?
    })
}

/// The text of a style sheet, and its encoding: by its mark, its `Content-Type`, its `@charset`, or as its document.
pub(in crate::load) fn decode_sheet(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
    document: &'static Encoding,
) -> (String, &'static Encoding) {
    let own = || {
        let label = bytes.strip_prefix(b"@charset \"")?;
        let end = label
            .windows(2)
            .take(PRESCAN_BYTES)
            .position(|pair| pair == b"\";")?;
        Encoding::for_label(&label[..end]).map(Encoding::output_encoding)
    };
    let encoding = declared.or_else(own).unwrap_or(document);
    let (text, used, _) = encoding.decode(bytes);
    (text.into_owned(), used)
}

/// Resolves an address as a document in an encoding does: its query is in that encoding.
pub(in crate::load) fn join(base: &Url, written: &str, encoding: &'static Encoding) -> Option<Url> {
    let encode = encoder(encoding);
    let options = Url::options()
        .base_url(Some(base))
        .encoding_override(Some(&encode));
    options.parse(written).ok()
}

fn encoder(encoding: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
    move |text| encoding.output_encoding().encode(text).0
}

/// Decodes a document piece by piece.
pub(super) struct DocumentDecoder {
    declared: Option<&'static Encoding>,
    held: Vec<u8>,
    decoder: Option<Decoder>,
}

impl DocumentDecoder {
    /// For a document whose `Content-Type` names this encoding.
    pub(super) fn new(declared: Option<&'static Encoding>) -> Self {
        Self {
            declared,
            held: Vec::new(),
            decoder: None,
        }
    }

    /// The text of the next piece; empty as long as the encoding is not known.
    pub(super) fn decode(&mut self, piece: &[u8], is_last: bool) -> String {
        if let Some(decoder) = &mut self.decoder {
            return decoded(decoder, piece, is_last);
        }
        self.held.extend_from_slice(piece);
        let Some(encoding) = self.decided(is_last) else {
            return String::new();
        };
        let held = std::mem::take(&mut self.held);
        // A mark overrules everything.
        let mut decoder = encoding.new_decoder();
        let text = decoded(&mut decoder, &held, is_last);
        self.decoder = Some(decoder);
        text
    }

    /// The encoding; `None` as long as it is not known.
    pub(super) fn encoding(&self) -> Option<&'static Encoding> {
        self.decoder.as_ref().map(Decoder::encoding)
    }

    fn decided(&self, is_last: bool) -> Option<&'static Encoding> {
        if let Some((encoding, _)) = Encoding::for_bom(&self.held) {
            return Some(encoding);
        }
        let could_be_mark = self.held.len() < 3
            && [&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF"]
                .iter()
                .any(|mark| mark.starts_with(&self.held));
        if could_be_mark && !is_last {
            return None;
        }
        if let Some(declared) = self.declared {
            return Some(declared);
        }
        let start = &self.held[..self.held.len().min(PRESCAN_BYTES)];
        let text: String = start.iter().map(|byte| char::from(*byte)).collect();
        match prescan(&text) {
            Prescan::Found(encoding) => Some(encoding),
            Prescan::Over => Some(WINDOWS_1252),
            Prescan::Unfinished if is_last || self.held.len() >= PRESCAN_BYTES => {
                Some(WINDOWS_1252)
            }
            Prescan::Unfinished => None,
        }
    }
}

fn decoded(decoder: &mut Decoder, bytes: &[u8], is_last: bool) -> String {
    let size = decoder
        .max_utf8_buffer_length(bytes.len())
        .unwrap_or(bytes.len());
    let mut text = String::with_capacity(size);
    let (_, _, _) = decoder.decode_to_string(bytes, &mut text, is_last);
    text
}

enum Prescan {
    Found(&'static Encoding),
    /// There can be none any more.
    Over,
    Unfinished,
}

/// Looks for a `meta` element that names an encoding.
fn prescan(text: &str) -> Prescan {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let Some((_, after)) = comment.split_once("-->") else {
                return Prescan::Unfinished;
            };
            rest = after;
            continue;
        }
        let Some((tag, after)) = rest[1..].split_once('>') else {
            return Prescan::Unfinished;
        };
        let lower = tag.to_ascii_lowercase();
        if lower.starts_with("body") || lower.starts_with("/head") {
            return Prescan::Over;
        }
        if lower
            .strip_prefix("meta")
            .is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r', '\x0C', '/']))
            && let Some(encoding) = of_meta(&lower)
        {
            return Prescan::Found(encoding);
        }
        rest = after;
    }
    Prescan::Unfinished
}

/// The encoding that a `meta` tag in lower case names.
fn of_meta(tag: &str) -> Option<&'static Encoding> {
    let (before, after) = tag.split_once("charset")?;
    // `charset=…` itself, or in the `content` of a `Content-Type`.
    if before.contains("content")
        && !before.contains("content-type")
        && !tag.contains("content-type")
    {
        return None;
    }
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let end =
        value.find(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ';' | '/' | '>'));
    let label = &value[..end.unwrap_or(value.len())];
    let encoding = Encoding::for_label(label.as_bytes())?;
    // Who could be read so far does not write UTF-16.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else {
        encoding
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], declared: Option<&'static Encoding>) -> String {
        let mut decoder = DocumentDecoder::new(declared);
        let pieces = bytes
            .iter()
            .map(|byte| decoder.decode(&[*byte], false))
            .collect::<String>();
        pieces + &decoder.decode(b"", true)
    }

    #[test]
    fn an_encoding_is_found_in_the_mark_the_head_or_a_meta_element() {
        assert_eq!(text(b"\xEF\xBB\xBF\xC3\xA9", Some(WINDOWS_1252)), "é");
        assert_eq!(text(b"\xFF\xFEa\0", None), "a");
        assert_eq!(
            text(
                b"\xE9",
                of_content_type("text/html; charset=\"windows-1251\"")
            ),
            "й"
        );
        assert_eq!(
            text(
                b"<!-- <meta charset=x> --><META CHARSET=utf-8>\xC3\xA9",
                None
            ),
            "<!-- <meta charset=x> --><META CHARSET=utf-8>é"
        );
        let old = b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-2'>\xB1";
        assert!(text(old, None).ends_with('ą'));
        assert_eq!(text(b"\xE9", None), "é");
    }

    #[test]
    fn a_style_sheet_has_its_own_encoding_or_that_of_its_document() {
        let encoding = |label: &str| Encoding::for_label(label.as_bytes()).unwrap();
        let sheet = b"@charset \"windows-1251\";\xE9";
        assert!(decode_sheet(sheet, None, UTF_8).0.ends_with('й'));
        assert!(
            decode_sheet(sheet, Some(encoding("iso-8859-1")), UTF_8)
                .0
                .ends_with('é')
        );
        assert_eq!(decode_sheet(b"\xE9", None, encoding("windows-1251")).0, "й");
    }

    #[test]
    fn queries_are_in_the_encoding_of_the_document() {
        let base = Url::parse("http://x/").unwrap();
        let url = join(&base, "й?й", Encoding::for_label(b"windows-1251").unwrap()).unwrap();
        assert_eq!(url.as_str(), "http://x/%D0%B9?%E9");
    }
}
