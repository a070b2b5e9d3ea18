//! Builds the nodes of a paragraph from tokens whose marks are paired.

use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;
use roomcast_shared::rich_text::{Node, NodeKind};

use super::super::nodes;
use super::tokens::{Mark, Token};

/// What became of a token: how many of its symbols end and begin emphasis, in the order of the text
/// from the inside out.
#[derive(Clone, Default)]
pub(super) struct Role {
    pub(super) ends: Vec<usize>,
    pub(super) begins: Vec<usize>,
}

impl Role {
    /// `true` if it is more than text.
    pub(super) fn is_used(&self) -> bool {
        !self.ends.is_empty() || !self.begins.is_empty()
    }

    fn used(&self) -> usize {
        self.ends.iter().chain(&self.begins).sum()
    }
}

/// Emphasis that is open.
struct Frame {
    kind: NodeKind,
    children: Vec<Node>,
    /// How its end is written, where it nests too deep to be a node.
    written: Option<String>,
}

/// Returns the nodes of tokens, `depth` nodes deep.
pub(super) fn build(tokens: Vec<Token<'_>>, roles: &[Role], depth: usize) -> Vec<Node> {
    let mut done = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    for (token, role) in tokens.into_iter().zip(roles) {
        let into = innermost(&mut done, &mut frames);
        match token {
            Token::Text(text) => nodes::push_text(into, text),
            Token::Node(node) => nodes::append(into, vec![node]),
            Token::Break => into.push(nodes::leaf(NodeKind::Break, "")),
            Token::Mark(mark) => {
                for _ in &role.ends {
                    if let Some(frame) = frames.pop() {
                        close(innermost(&mut done, &mut frames), frame);
                    }
                }
                let left = mark.length - role.used();
                let left = if role.is_used() {
                    left
                } else {
                    mark.written.len()
                };
                let into = innermost(&mut done, &mut frames);
                nodes::push_text(into, &mark.written[..left]);
                for length in role.begins.iter().rev() {
                    frames.push(open(&mark, *length, depth + frames.len()));
                }
            }
        }
    }
    done
}

/// The nodes that are being filled.
fn innermost<'n>(done: &'n mut Vec<Node>, frames: &'n mut [Frame]) -> &'n mut Vec<Node> {
    frames.last_mut().map_or(done, |frame| &mut frame.children)
}

fn open(mark: &Mark<'_>, length: usize, depth: usize) -> Frame {
    let is_too_deep = depth >= MAX_RICH_TEXT_DEPTH;
    Frame {
        kind: kind(mark.symbol, length),
        children: Vec::new(),
        written: is_too_deep.then(|| mark.written[..length].to_owned()),
    }
}

fn close(outer: &mut Vec<Node>, frame: Frame) {
    match frame.written {
        Some(written) => {
            nodes::push_text(outer, &written);
            nodes::append(outer, frame.children);
            nodes::push_text(outer, &written);
        }
        None => outer.push(nodes::branch(frame.kind, frame.children)),
    }
}

fn kind(symbol: u8, length: usize) -> NodeKind {
    match (symbol, length) {
        (b'~', _) => NodeKind::Strikethrough,
        (_, 1) => NodeKind::Emphasis,
        _ => NodeKind::Strong,
    }
}
