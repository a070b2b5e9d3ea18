//! Builds the tree while the document is read, as the HTML standard prescribes; the rules are html5ever's.

use std::borrow::Cow;
use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, ExpandedName, QualName, ns};

use super::dom::{Data, Element, NodeId, ROOT, Tree};

/// Hears of elements as they come.
pub(super) trait Observer {
    /// An element is in the document, with its attributes and nothing in it.
    fn opened(&mut self, tree: &Tree, node: NodeId);
    /// Everything that is in an element is there.
    fn closed(&mut self, tree: &Tree, node: NodeId);
}

/// A node for html5ever.
#[derive(Clone)]
pub(super) struct Handle {
    id: NodeId,
    name: Option<Rc<QualName>>,
}

impl Handle {
    fn unnamed(id: NodeId) -> Self {
        Self { id, name: None }
    }
}

/// What html5ever builds into.
pub(super) struct Builder<O> {
    tree: RefCell<Tree>,
    observer: RefCell<O>,
    nameless: QualName,
}

impl<O: Observer> Builder<O> {
    pub(super) fn new(observer: O) -> Self {
        Self {
            tree: RefCell::new(Tree::new()),
            observer: RefCell::new(observer),
            nameless: QualName::new(None, ns!(), "".into()),
        }
    }

    pub(super) fn observer_mut(&self) -> RefMut<'_, O> {
        self.observer.borrow_mut()
    }

    fn insert(&self, parent: NodeId, at: usize, child: NodeOrText<Handle>) {
        match child {
            NodeOrText::AppendText(text) => self.tree.borrow_mut().insert_text(parent, at, &text),
            NodeOrText::AppendNode(node) => {
                let is_new = self.tree.borrow().parent(node.id).is_none();
                self.tree.borrow_mut().insert(parent, at, node.id);
                let tree = self.tree.borrow();
                if is_new && tree.element(node.id).is_some() && tree.is_in_document(node.id) {
                    self.observer.borrow_mut().opened(&tree, node.id);
                }
            }
        }
    }
}

fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    let pair = |attribute: Attribute| {
        let local = attribute.name.local.to_string();
        // Of names with a prefix only this one is looked for.
        let is_link = attribute.name.ns == ns!(xlink);
        let name = if is_link {
            format!("xlink:{local}")
        } else {
            local
        };
        (name, attribute.value.to_string())
    };
    attributes.into_iter().map(pair).collect()
}

impl<O: Observer> TreeSink for Builder<O> {
    type Handle = Handle;
    type Output = (Tree, O);
    type ElemName<'a>
        = ExpandedName<'a>
    where
        Self: 'a;

    fn finish(self) -> (Tree, O) {
        (self.tree.into_inner(), self.observer.into_inner())
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle::unnamed(ROOT)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.as_deref().unwrap_or(&self.nameless).expanded()
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Handle {
        let mut tree = self.tree.borrow_mut();
        let mut element = Element::new(
            name.local.to_string(),
            name.ns == ns!(html),
            pairs(attributes),
        );
        if flags.template {
            element.content = Some(tree.add(Data::Other));
        }
        Handle {
            id: tree.add(Data::Element(element)),
            name: Some(Rc::new(name)),
        }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        Handle::unnamed(self.tree.borrow_mut().add(Data::Other))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        Handle::unnamed(self.tree.borrow_mut().add(Data::Other))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let at = self.tree.borrow().children(parent.id).len();
        self.insert(parent.id, at, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        let has_parent = self.tree.borrow().parent(element.id).is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &Handle) {
        let tree = self.tree.borrow();
        if tree.element(node.id).is_some() && tree.is_in_document(node.id) {
            self.observer.borrow_mut().closed(&tree, node.id);
        }
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let tree = self.tree.borrow();
        let content = tree.element(target.id).and_then(|element| element.content);
        Handle::unnamed(content.unwrap_or(target.id))
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.tree.borrow_mut().is_quirky = mode == QuirksMode::Quirks;
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.remove_from_parent(node);
        }
        let position = self.tree.borrow().position(sibling.id);
        if let Some((parent, at)) = position {
            self.insert(parent, at, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        if let Some(element) = self.tree.borrow_mut().element_mut(target.id) {
            element.add_missing(pairs(attributes));
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.tree.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut tree = self.tree.borrow_mut();
        for child in tree.children(node.id).to_vec() {
            let at = tree.children(new_parent.id).len();
            tree.insert(new_parent.id, at, child);
        }
    }
}
