//! From the events of a Markdown parser to a tree of nodes.

use pulldown_cmark::{CodeBlockKind, LinkType, Tag};
use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;
use roomcast_shared::rich_text::{Node, NodeKind};

/// Builds the tree. Invariant: `open` holds one entry for each tag that is open, in order.
#[derive(Default)]
pub(super) struct Builder {
    done: Vec<Node>,
    open: Vec<OpenTag>,
    count: usize,
    /// A block without a node began or ended just now: what follows stands on a line of its own.
    is_line_due: bool,
}

/// A tag that is open, with what is inside so far.
enum OpenTag {
    Node(Node),
    /// A paragraph all of whose text is bold: this is the bold part.
    Heading(Node),
    /// A link that is none, and how it was written behind its text.
    Written(String),
    /// Has no look of its own: what is inside goes to the one around it.
    Nothing {
        is_block: bool,
    },
}

impl OpenTag {
    fn node(&mut self) -> Option<&mut Node> {
        match self {
            Self::Node(node) | Self::Heading(node) => Some(node),
            Self::Written(_) | Self::Nothing { .. } => None,
        }
    }
}

impl Builder {
    /// A tag begins.
    pub(super) fn open(&mut self, tag: Tag<'_>) {
        let is_heading = matches!(tag, Tag::Heading { .. });
        let is_block = is_block(&tag);
        let is_in_link = self.is_in_link();
        let written = written(&tag, is_in_link);
        let node = match tag {
            Tag::Paragraph | Tag::HtmlBlock => Some(node(NodeKind::Paragraph)),
            Tag::Heading { .. } | Tag::Strong => Some(node(NodeKind::Strong)),
            Tag::BlockQuote(_) => Some(node(NodeKind::Quote)),
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                Some(node(NodeKind::CodeBlock))
            }
            Tag::List(start) => Some(Node {
                start: start.map(|start| u32::try_from(start).unwrap_or(u32::MAX)),
                ..node(NodeKind::List)
            }),
            Tag::Item => Some(node(NodeKind::Item)),
            Tag::Emphasis => Some(node(NodeKind::Emphasis)),
            Tag::Strikethrough => Some(node(NodeKind::Strikethrough)),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } if !is_in_link => {
                link(&dest_url)
            }
            _ => None,
        };
        let depth = self.open.iter_mut().filter_map(OpenTag::node).count();
        let node = node.filter(|_| depth < MAX_RICH_TEXT_DEPTH);
        self.is_line_due = node.is_none() && (is_block || self.is_line_due);
        let open = match (node, written) {
            (Some(node), _) if is_heading => OpenTag::Heading(node),
            (Some(node), _) => OpenTag::Node(node),
            (None, Some((before, behind))) => {
                self.text(before);
                OpenTag::Written(behind)
            }
            (None, None) => OpenTag::Nothing { is_block },
        };
        self.open.push(open);
    }

    /// The tag that began last ends.
    pub(super) fn close(&mut self) {
        let closed = self.open.pop();
        self.is_line_due = match closed {
            Some(OpenTag::Nothing { is_block }) => is_block || self.is_line_due,
            _ => false,
        };
        match closed {
            Some(OpenTag::Written(behind)) => self.text(&behind),
            Some(OpenTag::Heading(bold)) if !bold.children.is_empty() => {
                let mut paragraph = node(NodeKind::Paragraph);
                paragraph.children.push(bold);
                self.count += 1;
                self.push(paragraph);
            }
            Some(OpenTag::Node(mut node)) => {
                trim_line_breaks(&mut node);
                let is_empty = node.children.is_empty() && node.text.is_empty();
                if is_empty && node.kind == NodeKind::Link {
                    self.count += 1;
                    node.children.push(with_text(NodeKind::Text, &node.href));
                }
                if node.kind == NodeKind::Link && is_deceptive(&node) {
                    self.text("[");
                    self.siblings().append(&mut node.children);
                    self.text(&["](", &node.href, ")"].concat());
                } else if !is_empty || matches!(node.kind, NodeKind::Item | NodeKind::Link) {
                    self.push(node);
                }
            }
            _ => {}
        }
    }

    /// Characters.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(code) = self
            .innermost()
            .filter(|node| node.kind == NodeKind::CodeBlock)
        {
            code.text.push_str(text);
            return;
        }
        self.begin_due_line();
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line_break();
            }
            if line.is_empty() {
                continue;
            }
            match self.siblings().last_mut() {
                Some(last) if last.kind == NodeKind::Text => last.text.push_str(line),
                _ => self.push(with_text(NodeKind::Text, line)),
            }
        }
    }

    /// Code inside a line.
    pub(super) fn code(&mut self, text: &str) {
        self.begin_due_line();
        self.push(with_text(NodeKind::Code, text));
    }

    /// The end of a line inside a block.
    pub(super) fn line_break(&mut self) {
        self.push(node(NodeKind::Break));
    }

    /// A line across the page, which a message has no use for: shown as it was `written`.
    pub(super) fn rule(&mut self, written: &str) {
        let mut paragraph = node(NodeKind::Paragraph);
        paragraph.children.push(with_text(NodeKind::Text, written));
        self.push(paragraph);
    }

    /// The tree, and how many nodes it has.
    pub(super) fn finish(mut self) -> (Vec<Node>, usize) {
        while !self.open.is_empty() {
            self.close();
        }
        (self.done, self.count)
    }

    /// Keeps blocks apart that nest too deep to be nodes.
    fn begin_due_line(&mut self) {
        let is_due = std::mem::take(&mut self.is_line_due);
        let last = self.siblings().last().map(|last| last.kind);
        if is_due && last.is_some_and(|last| last != NodeKind::Break) {
            self.line_break();
        }
    }

    fn is_in_link(&mut self) -> bool {
        let mut nodes = self.open.iter_mut().filter_map(OpenTag::node);
        nodes.any(|node| node.kind == NodeKind::Link)
    }

    fn innermost(&mut self) -> Option<&mut Node> {
        self.open.iter_mut().rev().find_map(OpenTag::node)
    }

    fn siblings(&mut self) -> &mut Vec<Node> {
        match self.open.iter_mut().rev().find_map(OpenTag::node) {
            Some(node) => &mut node.children,
            None => &mut self.done,
        }
    }

    fn push(&mut self, node: Node) {
        self.count += 1;
        self.siblings().push(node);
    }
}

