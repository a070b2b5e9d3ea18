//! Links that somebody pasted as they are.

use std::borrow::Cow;
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
    for link in finder.links(text) {
        while taken.next_if(|range| range.end <= link.start()).is_some() {}
        let is_taken = taken.peek().is_some_and(|range| range.start < link.end());
        if is_taken || !is_web(link.as_str()) {
            continue;
        }
        out.push_str(&text[copied..link.start()]);
        out.push('<');
        out.push_str(link.as_str());
        out.push('>');
        copied = link.end();
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
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
