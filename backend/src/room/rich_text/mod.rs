//! What a message's marks mean: simple Markdown and bare links, read once for everybody.
//!
//! Deliberately less than Markdown: what somebody writes in a chat is shown as it was written unless it
//! is plainly meant otherwise. HTML is text, line breaks are line breaks, images are links, headings are
//! bold, references (`[a]: …`) mean nothing, and a link to anything but pages and mail is none.

mod bare_links;
mod builder;

use pulldown_cmark::{Event, Options, Parser, TextMergeWithOffset};
use roomcast_shared::rich_text::{Node, NodeKind};

use builder::Builder;

/// The most nodes a message may have. Marks cost a reader some twenty times the bytes that they cost
/// the writer; a text with more of them is shown as it was written.
const MAX_NODES: usize = 400;

/// What the text looks like; empty when that is the text as it is.
pub(super) fn read(text: &str) -> Vec<Node> {
    if is_plainly_plain(text) {
        return Vec::new();
    }
    read_marks(text)
}

fn read_marks(text: &str) -> Vec<Node> {
    let linked = bare_links::bracket(text);
    let parser = Parser::new_ext(&linked, Options::ENABLE_STRIKETHROUGH);
    if parser.reference_definitions().iter().next().is_some() {
        return Vec::new();
    }
    let mut builder = Builder::default();
    for (event, range) in TextMergeWithOffset::new(parser.into_offset_iter()) {
        match event {
            Event::Start(tag) => builder.open(tag),
            Event::End(_) => builder.close(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => builder.text(&text),
            Event::Code(text) => builder.code(&text),
            Event::SoftBreak | Event::HardBreak => builder.line_break(),
            Event::Rule => builder.rule(linked[range].trim_end()),
            // Extensions that are off.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }
    let (nodes, count) = builder.finish();
    if count > MAX_NODES || plain_text(&nodes).is_some_and(|plain| plain == text.trim_end()) {
        return Vec::new();
    }
    nodes
}

/// Lines of words and punctuation that means nothing where it stands, which is what most messages
/// are: a glance at each character instead of two parsers.
fn is_plainly_plain(text: &str) -> bool {
    // A space before the end of a line is taken away, which would be a change.
    let is_untouched = !text.contains(" \n") && !text.contains("://");
    is_untouched && text.split('\n').all(is_plain_line)
}

fn is_plain_line(line: &str) -> bool {
    let is_word =
        |c: char| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !c.is_control());
    let may_begin = |c: char| is_word(c) || ",.!?'\"/;:()@%$".contains(c);
    // Inside a line these begin no list, no heading and no rule.
    let may_follow = |c: char| may_begin(c) || " -+=#".contains(c);
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = after_number.len() < line.len() && after_number.starts_with(['.', ')']);
    line.starts_with(may_begin) && !is_numbered && line.chars().all(may_follow)
}

/// The text of nodes that are nothing but paragraphs; `None` if anything in them has a look.
fn plain_text(nodes: &[Node]) -> Option<String> {
    let mut plain = String::new();
    for (index, paragraph) in nodes.iter().enumerate() {
        if paragraph.kind != NodeKind::Paragraph {
            return None;
        }
        if index > 0 {
            plain.push_str("\n\n");
        }
        for node in &paragraph.children {
            match node.kind {
                NodeKind::Text => plain.push_str(&node.text),
                NodeKind::Break => plain.push('\n'),
                _ => return None,
            }
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests;
