//! Takes lines apart: text, finished nodes (code and links), and marks that may mean emphasis.

use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;
use roomcast_shared::rich_text::{Node, NodeKind};

use super::super::nodes;
use super::brackets::{self, Brackets, Open, Parentheses};
use super::code::{self, Found};
use super::flanks::Flanks;
use super::{address, emphasis};

/// A part of a paragraph.
pub(super) enum Token<'a> {
    Text(&'a str),
    /// Code or a link.
    Node(Node),
    /// The end of a line.
    Break,
    Mark(Mark<'a>),
}

/// A run of `*`, `_` or `~`.
pub(super) struct Mark<'a> {
    pub(super) symbol: u8,
    pub(super) length: usize,
    /// With backslashes, if it has them.
    pub(super) written: &'a str,
    /// A backslash stands before it. It counts if the mark would take effect without.
    pub(super) is_escaped: bool,
    pub(super) after: Option<char>,
    pub(super) flanks: Flanks,
}

impl<'a> Mark<'a> {
    /// The mark with this text between these characters. Backslashes, if any, stand at its beginning.
    pub(super) fn of(written: &'a str, before: Option<char>, after: Option<char>) -> Self {
        let is_escaped = written.starts_with('\\');
        let symbol = written.as_bytes()[usize::from(is_escaped)];
        let length = written.bytes().filter(|byte| *byte == symbol).count();
        let flanks = Flanks::of(symbol, length, before, after);
        Self {
            symbol,
            length,
            written,
            is_escaped,
            after,
            flanks,
        }
    }

    /// Takes it apart where its backslashes count: the symbols behind them are text, the others a mark.
    pub(super) fn unescaped(&self) -> Vec<Token<'a>> {
        let mut tokens = Vec::new();
        let mut rest = self.written;
        while let Some(symbol) = rest.strip_prefix('\\') {
            tokens.push(Token::Text(&symbol[..1]));
            rest = &symbol[1..];
        }
        if !rest.is_empty() {
            let before = Some(char::from(self.symbol));
            tokens.push(Token::Mark(Mark::of(rest, before, self.after)));
        }
        tokens
    }
}

/// Stands for a finished node beside a mark (U+FFFC, object replacement character).
const OBJECT: char = '\u{fffc}';

pub(super) struct Tokenizer<'a> {
    tokens: Vec<Token<'a>>,
    depth: usize,
    brackets: Brackets,
    dropped_escape: bool,
}

impl<'a> Tokenizer<'a> {
    pub(super) fn new(depth: usize) -> Self {
        Self {
            tokens: Vec::new(),
            depth,
            brackets: Brackets::default(),
            dropped_escape: false,
        }
    }

    /// Returns the tokens, and `true` if a backslash before code or a link was left out.
    pub(super) fn finish(self) -> (Vec<Token<'a>>, bool) {
        (self.tokens, self.dropped_escape)
    }

    pub(super) fn line_break(&mut self) {
        self.tokens.push(Token::Break);
        self.brackets.clear();
    }

    pub(super) fn line(&mut self, line: &'a str) {
        let mut code = code::find(line).into_iter().peekable();
        let parentheses = Parentheses::of(line);
        // Up to here everything is a token.
        let mut done = 0;
        let mut at = 0;
        while let Some(next) = line[at..].find(is_notable) {
            at += next;
            while code.next_if(|found| found.begin() < at).is_some() {}
            if let Some(found) = code.next_if(|found| found.begin() == at) {
                self.text(&line[done..at]);
                at = self.code(line, &found);
                done = at;
                continue;
            }
            let rest = &line[at..];
            let first = rest.as_bytes()[0];
            let end = match first {
                b'*' | b'_' | b'~' => Some(self.mark(line, done, at)),
                b'\\' if escapes_mark(rest) => Some(self.mark(line, done, at)),
                b'\\' if rest[1..].starts_with(['[', ']']) => {
                    Some(self.bracket(line, done, at, &parentheses))
                }
                b'[' | b']' => Some(self.bracket(line, done, at, &parentheses)),
                b'h' | b'H' => self.address(line, done, at),
                _ => None,
            };
            at = end.unwrap_or(at + 1);
            done = end.unwrap_or(done);
        }
        self.text(&line[done..]);
    }

    fn text(&mut self, text: &'a str) {
        if !text.is_empty() {
            self.tokens.push(Token::Text(text));
        }
    }

