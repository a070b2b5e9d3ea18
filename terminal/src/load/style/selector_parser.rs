//! From component values to selectors.

use std::sync::Arc;

use super::nth::{self, Nth};
use super::selector::{Attribute, Combinator, Selector, SelectorList, Simple, Test, most_specific};
use super::selector_names::{element_by_name, pseudo_element, word};
use super::tokens::Token;
use super::values::{Value, dense, split, trimmed};

pub(super) struct Parser<'a> {
    parent: Option<&'a SelectorList>,
    /// Whether a selector may begin with a combinator.
    is_relative: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(parent: Option<&'a SelectorList>) -> Self {
        Self {
            parent,
            is_relative: parent.is_some(),
        }
    }

    pub(super) fn list(&self, values: &[Value]) -> Option<Vec<Selector>> {
        split(values, ',').map(|one| self.selector(one)).collect()
    }

    /// Selectors of a list that are not understood are left out.
    fn forgiving(&self, values: &[Value]) -> SelectorList {
        let all = split(values, ',').filter_map(|one| self.selector(one));
        Arc::new(all.collect())
    }

    fn inner(&self) -> Self {
        Self {
            is_relative: false,
            ..*self
        }
    }

    fn selector(&self, values: &[Value]) -> Option<Selector> {
        let mut selector = Selector {
            parts: Vec::new(),
            pseudo_element: None,
            specificity: [0; 3],
        };
        let mut combinator = Combinator::Descendant;
        let mut has_combinator = false;
        let mut values = trimmed(values);
        if values.is_empty() {
            return None;
        }
        while let [first, ..] = values {
            if first.is_space() {
                values = &values[1..];
                if !has_combinator && !selector.parts.is_empty() {
                    combinator = Combinator::Descendant;
                    has_combinator = true;
                }
                continue;
            }
            let sign = match first {
                Value::Token(Token::Delim('>')) => Some(Combinator::Child),
                Value::Token(Token::Delim('+')) => Some(Combinator::NextSibling),
                Value::Token(Token::Delim('~')) => Some(Combinator::LaterSibling),
                _ => None,
            };
            if let Some(sign) = sign {
                if has_combinator && combinator != Combinator::Descendant {
                    return None;
                }
                combinator = sign;
                has_combinator = true;
                values = &values[1..];
                continue;
            }
            if selector.parts.is_empty() && has_combinator && !self.is_relative {
                return None;
            }
            if selector.pseudo_element.is_some() {
                return None;
            }
            let compound = self.compound(&mut values, &mut selector)?;
            selector.parts.push((combinator, compound));
            (combinator, has_combinator) = (Combinator::Descendant, false);
        }
        if selector.parts.is_empty() || (has_combinator && combinator != Combinator::Descendant) {
            return None;
        }
        Some(self.within_parent(selector))
    }

    /// In a nested rule a selector that does not name its parent is about what is in it.
    fn within_parent(&self, mut selector: Selector) -> Selector {
        let (Some(parent), true) = (self.parent, self.is_relative) else {
            return selector;
        };
        let names_parent = selector
            .parts
            .iter()
            .flat_map(|(_, compound)| compound)
            .any(|simple| matches!(simple, Simple::Any(list) if Arc::ptr_eq(list, parent)));
        if !names_parent {
            let parts = &mut selector.parts;
            parts.insert(
                0,
                (
                    Combinator::Descendant,
                    vec![Simple::Any(Arc::clone(parent))],
                ),
            );
            add(&mut selector.specificity, most_specific(parent));
        }
        selector
    }

    fn compound(&self, values: &mut &[Value], selector: &mut Selector) -> Option<Vec<Simple>> {
        let mut compound = Vec::new();
        while let [first, rest @ ..] = *values {
            let weight = &mut selector.specificity;
            match first {
                Value::Token(Token::Ident(name)) if compound.is_empty() => {
                    compound.push(Simple::Tag(name.to_ascii_lowercase()));
                    weight[2] += 1;
                }
                Value::Token(Token::Hash(id)) => {
                    compound.push(Simple::Id(id.clone()));
                    weight[0] += 1;
                }
                Value::Block('[', inner) => {
                    compound.push(Simple::Attribute(attribute(inner)?));
                    weight[1] += 1;
                }
                Value::Token(Token::Delim('&')) => {
                    compound.push(self.parent.map_or(Simple::Scope, |parent| {
                        add(weight, most_specific(parent));
                        Simple::Any(Arc::clone(parent))
                    }));
                }
                Value::Token(Token::Delim('.')) => {
                    compound.push(Simple::Class(rest.first()?.ident()?.to_owned()));
                    weight[1] += 1;
                    *values = &rest[1..];
                    continue;
                }
                // A star asks nothing, and a namespace before a type is not looked at.
                Value::Token(Token::Delim('*' | '|')) => {}
                Value::Token(Token::Delim(':')) => {
                    *values = self.pseudo(rest, &mut compound, selector)?;
                    continue;
                }
                other if other.is_space() || is_combinator(other) => break,
                _ => return None,
            }
            *values = rest;
        }
        Some(compound)
    }

    fn pseudo<'v>(
        &self,
        values: &'v [Value],
        compound: &mut Vec<Simple>,
        selector: &mut Selector,
    ) -> Option<&'v [Value]> {
        let [first, rest @ ..] = values else {
            return None;
        };
        if first.is_delim(':') {
            let [name, rest @ ..] = rest else { return None };
            selector.pseudo_element = Some(pseudo_element(name)?);
            selector.specificity[2] += 1;
            return Some(rest);
        }
        if let Some(name @ ("before" | "after" | "first-line" | "first-letter")) =
            first.ident().map(str::to_ascii_lowercase).as_deref()
        {
            selector.pseudo_element = Some(element_by_name(name)?);
            selector.specificity[2] += 1;
            return Some(rest);
        }
        let simple = match first {
            Value::Token(Token::Ident(name)) => {
                selector.specificity[1] += 1;
                word(&name.to_ascii_lowercase())?
            }
            Value::Function(name, inner) => self.function(name, inner, selector)?,
            _ => return None,
        };
        compound.extend(simple);
        Some(rest)
    }

    fn function(
        &self,
        name: &str,
        inner: &[Value],
        selector: &mut Selector,
    ) -> Option<Vec<Simple>> {
        let weight = &mut selector.specificity;
        Some(vec![match name {
            "not" => {
                let list = Arc::new(self.inner().list(inner)?);
                add(weight, most_specific(&list));
                Simple::Not(list)
            }
            "is" | "-webkit-any" | "matches" | "where" => {
                let list = self.inner().forgiving(inner);
                if name != "where" {
                    add(weight, most_specific(&list));
                }
                if list.is_empty() {
                    Simple::Never
                } else {
                    Simple::Any(list)
                }
            }
            "has" => {
                let parser = Self {
                    parent: None,
                    is_relative: true,
                };
                let list = Arc::new(parser.list(inner)?);
                add(weight, most_specific(&list));
                Simple::Has(list)
            }
            "lang" => {
                weight[1] += 1;
                let ranges = split(inner, ',').filter_map(|one| match one {
                    [Value::Token(Token::Ident(text) | Token::String(text))] => {
                        Some(text.to_ascii_lowercase())
                    }
                    _ => None,
                });
                Simple::Lang(ranges.collect())
            }
            "dir" => {
                weight[1] += 1;
                Simple::Dir(trimmed(inner).first()?.ident()?.to_ascii_lowercase())
            }
            "host" | "host-context" | "state" => {
                weight[1] += 1;
                Simple::Never
            }
            _ => {
                weight[1] += 1;
                Simple::Nth(self.nth(name, inner, weight)?)
            }
        }])
    }

    fn nth(&self, name: &str, inner: &[Value], weight: &mut [u32; 3]) -> Option<Nth> {
        let (from_end, of_type) = match name {
            "nth-child" => (false, false),
            "nth-last-child" => (true, false),
            "nth-of-type" => (false, true),
            "nth-last-of-type" => (true, true),
            _ => return None,
        };
        let of = inner.iter().position(|value| value.is_word("of"));
        let (position, list) = match of {
            Some(at) if !of_type => (&inner[..at], Some(&inner[at + 1..])),
            _ => (inner, None),
        };
        let (step, offset) = nth::parse(&dense(position))?;
        let of = match list {
            Some(list) => Some(Arc::new(self.inner().list(list)?)),
            None => None,
        };
        if let Some(of) = &of {
            add(weight, most_specific(of));
        }
        Some(Nth {
            step,
            offset,
            from_end,
            of_type,
            of,
        })
    }
}

