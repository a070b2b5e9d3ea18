//! What a message's marks mean: simple Markdown and bare links, read once for everybody.
//!
//! Deliberately less than Markdown: what somebody writes in a chat is shown as it was written unless it
//! is plainly meant otherwise. HTML is text, line breaks are line breaks, images are links, headings are
//! bold, and references (`[a]: …`) mean nothing.

mod bare_links;
mod builder;

use pulldown_cmark::{Event, Options, Parser, TextMergeStream};
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
    let linked = bare_links::bracket(text);
    let parser = Parser::new_ext(&linked, Options::ENABLE_STRIKETHROUGH);
    if parser.reference_definitions().iter().next().is_some() {
        return Vec::new();
    }
    let mut builder = Builder::default();
    for event in TextMergeStream::new(parser) {
        match event {
            Event::Start(tag) => builder.open(tag),
            Event::End(_) => builder.close(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => builder.text(&text),
            Event::Code(text) => builder.code(&text),
            Event::SoftBreak | Event::HardBreak => builder.line_break(),
            Event::Rule => builder.rule(),
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

/// One line of words and ordinary punctuation, which is what most messages are.
fn is_plainly_plain(text: &str) -> bool {
    let is_ordinary = |c: char| c.is_alphanumeric() || " ,.!?'\"/;:".contains(c);
    text.starts_with(char::is_alphabetic) && text.chars().all(is_ordinary) && !text.contains("://")
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
