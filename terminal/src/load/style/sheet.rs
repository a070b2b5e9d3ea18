//! A style sheet: its imports, and the rules and fonts whose conditions hold for a window.

use std::sync::Arc;

use super::declarations::Declaration;
use super::fonts::FontFace;
use super::selector::{self, SelectorList};
use super::tokens::Token;
use super::values::{Value, dense, trimmed, values};
use super::{media, supports};
use crate::load::viewport::Viewport;

/// What a style sheet says that matters for loading.
#[derive(Debug, Default)]
pub(in crate::load) struct Sheet {
    pub(in crate::load) imports: Vec<Import>,
    pub(super) rules: Vec<Rule>,
    pub(super) faces: Vec<FontFace>,
    /// Names of layers in the order of their first appearance.
    pub(super) layers: Vec<String>,
}

/// An `@import` that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::load) struct Import {
    pub(in crate::load) address: String,
    /// Whether its rules apply: it is loaded in any case.
    pub(in crate::load) applies: bool,
    pub(in crate::load) layer: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) selectors: SelectorList,
    pub(super) declarations: Vec<Declaration>,
    pub(super) layer: Option<String>,
    pub(super) scope: Option<Arc<Scope>>,
}

/// The part of a document for which `@scope` is.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) roots: SelectorList,
    pub(super) limits: Option<SelectorList>,
}

#[derive(Clone, Default)]
struct Context {
    layer: Option<String>,
    scope: Option<Arc<Scope>>,
    parent: Option<SelectorList>,
}

impl Sheet {
    /// Reads a style sheet for a window.
    pub(in crate::load) fn parse(text: &str, viewport: &Viewport) -> Self {
        let mut reader = Reader {
            sheet: Self::default(),
            viewport,
            imports_over: false,
            unnamed_layers: 0,
        };
        reader.rules(&values(text), &Context::default());
        reader.sheet
    }
}

/// The declarations of a `style` attribute.
pub(super) fn declarations(text: &str, viewport: &Viewport) -> Vec<Declaration> {
    let mut found = Vec::new();
    for part in values(text).split(|value| value.is_delim(';')) {
        found.extend(declaration(part, viewport));
    }
    found
}

fn declaration(part: &[Value], viewport: &Viewport) -> Option<Declaration> {
    let (name, value) = name_and_value(part)?;
    Declaration::new(name, value, viewport)
}

/// `name: value`.
fn name_and_value(part: &[Value]) -> Option<(&str, &[Value])> {
    let (name, rest) = trimmed(part).split_first()?;
    let rest = trimmed(rest);
    match rest.first()? {
        Value::Token(Token::Range(_)) => Some((name.ident()?, rest)),
        colon if colon.is_delim(':') => Some((name.ident()?, trimmed(&rest[1..]))),
        _ => None,
    }
}

struct Reader<'a> {
    sheet: Sheet,
    viewport: &'a Viewport,
    /// Whether a rule stood before, so that imports count no more.
    imports_over: bool,
    unnamed_layers: usize,
}

