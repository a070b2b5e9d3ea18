//! The tree of a document.

use std::collections::HashSet;

/// The place of a node in its tree.
pub(in crate::load) type NodeId = usize;

/// The document itself.
pub(in crate::load) const ROOT: NodeId = 0;

/// A document's nodes in the order in which they were made.
#[derive(Debug)]
pub(in crate::load) struct Tree {
    nodes: Vec<Node>,
    /// Whether the document has no type that modern ones have, so that names of classes ignore case.
    pub(in crate::load) is_quirky: bool,
}

#[derive(Debug)]
struct Node {
    parent: Option<NodeId>,
    children: Vec<NodeId>,
    data: Data,
}

#[derive(Debug)]
pub(in crate::load) enum Data {
    Document,
    Element(Element),
    Text(String),
    /// A comment or the like.
    Other,
}

#[derive(Debug)]
pub(in crate::load) struct Element {
    /// In lower case for HTML, as written for SVG.
    pub(in crate::load) name: String,
    /// Whether it is of HTML, not of SVG or mathematics.
    pub(in crate::load) is_html: bool,
    attributes: Vec<(String, String)>,
    /// The content of a template, which is not in the document.
    pub(in crate::load) content: Option<NodeId>,
}

impl Element {
    pub(in crate::load) fn new(
        name: String,
        is_html: bool,
        attributes: Vec<(String, String)>,
    ) -> Self {
        Self {
            name,
            is_html,
            attributes,
            content: None,
        }
    }

    pub(in crate::load) fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(own, _)| own == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub(in crate::load) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// Whether an attribute that is a set of words holds this one, in any case.
    pub(in crate::load) fn has_word(&self, name: &str, word: &str) -> bool {
        self.attribute(name).is_some_and(|value| {
            value
                .split_ascii_whitespace()
                .any(|own| own.eq_ignore_ascii_case(word))
        })
    }

    /// Whether an attribute is this word, in any case.
    pub(in crate::load) fn is_word(&self, name: &str, word: &str) -> bool {
        self.attribute(name)
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    }

    /// Whether it is an element of HTML of this name.
    pub(in crate::load) fn is(&self, name: &str) -> bool {
        self.is_html && self.name == name
    }

    /// Adds the attributes that it does not have.
    pub(super) fn add_missing(&mut self, attributes: Vec<(String, String)>) {
        let known: HashSet<String> = self
            .attributes
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        self.attributes.extend(
            attributes
                .into_iter()
                .filter(|(name, _)| !known.contains(name)),
        );
    }
}

impl Tree {
    pub(super) fn new() -> Self {
        let document = Node {
            parent: None,
            children: Vec::new(),
            data: Data::Document,
        };
        Self {
            nodes: vec![document],
            is_quirky: false,
        }
    }

    pub(super) fn add(&mut self, data: Data) -> NodeId {
        self.nodes.push(Node {
            parent: None,
            children: Vec::new(),
            data,
        });
        self.nodes.len() - 1
    }

    pub(in crate::load) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.nodes[node].parent
    }

    pub(in crate::load) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.nodes[node].children
    }

    pub(in crate::load) fn data(&self, node: NodeId) -> &Data {
        &self.nodes[node].data
    }

    pub(in crate::load) fn element(&self, node: NodeId) -> Option<&Element> {
        match &self.nodes[node].data {
            Data::Element(element) => Some(element),
            _ => None,
        }
    }

    pub(super) fn element_mut(&mut self, node: NodeId) -> Option<&mut Element> {
        match &mut self.nodes[node].data {
            Data::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The node and what it is in, from the inside out.
    pub(in crate::load) fn upwards(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(node), |node| self.parent(*node))
    }

    /// The element that a node is in.
    pub(in crate::load) fn parent_element(&self, node: NodeId) -> Option<NodeId> {
        self.parent(node)
            .filter(|parent| self.element(*parent).is_some())
    }

    /// Whether a node is in the document, not in a template.
    pub(super) fn is_in_document(&self, node: NodeId) -> bool {
        self.upwards(node).last() == Some(ROOT)
    }

    /// The nodes of the document, in its order.
    pub(super) fn in_document(&self) -> impl Iterator<Item = NodeId> {
        let mut open = vec![ROOT];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            open.extend(self.children(node).iter().rev());
            Some(node)
        })
    }

    /// The texts directly in a node.
    pub(in crate::load) fn text(&self, node: NodeId) -> String {
        let children = self.children(node).iter();
        children
            .filter_map(|child| match self.data(*child) {
                Data::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Puts a node at a place among the children of another.
    pub(super) fn insert(&mut self, parent: NodeId, at: usize, node: NodeId) {
        self.detach(node);
        let at = at.min(self.nodes[parent].children.len());
        self.nodes[parent].children.insert(at, node);
        self.nodes[node].parent = Some(parent);
    }

    /// Puts a text at a place, joined with one that is before it.
    pub(super) fn insert_text(&mut self, parent: NodeId, at: usize, text: &str) {
        let before = at
            .checked_sub(1)
            .and_then(|at| self.nodes[parent].children.get(at).copied());
        if let Some(before) = before
            && let Data::Text(own) = &mut self.nodes[before].data
        {
            own.push_str(text);
            return;
        }
        let node = self.add(Data::Text(text.to_owned()));
        self.insert(parent, at, node);
    }

    pub(super) fn detach(&mut self, node: NodeId) {
        if let Some(parent) = self.nodes[node].parent.take() {
            let siblings = &mut self.nodes[parent].children;
            // The youngest is the one that moves most often.
            if let Some(at) = siblings.iter().rposition(|own| *own == node) {
                siblings.remove(at);
            }
        }
    }

    pub(super) fn position(&self, node: NodeId) -> Option<(NodeId, usize)> {
        let parent = self.parent(node)?;
        let at = self.children(parent).iter().rposition(|own| *own == node)?;
        Some((parent, at))
    }
}
