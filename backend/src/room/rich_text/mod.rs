//! What a message's marks mean: simple Markdown and bare links, read once for everybody.
//!
//! Chat is shown as it was written unless a mark is plainly meant. So these are no rules of documents:
//! HTML, entities, tables, rules, underlined headings, indented code, footnotes, references and `<…>`
//! around a link are text; line breaks and spaces stay; a backslash stays unless it keeps a mark from
//! taking effect. A parser of documents has no switch for most of that, hence one of our own: lines
//! become blocks ([`blocks`]), and the lines of a paragraph tokens, of which the marks are paired
//! ([`inline`]). Each step looks at a character a fixed number of times. The files in `table/` say
//! what is plainly meant, rule by rule.

mod blocks;
mod fence;
mod inline;
mod list;
mod nodes;
mod script;

use roomcast_shared::rich_text::{Node, NodeKind};

/// The most nodes a message may have. Marks cost a reader some twenty times the bytes that they cost
/// the writer; a text with more of them is shown as it was written.
const MAX_NODES: usize = 400;

/// Returns what the text looks like; empty when that is the text as it is.
pub(super) fn read(text: &str) -> Vec<Node> {
    if has_no_mark(text) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut dropped_escape = false;
    let nodes = blocks::read(&lines, blocks::Place::TOP, &mut dropped_escape);
    let is_plain = !dropped_escape && is_plain(&nodes);
    if is_plain || nodes::count(&nodes) > MAX_NODES {
        return Vec::new();
    }
    nodes
}

/// `true` for a text without any character with which a mark begins, as most messages are.
fn has_no_mark(text: &str) -> bool {
    let begins_item =
        |line: &str| line.starts_with(|c: char| matches!(c, '-' | '\\') || c.is_ascii_digit());
    !text.contains(['*', '_', '~', '`', '[', '>', '#'])
        && !text.contains("://")
        && !text.split('\n').any(begins_item)
}

/// `true` for nodes that are nothing but the lines of the text.
fn is_plain(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| {
        node.kind == NodeKind::Paragraph
            && (node.children.iter())
                .all(|child| matches!(child.kind, NodeKind::Text | NodeKind::Break))
    })
}

#[cfg(test)]
mod tests;