impl Reader<'_> {
    /// Rules that stand one after the other.
    fn rules(&mut self, values: &[Value], context: &Context) {
        let mut rest = trimmed(values);
        while let [first, ..] = rest {
            if let Value::Token(Token::AtKeyword(name)) = first {
                rest = self.at_rule(&name.to_ascii_lowercase(), &rest[1..], context);
            } else {
                let Some(end) = rest
                    .iter()
                    .position(|value| matches!(value, Value::Block('{', _)))
                else {
                    return;
                };
                if let Value::Block(_, block) = &rest[end] {
                    self.style_rule(&rest[..end], block, context);
                }
                rest = &rest[end + 1..];
            }
            rest = trimmed(rest);
        }
    }

    fn style_rule(&mut self, prelude: &[Value], block: &[Value], context: &Context) {
        self.imports_over = true;
        let Some(selectors) = selector::parse(prelude, context.parent.as_ref()) else {
            return;
        };
        let inner = Context {
            parent: Some(Arc::clone(&selectors)),
            ..context.clone()
        };
        self.block(block, &selectors, &inner);
    }

    /// Declarations with rules among them.
    fn block(&mut self, block: &[Value], selectors: &SelectorList, context: &Context) {
        let mut declarations = Vec::new();
        let mut rest = block;
        while let [first, ..] = rest {
            if first.is_space() || first.is_delim(';') {
                rest = &rest[1..];
                continue;
            }
            if let Value::Token(Token::AtKeyword(name)) = first {
                self.keep(std::mem::take(&mut declarations), selectors, context);
                rest = self.at_rule(&name.to_ascii_lowercase(), &rest[1..], context);
                continue;
            }
            let end = rest
                .iter()
                .position(|value| value.is_delim(';'))
                .unwrap_or(rest.len());
            let nested = rest[..end]
                .iter()
                .position(|value| matches!(value, Value::Block('{', _)));
            let is_custom = first.ident().is_some_and(|name| name.starts_with("--"));
            if let Some(nested) = nested.filter(|_| !is_custom)
                && let Value::Block(_, inner) = &rest[nested]
            {
                self.keep(std::mem::take(&mut declarations), selectors, context);
                self.style_rule(&rest[..nested], inner, context);
                rest = &rest[nested + 1..];
                continue;
            }
            declarations.extend(declaration(&rest[..end], self.viewport));
            rest = &rest[end..];
        }
        self.keep(declarations, selectors, context);
    }

    fn keep(
        &mut self,
        declarations: Vec<Declaration>,
        selectors: &SelectorList,
        context: &Context,
    ) {
        if !declarations.is_empty() {
            self.sheet.rules.push(Rule {
                selectors: Arc::clone(selectors),
                declarations,
                layer: context.layer.clone(),
                scope: context.scope.clone(),
            });
        }
    }

    /// Reads a rule with this name and gives what stands behind it.
    fn at_rule<'v>(&mut self, name: &str, rest: &'v [Value], context: &Context) -> &'v [Value] {
        let ends = |value: &Value| value.is_delim(';') || matches!(value, Value::Block('{', _));
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        let prelude = trimmed(&rest[..end]);
        let after = rest.get(end + 1..).unwrap_or_default();
        let Some(Value::Block(_, block)) = rest.get(end) else {
            self.statement(name, prelude, context);
            return after;
        };
        self.imports_over = true;
        let mut inner = context.clone();
        let holds = match name {
            "media" => media::matches_values(prelude, self.viewport),
            "supports" => supports::holds(prelude),
            // Containers are taken to be as large as the window.
            "container" => {
                let query = dense(prelude);
                let query = if query
                    .first()
                    .is_some_and(|value| value.ident().is_some() && !value.is_word("not"))
                {
                    &query[1..]
                } else {
                    &query[..]
                };
                media::condition(query, self.viewport).unwrap_or(true)
            }
            "layer" => {
                inner.layer = Some(self.layer(prelude, context));
                true
            }
            "scope" => {
                inner.scope = scope(prelude);
                inner.scope.is_some()
            }
            "starting-style" => true,
            "font-face" => {
                self.font_face(block);
                false
            }
            _ => false,
        };
        if holds {
            match &context.parent {
                Some(parent) => self.block(block, parent, &inner),
                None => self.rules(block, &inner),
            }
        }
        after
    }

    fn statement(&mut self, name: &str, prelude: &[Value], context: &Context) {
        match name {
            "import" if !self.imports_over => {
                let import = self.import(prelude);
                self.sheet.imports.extend(import);
            }
            "layer" => {
                for one in super::values::split(prelude, ',') {
                    self.layer(one, context);
                }
            }
            "namespace" => self.imports_over = true,
            _ => {}
        }
    }

    fn import(&mut self, prelude: &[Value]) -> Option<Import> {
        let (first, rest) = prelude.split_first()?;
        let address = match first {
            Value::Token(Token::String(address)) => address,
            other => other.address()?,
        };
        let mut rest = trimmed(rest);
        let mut layer = None;
        match rest {
            [word, more @ ..] if word.is_word("layer") => {
                layer = Some(self.layer(&[], &Context::default()));
                rest = trimmed(more);
            }
            [Value::Function(name, inner), more @ ..] if name == "layer" => {
                layer = Some(self.layer(inner, &Context::default()));
                rest = trimmed(more);
            }
            _ => {}
        }
        let mut is_supported = true;
        if let [Value::Function(name, inner), more @ ..] = rest
            && name == "supports"
        {
            if !supports::holds_in_import(inner) {
                return None;
            }
            is_supported = supports::declaration_holds(inner);
            rest = trimmed(more);
        }
        Some(Import {
            address: address.to_owned(),
            applies: is_supported && media::matches_values(rest, self.viewport),
            layer,
        })
    }

    /// The name of a layer, with those that it is in; one without a name gets one of its own.
    fn layer(&mut self, prelude: &[Value], context: &Context) -> String {
        let words: Vec<&str> = prelude.iter().filter_map(Value::ident).collect();
        let own = if words.is_empty() {
            self.unnamed_layers += 1;
            format!("\0{}", self.unnamed_layers)
        } else {
            words.join(".")
        };
        let name = match &context.layer {
            Some(outer) => format!("{outer}.{own}"),
            None => own,
        };
        self.sheet.layers.push(name.clone());
        name
    }

    fn font_face(&mut self, block: &[Value]) {
        let descriptors: Vec<(String, Vec<Value>)> = block
            .split(|value| value.is_delim(';'))
            .filter_map(name_and_value)
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec()))
            .collect();
        self.sheet.faces.extend(FontFace::new(&descriptors));
    }
}

/// Reads `(roots) to (limits)`.
fn scope(prelude: &[Value]) -> Option<Arc<Scope>> {
    let prelude = dense(prelude);
    let list = |value: &Value| match value {
        Value::Block('(', inner) => selector::parse(inner, None),
        _ => None,
    };
    let (roots, limits) = match prelude.as_slice() {
        [roots] => (list(roots)?, None),
        [roots, to, limits] if to.is_word("to") => (list(roots)?, Some(list(limits)?)),
        _ => return None,
    };
    Some(Arc::new(Scope { roots, limits }))
}