fn add(sum: &mut [u32; 3], more: [u32; 3]) {
    for (own, more) in sum.iter_mut().zip(more) {
        *own += more;
    }
}

fn is_combinator(value: &Value) -> bool {
    ['>', '+', '~'].iter().any(|sign| value.is_delim(*sign))
}

fn attribute(inner: &[Value]) -> Option<Attribute> {
    let inner = dense(inner);
    let mut inner = inner.as_slice();
    // A namespace says nothing here.
    while let [first, rest @ ..] = inner
        && (first.is_delim('|') || first.is_delim('*'))
    {
        inner = rest;
    }
    let [name, rest @ ..] = inner else {
        return None;
    };
    let name = name.ident()?.to_ascii_lowercase();
    let (comparison, rest) = match rest {
        [] => (Test::Present, rest),
        [equals, rest @ ..] if equals.is_delim('=') => (Test::Equals, rest),
        [Value::Token(Token::Delim(sign)), equals, rest @ ..] if equals.is_delim('=') => {
            let comparison = match sign {
                '~' => Test::HasWord,
                '|' => Test::HasPrefixWord,
                '^' => Test::StartsWith,
                '$' => Test::EndsWith,
                '*' => Test::Contains,
                _ => return None,
            };
            (comparison, rest)
        }
        _ => return None,
    };
    let (value, flags) = match rest {
        [] if comparison == Test::Present => (String::new(), rest),
        [
            Value::Token(Token::Ident(text) | Token::String(text)),
            flags @ ..,
        ] => (text.clone(), flags),
        _ => return None,
    };
    let ignores_case = match flags {
        [] => false,
        [flag] if flag.is_word("i") => true,
        [flag] if flag.is_word("s") => false,
        _ => return None,
    };
    Some(Attribute {
        name,
        test: comparison,
        value,
        ignores_case,
    })
}