fn node(kind: NodeKind) -> Node {
    with_text(kind, "")
}

fn with_text(kind: NodeKind, text: &str) -> Node {
    Node {
        kind,
        text: text.to_owned(),
        href: String::new(),
        start: None,
        children: Vec::new(),
    }
}

/// A link to where a click may lead; one to anywhere else is no link.
fn link(to: &str) -> Option<Node> {
    let (scheme, rest) = to.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let is_safe = ["http", "https", "mailto"].contains(&scheme.as_str());
    is_safe.then(|| Node {
        href: [&scheme, ":", rest].concat(),
        ..node(NodeKind::Link)
    })
}

/// Whether the text of a link is the address of another host than it leads to.
fn is_deceptive(link: &Node) -> bool {
    let mut text = String::new();
    collect_text(link, &mut text);
    let text = text.trim().to_lowercase();
    let is_address = ["http://", "https://", "www."]
        .iter()
        .any(|start| text.starts_with(start));
    is_address && host(&text) != host(&link.href.to_lowercase())
}

fn collect_text(node: &Node, text: &mut String) {
    text.push_str(&node.text);
    for child in &node.children {
        collect_text(child, text);
    }
}

/// The host of an address, without a `www.` before it.
fn host(address: &str) -> &str {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = authority
        .split(['/', '?', '#', '\\'])
        .next()
        .unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// How a link was written, before its text and behind it, should it turn out to be none.
fn written(tag: &Tag<'_>, is_in_link: bool) -> Option<(&'static str, String)> {
    let (before, to, title) = match tag {
        // Its address is its text.
        Tag::Link {
            link_type: LinkType::Autolink | LinkType::Email,
            ..
        } => return None,
        // In a link it is the text of that link.
        Tag::Image { .. } if is_in_link => return None,
        Tag::Link {
            dest_url, title, ..
        } => ("[", dest_url, title),
        Tag::Image {
            dest_url, title, ..
        } => ("![", dest_url, title),
        _ => return None,
    };
    let mut behind = ["](", to].concat();
    if !title.is_empty() {
        behind.push_str(&[" \"", title, "\""].concat());
    }
    behind.push(')');
    Some((before, behind))
}

/// Whether it stands on lines of its own.
fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::HtmlBlock
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::List(_)
            | Tag::Item
    )
}

/// What follows the last line of a block is no line.
fn trim_line_breaks(node: &mut Node) {
    if node.kind == NodeKind::CodeBlock && node.text.ends_with('\n') {
        node.text.pop();
    }
    while node.kind == NodeKind::Paragraph
        && node
            .children
            .last()
            .is_some_and(|last| last.kind == NodeKind::Break)
    {
        node.children.pop();
    }
}
