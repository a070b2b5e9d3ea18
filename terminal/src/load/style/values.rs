//! Component values: tokens with what is in brackets put together (CSS Syntax Module, section 5).

use super::tokens::{Token, tokens};

/// Brackets in brackets; what is deeper is left out, as no style sheet means it.
const MAX_DEPTH: usize = 64;

/// A token, a function or a block.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::load) enum Value {
    Token(Token),
    /// A name in lower case and what stands in its parentheses.
    Function(String, Vec<Value>),
    /// What stands in brackets that this one opens.
    Block(char, Vec<Value>),
}

/// The component values of a text.
pub(in crate::load) fn values(text: &str) -> Vec<Value> {
    let tokens = tokens(text);
    gather(&mut tokens.into_iter(), None, 0)
}

fn gather(tokens: &mut std::vec::IntoIter<Token>, end: Option<char>, depth: usize) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        let value = match token {
            Token::Delim(close) if Some(close) == end => break,
            Token::Delim(open @ ('(' | '[' | '{')) => {
                let close = match open {
                    '(' => ')',
                    '[' => ']',
                    _ => '}',
                };
                Value::Block(open, gather_deeper(tokens, close, depth))
            }
            Token::Function(name) => Value::Function(name, gather_deeper(tokens, ')', depth)),
            other => Value::Token(other),
        };
        found.push(value);
    }
    found
}

fn gather_deeper(tokens: &mut std::vec::IntoIter<Token>, end: char, depth: usize) -> Vec<Value> {
    if depth < MAX_DEPTH {
        return gather(tokens, Some(end), depth + 1);
    }
    let mut open = 1_usize;
    for token in tokens.by_ref() {
        match token {
            Token::Delim('(' | '[' | '{') | Token::Function(_) => open += 1,
            Token::Delim(')' | ']' | '}') => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    Vec::new()
}

impl Value {
    pub(in crate::load) fn is_space(&self) -> bool {
        *self == Self::Token(Token::Whitespace)
    }

    pub(in crate::load) fn is_delim(&self, character: char) -> bool {
        *self == Self::Token(Token::Delim(character))
    }

    /// The word that it is, as it is written.
    pub(in crate::load) fn ident(&self) -> Option<&str> {
        match self {
            Self::Token(Token::Ident(name)) => Some(name),
            _ => None,
        }
    }

    /// `true` if it is this word in any case.
    pub(in crate::load) fn is_word(&self, word: &str) -> bool {
        self.ident()
            .is_some_and(|own| own.eq_ignore_ascii_case(word))
    }

    /// Whether it may stand behind the string of `url("…")`.
    fn is_modifier(&self) -> bool {
        matches!(self, Self::Token(Token::Ident(_)) | Self::Function(..)) || self.is_space()
    }

    /// The address of `url(…)`.
    pub(in crate::load) fn address(&self) -> Option<&str> {
        match self {
            Self::Token(Token::Url(url)) => Some(url),
            Self::Function(name, arguments) if name == "url" => match trimmed(arguments) {
                [Self::Token(Token::String(url)), modifiers @ ..]
                    if modifiers.iter().all(Self::is_modifier) =>
                {
                    Some(url)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Without white space around.
pub(in crate::load) fn trimmed(mut values: &[Value]) -> &[Value] {
    while let [first, rest @ ..] = values
        && first.is_space()
    {
        values = rest;
    }
    while let [rest @ .., last] = values
        && last.is_space()
    {
        values = rest;
    }
    values
}

/// The parts between characters, without white space around.
pub(in crate::load) fn split(values: &[Value], character: char) -> impl Iterator<Item = &[Value]> {
    values
        .split(move |value| value.is_delim(character))
        .map(trimmed)
}

/// Without any white space.
pub(in crate::load) fn dense(values: &[Value]) -> Vec<&Value> {
    values.iter().filter(|value| !value.is_space()).collect()
}
