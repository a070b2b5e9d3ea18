//! From lines to blocks: quotes, lists, code, headings and paragraphs.

use std::borrow::Cow;

use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;
use roomcast_shared::rich_text::{Node, NodeKind};

use super::{fence, inline, list, nodes, script};

/// Where lines stand.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// How many nodes are around them.
    pub(super) depth: usize,
    /// `true` inside an item of a list, where another list needs but one item.
    pub(super) is_in_item: bool,
}

impl Place {
    /// Around which nothing is.
    pub(super) const TOP: Self = Self {
        depth: 0,
        is_in_item: false,
    };

    /// Inside so many further nodes.
    pub(super) fn inside(self, nodes: usize, is_in_item: bool) -> Self {
        Self {
            depth: self.depth + nodes,
            is_in_item,
        }
    }

    /// `true` if a block and the lines in it nest no deeper than they may inside so many nodes.
    pub(super) fn has_room_for(self, nodes: usize) -> bool {
        self.depth + nodes < MAX_RICH_TEXT_DEPTH
    }
}

/// Returns the blocks of the lines. Sets `dropped_escape` when a backslash is left out.
pub(super) fn read(lines: &[&str], place: Place, dropped_escape: &mut bool) -> Vec<Node> {
    let mut reader = Reader {
        lines,
        place,
        done: Vec::new(),
        paragraph: Vec::new(),
        blank: 0,
        dropped_escape,
    };
    let mut at = 0;
    while at < lines.len() {
        at = reader.block(at);
    }
    reader.end_paragraph();
    reader.done
}

struct Reader<'a> {
    lines: &'a [&'a str],
    place: Place,
    done: Vec<Node>,
    /// The lines of the paragraph that is being read.
    paragraph: Vec<Cow<'a, str>>,
    /// How many blank lines stand before it.
    blank: usize,
    dropped_escape: &'a mut bool,
}

impl<'a> Reader<'a> {
    /// Reads what begins at a line, and returns the line after it.
    fn block(&mut self, at: usize) -> usize {
        let Some(&line) = self.lines.get(at) else {
            return at + 1;
        };
        if is_blank(line) {
            self.end_paragraph();
            self.blank += 1;
            return at + 1;
        }
        match line.trim_start().as_bytes().first() {
            Some(b'`') if fence::begins(line) => self.code(at),
            Some(b'>') if line.starts_with('>') => self.quote(at),
            Some(b'#') => self.heading(at, line),
            _ => match list::read(self.lines, at, self.place, self.dropped_escape) {
                list::Found::List(list, end) => {
                    self.push(list);
                    end
                }
                list::Found::Text(end) => self.text(at, end),
                list::Found::Nothing => {
                    let line = self.without_escape(at, line);
                    self.paragraph.push(line);
                    at + 1
                }
            },
        }
    }

    /// Takes lines up to `end` as lines of a paragraph.
    fn text(&mut self, at: usize, end: usize) -> usize {
        for line in &self.lines[at..end] {
            if is_blank(line) {
                self.end_paragraph();
                self.blank += 1;
            } else {
                self.paragraph.push(Cow::Borrowed(line));
            }
        }
        end
    }

    fn push(&mut self, block: Node) {
        self.end_paragraph();
        self.blank = 0;
        self.done.push(block);
    }

