//! Links that somebody pasted as they are.

use std::borrow::Cow;
use std::net::Ipv6Addr;
use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{Event, Options, Parser, Tag};

/// Puts bare links between `<` and `>`, which makes them links of Markdown. Done before the marks
/// are read: an underscore or asterisk in a link is none.
pub(super) fn bracket(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut taken = taken(text).into_iter().peekable();
    let mut out = String::with_capacity(text.len() + 2);
    let mut copied = 0;
    let plain = with_plain_hosts(text);
    for link in finder.links(&plain) {
        let range = link.start()..link.end();
        while taken.next_if(|taken| taken.end <= range.start).is_some() {}
        let is_taken = taken.peek().is_some_and(|taken| taken.start < range.end);
        if is_taken || !is_web(link.as_str()) {
            continue;
        }
        out.push_str(&text[copied..range.start]);
        out.push('<');
        out.push_str(&text[range.clone()]);
        out.push('>');
        copied = range.end;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The text with an `a` for each byte of a host that the finder does not take for one: an IPv6 address, and
/// letters beyond ASCII, which it refuses in a top-level domain. Everything else stays in its place.
fn with_plain_hosts(text: &str) -> String {
    let mut parts = text.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let bracketed = part.strip_prefix('[').and_then(|part| part.split_once(']'));
        let address = bracketed.filter(|(address, _)| address.parse::<Ipv6Addr>().is_ok());
        let ends_host = |c: char| !c.is_alphanumeric() && c != '-' && c != '.';
        let host = match address {
            Some((address, _)) => address.len() + "[]".len(),
            None => part.find(ends_host).unwrap_or(part.len()),
        };
        let (host, rest) = part.split_at(host);
        plain.push_str("://");
        plain.extend(host.bytes().map(|byte| match address {
            None if byte.is_ascii() => char::from(byte),
            _ => 'a',
        }));
        plain.push_str(rest);
    }
    plain
}

/// Whether a link leads to a page: `http:` or `https:`.
fn is_web(link: &str) -> bool {
    let scheme = link.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// Where links mean something else already: in code, in links and in HTML. In order, without overlap.
fn taken(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let events = Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH).into_offset_iter();
    for (event, range) in events {
        let takes = matches!(
            event,
            Event::Code(_)
                | Event::Html(_)
                | Event::InlineHtml(_)
                | Event::Start(Tag::CodeBlock(_) | Tag::Link { .. } | Tag::Image { .. })
        );
        if takes && ranges.last().is_none_or(|last| last.end <= range.start) {
            ranges.push(range);
        }
    }
    ranges
}
