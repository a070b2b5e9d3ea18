//! A formatted text on the terminal.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use roomcast_shared::rich_text::{Node, NodeKind};
use roomcast_shared::server_message::MessageEvent;

use super::wrap::Wrapper;

/// The lines of a message, each after an indent.
pub(super) fn lines(
    message: &MessageEvent,
    width: usize,
    indent: Span<'static>,
) -> Vec<Line<'static>> {
    let mut wrapper = Wrapper::new(width, indent);
    if message.rich.is_empty() {
        wrapper.push(message.text.as_str(), Style::default());
    } else {
        blocks(&message.rich, &mut wrapper, "");
    }
    wrapper.finish()
}

/// Blocks, one under the other; each begins with a mark.
fn blocks(nodes: &[Node], wrapper: &mut Wrapper, mark: &str) {
    for (index, node) in nodes.iter().enumerate() {
        let mark = if index == 0 || node.kind == NodeKind::Quote {
            mark
        } else {
            ""
        };
        // Between paragraphs stands a blank line, as it was written.
        if index > 0 && node.kind == NodeKind::Paragraph && nodes[index - 1].kind == node.kind {
            wrapper.end_line();
        }
        block(node, wrapper, mark);
    }
}

fn block(node: &Node, wrapper: &mut Wrapper, mark: &str) {
    let dim = Style::default().add_modifier(Modifier::DIM);
    match node.kind {
        NodeKind::List => {
            for (index, item) in node.children.iter().enumerate() {
                let number = u32::try_from(index).unwrap_or(u32::MAX);
                let bullet = match node.start {
                    Some(start) => format!("{mark}{}. ", start.saturating_add(number)),
                    None => format!("{mark}• "),
                };
                blocks(&item.children, wrapper, &bullet);
                wrapper.end_started_line();
            }
        }
        NodeKind::Quote => blocks(&node.children, wrapper, &format!("{mark}│ ")),
        NodeKind::CodeBlock => {
            wrapper.end_started_line();
            wrapper.push(mark, dim);
            wrapper.push(node.text.trim_end_matches('\n'), code());
            wrapper.end_started_line();
        }
        NodeKind::Item => blocks(&node.children, wrapper, mark),
        NodeKind::Paragraph => {
            wrapper.end_started_line();
            wrapper.push(mark, dim);
            inline(&node.children, wrapper, Style::default());
            wrapper.end_started_line();
        }
        // A tight list's item holds its text without a paragraph.
        _ => {
            if !mark.is_empty() {
                wrapper.end_started_line();
                wrapper.push(mark, dim);
            }
            inline(std::slice::from_ref(node), wrapper, Style::default());
        }
    }
}

fn inline(nodes: &[Node], wrapper: &mut Wrapper, style: Style) {
    for node in nodes {
        match node.kind {
            NodeKind::Text => wrapper.push(&node.text, style),
            NodeKind::Code | NodeKind::CodeBlock => wrapper.push(&node.text, style.patch(code())),
            NodeKind::Break => wrapper.end_line(),
            NodeKind::Strong => {
                inline(&node.children, wrapper, style.add_modifier(Modifier::BOLD));
            }
            NodeKind::Emphasis => {
                inline(
                    &node.children,
                    wrapper,
                    style.add_modifier(Modifier::ITALIC),
                );
            }
            NodeKind::Strikethrough => {
                inline(
                    &node.children,
                    wrapper,
                    style.add_modifier(Modifier::CROSSED_OUT),
                );
            }
            NodeKind::Link => {
                let style = style.add_modifier(Modifier::UNDERLINED);
                inline(&node.children, wrapper, style);
                // Where it leads must be seen: nobody can hover here.
                if !shows(&node.children, &node.href) {
                    wrapper.push(&format!(" ({})", node.href), style);
                }
            }
            _ => inline(&node.children, wrapper, style),
        }
    }
}

/// Whether the text of a link is its address.
fn shows(nodes: &[Node], href: &str) -> bool {
    let text: String = nodes.iter().map(|node| node.text.as_str()).collect();
    let address = href.trim_start_matches("mailto:");
    text.trim_end_matches('/') == address.trim_end_matches('/')
}

fn code() -> Style {
    Style::default().fg(Color::Cyan)
}
