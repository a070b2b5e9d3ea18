//! `@supports`: what the browsers of today understand.

use super::selector;
use super::tokens::Token;
use super::values::{Value, dense, trimmed};

/// Properties that no Chromium has, by their beginning.
const FOREIGN: [&str; 4] = ["-moz-", "-ms-", "-o-", "-khtml-"];

/// Properties of Safari that Chromium does not have.
const WEBKIT_ONLY: [&str; 4] = [
    "-webkit-touch-callout",
    "-webkit-overflow-scrolling",
    "-webkit-nbsp-mode",
    "-webkit-text-size-adjust",
];

/// Words that tell in `@supports (property: word)` that a browser has something, and that it has them.
const DISPLAYS: [&str; 34] = [
    "block",
    "inline",
    "inline-block",
    "flex",
    "inline-flex",
    "grid",
    "inline-grid",
    "flow-root",
    "contents",
    "none",
    "table",
    "inline-table",
    "table-row",
    "table-cell",
    "list-item",
    "math",
    "ruby",
    "inherit",
    "initial",
    "unset",
    "revert",
    "revert-layer",
    "-webkit-box",
    "-webkit-inline-box",
    "-webkit-flex",
    "-webkit-inline-flex",
    "table-caption",
    "table-column",
    "table-column-group",
    "table-footer-group",
    "table-header-group",
    "table-row-group",
    "ruby-text",
    "flow",
];

/// Whether there is a kind of display of this name.
pub(super) fn is_display(word: &str) -> bool {
    DISPLAYS.contains(&word)
}

/// Whether a condition holds.
pub(super) fn holds(condition: &[Value]) -> bool {
    super::media::logic(&dense(condition), &|term| Some(term_holds(term))).unwrap_or(false)
}

/// What stands in `supports(…)` of an import: a declaration, or a condition.
pub(super) fn holds_in_import(inner: &[Value]) -> bool {
    // As Chromium does it: a condition that is no declaration does not keep a style sheet from being loaded.
    is_declaration_known(inner).unwrap_or(true)
}

/// Whether a declaration that stands there without brackets is known.
pub(super) fn declaration_holds(inner: &[Value]) -> bool {
    is_declaration_known(inner).unwrap_or_else(|| holds(inner))
}

fn term_holds(term: &Value) -> bool {
    match term {
        Value::Block('(', inner) => is_declaration_known(inner).unwrap_or_else(|| holds(inner)),
        Value::Function(name, inner) => match name.as_str() {
            "selector" => selector::parse(inner, None).is_some(),
            "font-format" => word(inner).is_some_and(|word| super::fonts::is_known_format(&word)),
            "font-tech" => word(inner).is_some_and(|word| super::fonts::is_known_tech(&word)),
            _ => false,
        },
        _ => false,
    }
}

fn word(inner: &[Value]) -> Option<String> {
    Some(trimmed(inner).first()?.ident()?.to_ascii_lowercase())
}

/// `None` if it is no declaration.
fn is_declaration_known(inner: &[Value]) -> Option<bool> {
    let [name, rest @ ..] = trimmed(inner) else {
        return None;
    };
    let name = name.ident()?.to_ascii_lowercase();
    let [colon, value @ ..] = trimmed(rest) else {
        return None;
    };
    if !colon.is_delim(':') {
        return None;
    }
    let value = trimmed(value);
    if name.starts_with("--") {
        return Some(true);
    }
    let is_foreign = FOREIGN.iter().any(|start| name.starts_with(start))
        || WEBKIT_ONLY.contains(&name.as_str())
        || !super::property_names::is_known(&name);
    if is_foreign || value.is_empty() {
        return Some(false);
    }
    let words: Vec<_> = value.iter().filter_map(Value::ident).collect();
    Some(match (name.as_str(), words.as_slice()) {
        ("display", [word]) => is_display(&word.to_ascii_lowercase()),
        _ => !value.contains(&Value::Token(Token::Bad)) && is_value_known(value),
    })
}

/// Whether no word or function is one of another browser.
fn is_value_known(value: &[Value]) -> bool {
    value.iter().all(|value| match value {
        Value::Token(Token::Ident(word)) => !FOREIGN
            .iter()
            .any(|start| word.to_ascii_lowercase().starts_with(start)),
        Value::Function(name, _) => super::images::is_known_function(name),
        _ => true,
    })
}
