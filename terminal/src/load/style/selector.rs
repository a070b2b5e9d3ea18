//! Selectors (Selectors Level 4), as far as a page that nobody touches can match them.

use std::sync::Arc;

use super::nth::Nth;
use super::selector_parser::Parser;
use super::values::Value;

/// Selectors of which one has to match.
pub(in crate::load) type SelectorList = Arc<Vec<Selector>>;

/// Compound selectors with what is between them.
#[derive(Clone, Debug)]
pub(in crate::load) struct Selector {
    /// From left to right; the combinator stands before its compound, that of the first is unused.
    pub(super) parts: Vec<(Combinator, Vec<Simple>)>,
    pub(super) pseudo_element: Option<PseudoElement>,
    pub(super) specificity: Specificity,
}

/// Numbers of identifiers, of classes and their like, and of types.
pub(super) type Specificity = [u32; 3];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Combinator {
    Descendant,
    Child,
    NextSibling,
    LaterSibling,
}

/// Pseudo-elements that can have images and fonts of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PseudoElement {
    Before,
    After,
    Marker,
    Placeholder,
    FirstLine,
    FirstLetter,
    FileButton,
    /// One that exists only after somebody did something.
    Never,
}

#[derive(Clone, Debug)]
pub(super) enum Simple {
    Tag(String),
    Id(String),
    Class(String),
    Attribute(Attribute),
    Any(SelectorList),
    Not(SelectorList),
    Has(SelectorList),
    Nth(Nth),
    Root,
    Scope,
    Empty,
    Lang(Vec<String>),
    Dir(String),
    Link,
    State(State),
    /// A state that nobody brought about, such as `:hover`.
    Never,
}

/// States of form fields that come from attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Checked,
    Disabled,
    Enabled,
    Required,
    Optional,
    ReadOnly,
    ReadWrite,
    PlaceholderShown,
    Default,
    Invalid,
    Valid,
    Defined,
    Open,
}

#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) test: Test,
    pub(super) value: String,
    pub(super) ignores_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Present,
    Equals,
    HasWord,
    HasPrefixWord,
    StartsWith,
    EndsWith,
    Contains,
}

/// Reads a list of selectors; `&` and relative ones refer to `parent`. `None` if one is not understood, as
/// then the rule is dropped.
pub(super) fn parse(values: &[Value], parent: Option<&SelectorList>) -> Option<SelectorList> {
    Parser::new(parent).list(values).map(Arc::new)
}

/// The most specific of a list.
pub(super) fn most_specific(list: &[Selector]) -> Specificity {
    let all = list.iter().map(|selector| selector.specificity);
    all.max().unwrap_or_default()
}
