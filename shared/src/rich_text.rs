//! What a text looks like where its marks change anything: bold, italic, code, quotes, lists, links.
//!
//! The server reads the marks once for everybody (simple Markdown and bare links), because a Markdown
//! library is larger than the rest of the browser client. A client builds elements from the nodes and
//! never parses HTML, so nothing that somebody writes can become markup.

use serde::{Deserialize, Serialize};

/// A piece of a formatted text, and the pieces inside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// The characters of [`NodeKind::Text`], [`NodeKind::Code`] and [`NodeKind::CodeBlock`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where a [`NodeKind::Link`] leads: always `http:`, `https:` or `mailto:`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub href: String,
    /// The first number of a [`NodeKind::List`] whose items are numbered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// What is inside it, at most [`MAX_RICH_TEXT_DEPTH`](crate::limits::MAX_RICH_TEXT_DEPTH) deep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

/// What a [`Node`] is. Kinds may be added: a client shows the children of one that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A block of running text.
    Paragraph,
    /// A block that somebody else said: holds blocks.
    Quote,
    /// A block of code, as it is.
    CodeBlock,
    /// A list: holds items.
    List,
    /// An item of a list: holds blocks.
    Item,
    /// Characters.
    Text,
    /// The end of a line inside a block.
    Break,
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Crossed out.
    Strikethrough,
    /// Code inside a line, as it is.
    Code,
    /// A link around its children.
    Link,
    /// A kind from a later version.
    #[serde(other)]
    Unknown,
}
