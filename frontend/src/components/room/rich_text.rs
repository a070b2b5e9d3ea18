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
        NodeKind::Link if may_be_followed(&node.href) => "a",
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

/// Phones write the first letter of a link large, and so it stands in messages that are kept from before.
fn may_be_followed(href: &str) -> bool {
    SCHEMES.iter().any(|scheme| {
        let begins = href.get(..scheme.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_pages_and_mail_may_be_followed_however_its_scheme_is_written() {
        for href in ["https://a.example", "Https://a", "HTTP://a", "mailto:b@c"] {
            assert!(may_be_followed(href), "{href}");
        }
        for href in ["javascript:alert(1)", "http", "/b", "httpß://", ""] {
            assert!(!may_be_followed(href), "{href}");
        }
    }
}