    /// Takes code, or what a backslash keeps from being code, and returns where it ends.
    fn code(&mut self, line: &'a str, found: &Found) -> usize {
        match found {
            Found::Code { content, end, .. } => {
                let code = nodes::leaf(NodeKind::Code, code::content(&line[content.clone()]));
                self.tokens.push(Token::Node(code));
                *end
            }
            Found::Backslash(at) => {
                self.dropped_escape = true;
                at + 1
            }
        }
    }

    /// Takes a run of marks, with or without backslashes, and returns where it ends.
    fn mark(&mut self, line: &'a str, done: usize, at: usize) -> usize {
        self.text(&line[done..at]);
        let rest = &line[at..];
        let is_escaped = rest.starts_with('\\');
        let symbol = rest.as_bytes()[usize::from(is_escaped)];
        let mut end = 0;
        // Backslashes stand before the first symbols only: `*\*` is two marks.
        while is_escaped
            && rest[end..].starts_with('\\')
            && rest.as_bytes().get(end + 1) == Some(&symbol)
        {
            end += 2;
        }
        end += rest[end..]
            .bytes()
            .take_while(|byte| *byte == symbol)
            .count();
        let before = match self.tokens.last() {
            Some(Token::Node(_)) => Some(OBJECT),
            _ => line[..at].chars().next_back(),
        };
        let after = rest[end..].chars().next();
        self.tokens
            .push(Token::Mark(Mark::of(&rest[..end], before, after)));
        at + end
    }

    /// Takes `[`, `![` or `]`, and a link that ends there; returns where that ends.
    fn bracket(
        &mut self,
        line: &'a str,
        done: usize,
        at: usize,
        parentheses: &Parentheses,
    ) -> usize {
        let is_escaped = line[at..].starts_with('\\');
        let symbol = at + usize::from(is_escaped);
        if line[symbol..].starts_with('[') {
            let is_image = !is_escaped && line[done..at].ends_with('!');
            self.text(&line[done..at - usize::from(is_image)]);
            self.brackets.open(self.tokens.len(), is_escaped);
            let begin = at - usize::from(is_image);
            self.tokens.push(Token::Text(&line[begin..=symbol]));
            return symbol + 1;
        }
        self.text(&line[done..at]);
        let to = parentheses.destination(line, symbol + 1);
        let to = to.filter(|_| self.depth < MAX_RICH_TEXT_DEPTH);
        let is_shown = |open: &Open| open.token + 1 < self.tokens.len();
        let (Some(to), Some(open)) = (to, self.brackets.close().filter(is_shown)) else {
            self.text(&line[at..=symbol]);
            return symbol + 1;
        };
        if is_escaped || open.is_escaped {
            self.dropped_escape = true;
            if open.is_escaped {
                self.tokens[open.token] = Token::Text("[");
            }
            self.text(&line[symbol..=symbol]);
            return symbol + 1;
        }
        let end = symbol + "](".len() + to.len() + ")".len();
        let inside = self.tokens.split_off(open.token + 1);
        let inside = emphasis::resolve(inside, self.depth + 1, &mut self.dropped_escape);
        let inside = brackets::unlinked(inside);
        if address::is_of_other_host(&inside, to) || address::is_blank(&inside) {
            self.tokens.extend(inside.into_iter().map(Token::Node));
            self.text(&line[symbol..end]);
        } else {
            self.tokens[open.token] = Token::Node(nodes::link(to, inside));
            self.brackets.clear();
        }
        end
    }

    /// Takes a web address that begins here, and returns where it ends.
    fn address(&mut self, line: &'a str, done: usize, at: usize) -> Option<usize> {
        if self.depth >= MAX_RICH_TEXT_DEPTH {
            return None;
        }
        let length = address::length(line[..at].chars().next_back(), &line[at..])?;
        self.text(&line[done..at]);
        let end = at + length;
        let text = nodes::leaf(NodeKind::Text, &line[at..end]);
        self.tokens
            .push(Token::Node(nodes::link(&line[at..end], vec![text])));
        Some(end)
    }
}

/// `true` for characters with which something may begin.
fn is_notable(c: char) -> bool {
    matches!(c, '*' | '_' | '~' | '\\' | '[' | ']' | '`' | 'h' | 'H')
}

/// `true` for a backslash before a run that may be a mark.
fn escapes_mark(rest: &str) -> bool {
    rest[1..].starts_with(['*', '_', '~'])
}