    /// Ends a paragraph. One blank line is what lies between paragraphs; further ones are kept.
    fn end_paragraph(&mut self) {
        if self.paragraph.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.paragraph);
        let inside = inline::read(&lines, self.place.depth + 1, self.dropped_escape);
        self.push_paragraph(inside);
    }

    fn push_paragraph(&mut self, inside: Vec<Node>) {
        let between = usize::from(!self.done.is_empty());
        let kept = std::mem::take(&mut self.blank).saturating_sub(between);
        let mut children = vec![nodes::leaf(NodeKind::Break, ""); kept];
        children.extend(inside);
        self.done.push(nodes::branch(NodeKind::Paragraph, children));
    }

    /// Reads code between fences. If the second fence is missing, everything stays as written.
    fn code(&mut self, at: usize) -> usize {
        let lines = self.lines;
        match fence::read(&lines[at..]) {
            fence::Found::Nothing => self.line(at),
            fence::Found::Code(text, count) => {
                self.push(nodes::leaf(NodeKind::CodeBlock, &text));
                at + count
            }
            fence::Found::Unended => {
                self.end_paragraph();
                let mut inside = Vec::new();
                for (index, line) in lines[at..].iter().enumerate() {
                    if index > 0 {
                        inside.push(nodes::leaf(NodeKind::Break, ""));
                    }
                    nodes::push_text(&mut inside, line);
                }
                self.push_paragraph(inside);
                lines.len()
            }
        }
    }

    /// Reads lines that begin with `>`: a quote if one of them plainly is.
    fn quote(&mut self, at: usize) -> usize {
        let is_part = |line: &&&str| is_part_of_quote(line);
        let end = at + self.lines[at..].iter().take_while(is_part).count();
        if end == at {
            return self.line(at);
        }
        let run = &self.lines[at..end];
        if !run.iter().any(|line| is_quote(line)) || !self.place.has_room_for(1) {
            return self.text(at, end);
        }
        let strip = |line: &&'a str| {
            let line = line.strip_prefix('>').unwrap_or(line);
            line.strip_prefix(' ').unwrap_or(line)
        };
        let inner: Vec<&str> = run.iter().map(strip).collect();
        let inner = read(&inner, self.place.inside(1, false), self.dropped_escape);
        self.push(nodes::branch(NodeKind::Quote, inner));
        end
    }

    /// Takes one line as a line of a paragraph.
    fn line(&mut self, at: usize) -> usize {
        self.text(at, at + 1)
    }

    /// Reads a heading, which is bold, or else a line of a paragraph.
    fn heading(&mut self, at: usize, line: &'a str) -> usize {
        let Some(text) = self.heading_text(at, line) else {
            return self.line(at);
        };
        let bold = inline::read(&[text.into()], self.place.depth + 2, self.dropped_escape);
        let bold = nodes::branch(NodeKind::Strong, bold);
        self.push(nodes::branch(NodeKind::Paragraph, vec![bold]));
        at + 1
    }

    /// Returns the text of a heading: it begins with `# ` and a word, and stands alone. `# 5 issues left` is a number.
    fn heading_text(&self, at: usize, line: &'a str) -> Option<&'a str> {
        let is_alone = |at: Option<usize>| {
            let line = at.and_then(|at| self.lines.get(at));
            line.is_none_or(|line| is_blank(line))
        };
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        let text = line.get(level..)?.strip_prefix(' ')?.trim_start();
        let is_heading = (1..=6).contains(&level)
            && text.starts_with(|c: char| c.is_alphabetic() || "*_`[\"'(".contains(c))
            && text.contains(char::is_alphanumeric)
            && is_alone(at.checked_sub(1))
            && is_alone(Some(at + 1))
            && self.place.has_room_for(1);
        is_heading.then_some(text)
    }

    /// Returns the line without the backslash that keeps it from being a quote, a heading or an item.
    fn without_escape(&mut self, at: usize, line: &'a str) -> Cow<'a, str> {
        let meant = line.strip_prefix('\\').is_some_and(|rest| {
            is_quote(rest)
                || self.heading_text(at, rest).is_some()
                || list::is_escaped_item(self.lines, at)
        });
        if meant {
            *self.dropped_escape = true;
            return Cow::Borrowed(&line[1..]);
        }
        if line.starts_with(|c: char| c.is_ascii_digit()) && list::is_escaped_item(self.lines, at) {
            *self.dropped_escape = true;
            return Cow::Owned(line.replacen('\\', "", 1));
        }
        Cow::Borrowed(line)
    }
}

/// `true` for a line that shows nothing.
pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// `true` for `>` before a word: no face, no sum, no prompt.
fn is_quote(line: &str) -> bool {
    let Some(text) = line.strip_prefix("> ").map(str::trim) else {
        return false;
    };
    let number = text.trim_start_matches([' ', '=', '-', '+', '~', '$', '€', '£', '.']);
    let is_sum = number.starts_with(|c: char| c.is_ascii_digit()) && !list::is_item(text);
    let says = text.contains(|c: char| c.is_alphanumeric() || script::is_picture(c));
    !is_sum && !text.ends_with('<') && (says || fence::begins(text))
}

/// `true` for a line that is a part of a quote if there is one: `>` alone or before a space.
fn is_part_of_quote(line: &str) -> bool {
    let text = line.trim_start_matches('>');
    text.len() < line.len() && (is_blank(text) || text.starts_with(' '))
}
