//! Which declaration of all counts for an element (CSS Cascading and Inheritance Level 5).

use std::collections::HashMap;
use std::sync::Arc;

use super::declarations::{Declaration, Property, Setting, settings};
use super::matching::Matcher;
use super::selector::{PseudoElement, Selector, Simple, Specificity};
use super::sheet::{Rule, Sheet};
use super::tokens::Token;
use super::values::{Value, trimmed};
use crate::load::page::dom::{Element, NodeId};
use crate::load::viewport::Viewport;

/// Custom properties of an element, those that it inherits among them.
pub(super) type Customs = Arc<HashMap<String, Vec<Value>>>;

/// How often a custom property may stand for another.
const MAX_SUBSTITUTIONS: usize = 32;

/// A style sheet where it is in the cascade of a page.
#[derive(Clone, Debug)]
pub(in crate::load) struct Placed {
    pub(in crate::load) sheet: Arc<Sheet>,
    /// The layer that it was imported into.
    pub(in crate::load) layer: Option<String>,
}

/// Where a declaration stands: what is later wins. Important ones, the style attribute, the layer, the
/// specificity, the order.
type Rank = (bool, bool, Vec<isize>, Specificity, usize);

/// A declaration for an element, and the index of the sheet in which it stands.
type Candidate<'a> = (Rank, &'a Declaration, Option<usize>);

/// Declarations in attributes of an element.
pub(super) struct Attributes<'a> {
    /// Those of SVG that stand for properties, each of its own.
    pub(super) presentation: &'a [Declaration],
    /// Those of `style`.
    pub(super) style: &'a [Declaration],
}

/// A value that counts, and the index of the sheet in which it stands (`None`: an attribute).
pub(super) type Winner = (Setting, Option<usize>);

/// All rules of a page, found by what they ask of an element.
pub(super) struct Cascade<'a> {
    rules: Vec<Ranked<'a>>,
    by_key: HashMap<Key, Vec<usize>>,
    viewport: Viewport,
}

struct Ranked<'a> {
    rule: &'a Rule,
    sheet: usize,
    layer: Vec<isize>,
}

/// What the last compound of a selector asks for at least.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Id(String),
    Class(String),
    Tag(String),
    Any,
}

impl<'a> Cascade<'a> {
    pub(super) fn new(sheets: &'a [Placed], viewport: Viewport) -> Self {
        let mut layers = Layers::default();
        let mut rules = Vec::new();
        let mut by_key: HashMap<Key, Vec<usize>> = HashMap::new();
        for (sheet, placed) in sheets.iter().enumerate() {
            let full = |own: Option<&String>| {
                let own = own.map(|own| own.replace('\0', &format!("\0{sheet}-")));
                match (&placed.layer, own) {
                    (Some(outer), Some(own)) => Some(format!("{outer}.{own}")),
                    (outer, own) => own.or_else(|| outer.clone()),
                }
            };
            for name in placed
                .layer
                .iter()
                .cloned()
                .chain(placed.sheet.layers.iter().filter_map(|own| full(Some(own))))
            {
                layers.rank(Some(&name));
            }
            for rule in &placed.sheet.rules {
                for selector in rule.selectors.iter() {
                    let of_key = by_key.entry(key(selector)).or_default();
                    if of_key.last() != Some(&rules.len()) {
                        of_key.push(rules.len());
                    }
                }
                let layer = layers.rank(full(rule.layer.as_ref()).as_deref());
                rules.push(Ranked { rule, sheet, layer });
            }
        }
        Self {
            rules,
            by_key,
            viewport,
        }
    }

