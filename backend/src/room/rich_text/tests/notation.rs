//! Nodes in a form that fits a line; the tables are written in it.

use roomcast_shared::rich_text::{Node, NodeKind};

/// Writes blocks, one after the other.
pub(super) fn blocks(nodes: &[Node]) -> String {
    let written: Vec<String> = nodes
        .iter()
        .map(|node| lines(std::slice::from_ref(node)))
        .collect();
    written.join(" ¶ ")
}

fn lines(nodes: &[Node]) -> String {
    let mut out = String::new();
    let mut is_after_block = false;
    for node in nodes {
        let is_block = matches!(
            node.kind,
            NodeKind::Paragraph | NodeKind::Quote | NodeKind::List | NodeKind::CodeBlock
        );
        if !out.is_empty() && (is_block || is_after_block) {
            out.push_str(" ¶ ");
        }
        is_after_block = is_block;
        out.push_str(&one(node));
    }
    out
}

fn one(node: &Node) -> String {
    let name = match node.kind {
        NodeKind::Text => return node.text.replace('\n', "⏎"),
        NodeKind::Break => return "⏎".to_owned(),
        NodeKind::Paragraph | NodeKind::Unknown => return lines(&node.children),
        NodeKind::Code => "code",
        NodeKind::CodeBlock => "block",
        NodeKind::Quote => "quote",
        NodeKind::Item => "item",
        NodeKind::Strong => "bold",
        NodeKind::Emphasis => "italic",
        NodeKind::Strikethrough => "struck",
        NodeKind::List => "list",
        NodeKind::Link => "link",
    };
    let number = node
        .start
        .map_or_else(String::new, |start| start.to_string());
    let content = if node.children.is_empty() {
        node.text.replace('\n', "⏎")
    } else {
        lines(&node.children)
    };
    let to = if node.href.is_empty() || node.href == content {
        String::new()
    } else {
        format!(" → {}", node.href)
    };
    format!("{name}{number}⟨{content}{to}⟩")
}
