//! Building and counting nodes.

use roomcast_shared::rich_text::{Node, NodeKind};

/// Returns a node that has characters and nothing inside.
pub(super) fn leaf(kind: NodeKind, text: &str) -> Node {
    Node {
        kind,
        text: text.to_owned(),
        href: String::new(),
        start: None,
        children: Vec::new(),
    }
}

/// Returns a node around others.
pub(super) fn branch(kind: NodeKind, children: Vec<Node>) -> Node {
    Node {
        children,
        ..leaf(kind, "")
    }
}

/// Returns a link; the scheme in small letters, as clients compare it.
pub(super) fn link(to: &str, children: Vec<Node>) -> Node {
    let scheme = to.find(':').unwrap_or(0);
    let (scheme, rest) = to.split_at(scheme);
    Node {
        href: [&scheme.to_ascii_lowercase(), rest].concat(),
        ..branch(NodeKind::Link, children)
    }
}

/// Appends characters, to the last node if that has characters too.
pub(super) fn push_text(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.kind == NodeKind::Text => last.text.push_str(text),
        _ => nodes.push(leaf(NodeKind::Text, text)),
    }
}

/// Appends nodes, and joins characters where they meet.
pub(super) fn append(nodes: &mut Vec<Node>, more: Vec<Node>) {
    for node in more {
        if node.kind == NodeKind::Text {
            push_text(nodes, &node.text);
        } else {
            nodes.push(node);
        }
    }
}

/// Returns the number of nodes. Trees are at most
/// [`MAX_RICH_TEXT_DEPTH`](roomcast_shared::limits::MAX_RICH_TEXT_DEPTH) deep.
pub(super) fn count(nodes: &[Node]) -> usize {
    let inner: usize = nodes.iter().map(|node| count(&node.children)).sum();
    nodes.len() + inner
}
