//! Whether an element matches a selector.

use std::cell::Cell;

use super::nth::Nth;
use super::selector::{Attribute, Combinator, Selector, Simple, Test};
use super::sheet::Scope;
use crate::load::page::dom::{Data, Element, NodeId, Tree};

/// Comparisons of an element with a part of a selector, of which one page may need as many: more than the
/// heaviest pages do, and seconds of work.
const MAX_STEPS: u64 = 50_000_000;

/// A document in which elements are matched.
pub(super) struct Matcher<'a> {
    pub(super) tree: &'a Tree,
    steps: Cell<u64>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            steps: Cell::new(0),
        }
    }

    /// Whether so much was compared that nothing matches any more.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() >= MAX_STEPS
    }

    /// Whether one of the selectors matches; the scope is the root of `:scope`, if there is one.
    pub(super) fn any(&self, list: &[Selector], node: NodeId, scope: Option<NodeId>) -> bool {
        list.iter()
            .any(|selector| self.matches(selector, node, scope))
    }

    /// Whether a selector matches, its pseudo-element aside.
    pub(super) fn matches(&self, selector: &Selector, node: NodeId, scope: Option<NodeId>) -> bool {
        self.part(selector, selector.parts.len(), node, scope)
    }

    /// Whether the first `count` parts match, the last of them this element.
    fn part(&self, selector: &Selector, count: usize, node: NodeId, scope: Option<NodeId>) -> bool {
        let Some((combinator, compound)) = count.checked_sub(1).map(|last| &selector.parts[last])
        else {
            return true;
        };
        if !self.compound(compound, node, scope) {
            return false;
        }
        if count == 1 {
            return true;
        }
        let rest = |node: NodeId| self.part(selector, count - 1, node, scope);
        match combinator {
            Combinator::Child => self.tree.parent_element(node).is_some_and(rest),
            Combinator::Descendant => self.ancestors(node).any(rest),
            Combinator::NextSibling => self.before(node).next().is_some_and(rest),
            Combinator::LaterSibling => self.before(node).any(rest),
        }
    }

    pub(super) fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.tree.parent_element(node), |node| {
            self.tree.parent_element(*node)
        })
    }

    /// The elements before it among its siblings, the nearest first.
    pub(super) fn before(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let siblings = self.siblings(node);
        let at = siblings.iter().position(|own| *own == node).unwrap_or(0);
        self.elements(siblings[..at].iter().rev())
    }

    fn after(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let siblings = self.siblings(node);
        let at = siblings
            .iter()
            .position(|own| *own == node)
            .map_or(siblings.len(), |at| at + 1);
        self.elements(siblings[at..].iter())
    }

    fn siblings(&self, node: NodeId) -> &'a [NodeId] {
        self.tree
            .parent(node)
            .map_or(&[], |parent| self.tree.children(parent))
    }

    fn elements(&self, nodes: impl Iterator<Item = &'a NodeId>) -> impl Iterator<Item = NodeId> {
        nodes.copied().filter(|node| {
            self.steps.set(self.steps.get() + 1);
            self.tree.element(*node).is_some()
        })
    }

    fn compound(&self, compound: &[Simple], node: NodeId, scope: Option<NodeId>) -> bool {
        self.steps.set(self.steps.get() + 1);
        let Some(element) = self.tree.element(node).filter(|_| !self.is_exhausted()) else {
            return false;
        };
        compound
            .iter()
            .all(|simple| self.simple(simple, node, element, scope))
    }

    fn simple(
        &self,
        simple: &Simple,
        node: NodeId,
        element: &Element,
        scope: Option<NodeId>,
    ) -> bool {
        match simple {
            Simple::Tag(name) => {
                element.name == *name
                    || (!element.is_html && element.name.eq_ignore_ascii_case(name))
            }
            Simple::Id(id) => element
                .attribute("id")
                .is_some_and(|own| self.is_same_name(own, id)),
            Simple::Class(class) => element.attribute("class").is_some_and(|own| {
                own.split_ascii_whitespace()
                    .any(|own| self.is_same_name(own, class))
            }),
            Simple::Attribute(attribute) => has(element, attribute),
            Simple::Any(list) => self.any(list, node, scope),
            Simple::Not(list) => !self.any(list, node, scope),
            Simple::Has(list) => list.iter().any(|selector| self.contains(selector, node)),
            Simple::Nth(nth) => self.is_nth(nth, node, element, scope),
            Simple::Root => self.tree.parent_element(node).is_none(),
            Simple::Scope => match scope {
                Some(scope) => scope == node,
                None => self.tree.parent_element(node).is_none(),
            },
            Simple::Empty => {
                self.tree
                    .children(node)
                    .iter()
                    .all(|child| match self.tree.data(*child) {
                        Data::Element(_) => false,
                        Data::Text(text) => text.is_empty(),
                        _ => true,
                    })
            }
            Simple::Lang(ranges) => self.is_in_language(ranges, node),
            Simple::Dir(direction) => self.direction(node) == direction,
            Simple::Link => {
                matches!(element.name.as_str(), "a" | "area")
                    && (element.has("href") || element.has("xlink:href"))
            }
            Simple::State(state) => self.is_in_state(*state, node, element),
            Simple::Never => false,
        }
    }

    /// In quirks mode identifiers and classes ignore case.
    fn is_same_name(&self, own: &str, wanted: &str) -> bool {
        own == wanted || (self.tree.is_quirky && own.eq_ignore_ascii_case(wanted))
    }

    /// `:has()`: whether a relative selector matches something from here.
    fn contains(&self, selector: &Selector, node: NodeId) -> bool {
        let mut candidates: Vec<NodeId> = Vec::new();
        let is_sibling = matches!(
            selector.parts.first(),
            Some((Combinator::NextSibling | Combinator::LaterSibling, _))
        );
        let mut open: Vec<NodeId> = if is_sibling {
            self.after(node).collect()
        } else {
            self.tree.children(node).to_vec()
        };
        while let Some(next) = open.pop() {
            candidates.push(next);
            open.extend(self.tree.children(next));
        }
        candidates
            .into_iter()
            .any(|candidate| self.relative(selector, selector.parts.len(), candidate, node))
    }

    fn relative(&self, selector: &Selector, count: usize, node: NodeId, anchor: NodeId) -> bool {
        let (combinator, compound) = &selector.parts[count - 1];
        if !self.compound(compound, node, Some(anchor)) {
            return false;
        }
        let rest = |other: NodeId| {
            if count == 1 {
                other == anchor
            } else {
                self.relative(selector, count - 1, other, anchor)
            }
        };
        match combinator {
            Combinator::Child => self.tree.parent_element(node).is_some_and(rest),
            Combinator::Descendant => self.ancestors(node).any(rest),
            Combinator::NextSibling => self.before(node).next().is_some_and(rest),
            Combinator::LaterSibling => self.before(node).any(rest),
        }
    }

    fn is_nth(&self, nth: &Nth, node: NodeId, element: &Element, scope: Option<NodeId>) -> bool {
        let counts = |other: &NodeId| match &nth.of {
            Some(list) => self.any(list, *other, scope),
            None => {
                !nth.of_type
                    || self.tree.element(*other).is_some_and(|other| {
                        other.name == element.name && other.is_html == element.is_html
                    })
            }
        };
        if nth.of.is_some() && !counts(&node) {
            return false;
        }
        let before = if nth.from_end {
            self.after(node).filter(counts).count()
        } else {
            self.before(node).filter(counts).count()
        };
        i64::try_from(before + 1).is_ok_and(|position| nth.includes(position))
    }

    /// The root of a scope in which an element is.
    pub(super) fn scope_root(&self, scope: &Scope, node: NodeId) -> Option<NodeId> {
        let is_limit = |node: NodeId| {
            scope
                .limits
                .as_ref()
                .is_some_and(|limits| self.any(limits, node, None))
        };
        for outer in self.tree.upwards(node) {
            if self.any(&scope.roots, outer, None) {
                return Some(outer);
            }
            if is_limit(outer) {
                return None;
            }
        }
        None
    }
}

/// Attributes of HTML whose values are compared without case.
const CASELESS: [&str; 18] = [
    "accept",
    "align",
    "charset",
    "checked",
    "dir",
    "disabled",
    "enctype",
    "hreflang",
    "http-equiv",
    "lang",
    "language",
    "media",
    "method",
    "readonly",
    "rel",
    "rev",
    "target",
    "type",
];

fn has(element: &Element, wanted: &Attribute) -> bool {
    let Some(own) = element.attribute(&wanted.name) else {
        return false;
    };
    let ignores_case =
        wanted.ignores_case || (element.is_html && CASELESS.contains(&wanted.name.as_str()));
    let fold = |text: &str| {
        if ignores_case {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    };
    let (own, value) = (fold(own), fold(&wanted.value));
    let part = !value.is_empty();
    match wanted.test {
        Test::Present => true,
        Test::Equals => own == value,
        Test::HasWord => part && own.split_ascii_whitespace().any(|word| word == value),
        Test::HasPrefixWord => own
            .strip_prefix(&value)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        Test::StartsWith => part && own.starts_with(&value),
        Test::EndsWith => part && own.ends_with(&value),
        Test::Contains => part && own.contains(&value),
    }
}
