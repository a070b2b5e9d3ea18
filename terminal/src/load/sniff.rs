//! Whether a document without a media type is HTML (WHATWG MIME Sniffing, section 7.1).

/// How much of a body decides, in bytes: the standard's resource header, which browsers look at.
pub(super) const DECIDING_BYTES: usize = 1445;

/// What HTML begins with, after white space and in any case of letters. A space or the end of the tag
/// must follow, but for a comment.
const BEGINNINGS: [&str; 17] = [
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<!--",
];

/// Whether a body that begins so is HTML.
pub(super) fn is_html(beginning: &[u8]) -> bool {
    let text = beginning.trim_ascii_start();
    BEGINNINGS.iter().any(|pattern| {
        let Some((found, rest)) = text.split_at_checked(pattern.len()) else {
            return false;
        };
        let ends = *pattern == "<!--" || matches!(rest.first(), Some(b' ' | b'>'));
        ends && found.eq_ignore_ascii_case(pattern.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_known_by_its_first_tag() {
        for html in [
            "<!DOCTYPE html>",
            " \r\n\t<HTML lang=en>",
            "<!-- a comment",
            "<p>text",
            "<br >",
        ] {
            assert!(is_html(html.as_bytes()), "{html}");
        }
        for other in [
            "",
            "text <html>",
            "<html",
            "<article>",
            "<?xml version='1.0'?>",
            "{}",
        ] {
            assert!(!is_html(other.as_bytes()), "{other}");
        }
    }
}
