//! Formatted text as elements. They are built from nodes, so nothing that somebody writes is ever read
//! as HTML.

use roomcast_shared::rich_text::{Node, NodeKind};
use web_sys::Element;

use crate::dom::{append, set};

/// What a link may lead to; the server has looked as well.
const SCHEMES: [&str; 3] = ["https:", "http:", "mailto:"];

/// Puts formatted text at the end of an element.
pub fn append_nodes(parent: &Element, nodes: &[Node]) {
    for node in nodes {
        append_node(parent, node);
    }
}

fn append_node(parent: &Element, node: &Node) {
    let kind = match node.kind {
        NodeKind::Text => {
            // It fails only where an element would be put into itself.
            let _ = parent.append_with_str_1(&node.text);
            return;
        }
        NodeKind::Paragraph => "p",
        NodeKind::Quote => "blockquote",
        NodeKind::CodeBlock => "pre",
        NodeKind::List if node.start.is_some() => "ol",
        NodeKind::List => "ul",
        NodeKind::Item => "li",
        NodeKind::Break => "br",
        NodeKind::Strong => "strong",
        NodeKind::Emphasis => "em",
        NodeKind::Strikethrough => "s",
        NodeKind::Code => "code",
        NodeKind::Link if SCHEMES.iter().any(|scheme| node.href.starts_with(scheme)) => "a",
        NodeKind::Link | NodeKind::Unknown => "span",
    };
    let element = append(parent, kind, "", &node.text);
    if kind == "a" {
        set(&element, "href", &node.href);
        set(&element, "target", "_blank");
        set(&element, "rel", "noopener noreferrer");
    }
    if let Some(start) = node.start {
        set(&element, "start", &start.to_string());
    }
    append_nodes(&element, &node.children);
}
