//! `[text](address)`.

use std::collections::HashMap;

use roomcast_shared::rich_text::{Node, NodeKind};

use super::super::nodes;
use super::address;

/// Brackets that are open.
#[derive(Default)]
pub(super) struct Brackets(Vec<Open>);

/// A bracket that is open.
pub(super) struct Open {
    /// Its place among the tokens.
    pub(super) token: usize,
    /// A backslash stands before it.
    pub(super) is_escaped: bool,
}

impl Brackets {
    pub(super) fn open(&mut self, token: usize, is_escaped: bool) {
        self.0.push(Open { token, is_escaped });
    }

    /// Closes the bracket that was opened last.
    pub(super) fn close(&mut self) -> Option<Open> {
        self.0.pop()
    }

    /// Forgets all: a line has ended, or a link, around which there is no other.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The parentheses of a line that close before the next white space, by where they open.
pub(super) struct Parentheses(HashMap<usize, usize>);

impl Parentheses {
    pub(super) fn of(line: &str) -> Self {
        let mut closed = HashMap::new();
        let mut open = Vec::new();
        let may_end_link = line.contains("](");
        for (at, c) in line.char_indices().filter(|_| may_end_link) {
            match c {
                '(' => open.push(at),
                ')' => {
                    closed.extend(open.pop().map(|begin| (begin, at)));
                }
                c if c.is_whitespace() => open.clear(),
                _ => {}
            }
        }
        Self(closed)
    }

    /// Returns the destination of a link between the parentheses that open here. A title makes it no
    /// link, since it would not be shown.
    pub(super) fn destination<'a>(&self, line: &'a str, open: usize) -> Option<&'a str> {
        let to = &line[open + 1..*self.0.get(&open)?];
        address::is_destination(to).then_some(to)
    }
}

/// Returns the nodes of a link's text, in which no other link stands: addresses are text.
pub(super) fn unlinked(inside: Vec<Node>) -> Vec<Node> {
    let mut flat = Vec::with_capacity(inside.len());
    for mut node in inside {
        node.children = unlinked(node.children);
        if node.kind == NodeKind::Link {
            nodes::append(&mut flat, node.children);
        } else {
            nodes::append(&mut flat, vec![node]);
        }
    }
    flat
}