    /// The rules that may match, in their order.
    fn candidates(&self, element: &Element) -> Vec<usize> {
        let mut keys = vec![Key::Any, Key::Tag(element.name.to_ascii_lowercase())];
        // In quirks mode names ignore case, and so do the keys always.
        keys.extend(
            element
                .attribute("id")
                .map(|id| Key::Id(id.to_ascii_lowercase())),
        );
        let classes = element
            .attribute("class")
            .unwrap_or_default()
            .split_ascii_whitespace();
        keys.extend(classes.map(|class| Key::Class(class.to_ascii_lowercase())));
        let mut found: Vec<usize> = keys
            .iter()
            .filter_map(|key| self.by_key.get(key))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The values that count for an element and its pseudo-elements, and its custom properties.
    pub(super) fn winners(
        &self,
        matcher: &Matcher,
        node: NodeId,
        element: &Element,
        attributes: &Attributes,
        inherited: &Customs,
    ) -> Winners {
        let mut found: HashMap<Option<PseudoElement>, Vec<Candidate>> = HashMap::new();
        for index in self.candidates(element) {
            let Ranked { rule, sheet, layer } = &self.rules[index];
            let scope = match &rule.scope {
                None => None,
                Some(scope) => match matcher.scope_root(scope, node) {
                    Some(root) => Some(root),
                    None => continue,
                },
            };
            let mut best: HashMap<Option<PseudoElement>, Specificity> = HashMap::new();
            for selector in rule.selectors.iter() {
                if matcher.matches(selector, node, scope) {
                    let own = best.entry(selector.pseudo_element).or_default();
                    *own = selector.specificity.max(*own);
                }
            }
            for (pseudo, specificity) in best {
                let all = found.entry(pseudo).or_default();
                for declaration in &rule.declarations {
                    let important = declaration.is_important;
                    // Of important ones those of the earlier layer win.
                    let layer = layer
                        .iter()
                        .map(|own| if important { -own } else { *own })
                        .collect();
                    all.push((
                        (important, false, layer, specificity, index),
                        declaration,
                        Some(*sheet),
                    ));
                }
            }
        }
        let own = found.entry(None).or_default();
        for declaration in attributes.presentation {
            // Below every rule, also those in layers.
            let rank = (false, false, Vec::new(), [0; 3], 0);
            own.push((rank, declaration, None));
        }
        for declaration in attributes.style {
            let rank = (
                declaration.is_important,
                true,
                Vec::new(),
                [0; 3],
                usize::MAX,
            );
            own.push((rank, declaration, None));
        }
        let own = found.remove(&None).unwrap_or_default();
        let (values, customs) = self.applied(own, inherited);
        let pseudos = found
            .into_iter()
            .map(|(pseudo, all)| (pseudo, self.applied(all, &customs).0));
        Winners {
            pseudos: pseudos
                .filter_map(|(pseudo, values)| Some((pseudo?, values)))
                .collect(),
            values,
            customs,
        }
    }

    fn applied(
        &self,
        mut all: Vec<Candidate>,
        inherited: &Customs,
    ) -> (HashMap<Property, Winner>, Customs) {
        // The order within a rule stays.
        all.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let mut customs = Arc::clone(inherited);
        for (_, declaration, _) in all
            .iter()
            .filter(|(_, declaration, _)| declaration.is_custom())
        {
            Arc::make_mut(&mut customs).insert(declaration.name.clone(), declaration.value.clone());
        }
        let mut values = HashMap::new();
        for (_, declaration, sheet) in all {
            let computed;
            let settings = match &declaration.settings {
                _ if declaration.is_custom() => continue,
                Some(settings) => settings,
                None => {
                    let value = substituted(&declaration.value, &customs, 0).unwrap_or_default();
                    let set = settings(&declaration.name, trimmed(&value), &self.viewport);
                    // What turns out to be invalid only now is as if it were `unset`.
                    let unset = [Value::Token(Token::Ident("unset".to_owned()))];
                    computed = set
                        .or_else(|| settings(&declaration.name, &unset, &self.viewport))
                        .unwrap_or_default();
                    &computed
                }
            };
            for (property, setting) in settings {
                values.insert(*property, (setting.clone(), sheet));
            }
        }
        (values, customs)
    }
}

/// What counts for an element.
pub(super) struct Winners {
    pub(super) values: HashMap<Property, Winner>,
    pub(super) pseudos: Vec<(PseudoElement, HashMap<Property, Winner>)>,
    pub(super) customs: Customs,
}

/// A value with what its variables stand for; `None` if one stands for nothing.
fn substituted(value: &[Value], customs: &Customs, depth: usize) -> Option<Vec<Value>> {
    if depth > MAX_SUBSTITUTIONS {
        return None;
    }
    let mut found = Vec::new();
    for one in value {
        match one {
            Value::Function(name, inner) if name == "var" => {
                let mut parts = inner.splitn(2, |value| value.is_delim(','));
                let name = trimmed(parts.next()?).first()?.ident()?;
                let known = customs
                    .get(name)
                    .and_then(|value| substituted(value, customs, depth + 1));
                found.extend(match (known, parts.next()) {
                    (Some(value), _) => value,
                    (None, Some(fallback)) => substituted(fallback, customs, depth + 1)?,
                    (None, None) => return None,
                });
            }
            Value::Function(name, inner) => {
                found.push(Value::Function(
                    name.clone(),
                    substituted(inner, customs, depth + 1)?,
                ));
            }
            Value::Block(open, inner) => {
                found.push(Value::Block(*open, substituted(inner, customs, depth + 1)?));
            }
            Value::Token(_) => found.push(one.clone()),
        }
    }
    Some(found)
}

/// What a selector asks of an element at least.
fn key(selector: &Selector) -> Key {
    let Some((_, compound)) = selector.parts.last() else {
        return Key::Any;
    };
    let id = compound.iter().find_map(|simple| match simple {
        Simple::Id(id) => Some(Key::Id(id.to_ascii_lowercase())),
        _ => None,
    });
    let class = || {
        compound.iter().find_map(|simple| match simple {
            Simple::Class(class) => Some(Key::Class(class.to_ascii_lowercase())),
            _ => None,
        })
    };
    let tag = || {
        compound.iter().find_map(|simple| match simple {
            Simple::Tag(name) => Some(Key::Tag(name.clone())),
            _ => None,
        })
    };
    id.or_else(class).or_else(tag).unwrap_or(Key::Any)
}

/// The order of layers: by first appearance among those of the same layer around, and what is in no
/// further layer last.
#[derive(Default)]
struct Layers(HashMap<String, isize>, HashMap<String, isize>);

impl Layers {
    fn rank(&mut self, name: Option<&str>) -> Vec<isize> {
        let mut rank = Vec::new();
        let mut outer = String::new();
        for part in name.into_iter().flat_map(|name| name.split('.')) {
            let full = format!("{outer}.{part}");
            let count = self.1.entry(outer).or_default();
            let own = *self.0.entry(full.clone()).or_insert_with(|| {
                *count += 1;
                *count
            });
            rank.push(own);
            outer = full;
        }
        rank.push(isize::MAX);
        rank
    }
}
