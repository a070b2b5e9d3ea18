//! Pseudo-classes and pseudo-elements by their names.

use super::nth::Nth;
use super::selector::{PseudoElement, Simple, State};
use super::tokens::Token;
use super::values::Value;

/// A pseudo-element; `None` if there is none of this name.
pub(super) fn pseudo_element(name: &Value) -> Option<PseudoElement> {
    match name {
        Value::Token(Token::Ident(name)) => element_by_name(&name.to_ascii_lowercase()),
        Value::Function(name, _) => matches!(
            name.as_str(),
            "part"
                | "slotted"
                | "highlight"
                | "cue"
                | "picker"
                | "view-transition-group"
                | "view-transition-image-pair"
                | "view-transition-old"
                | "view-transition-new"
        )
        .then_some(PseudoElement::Never),
        _ => None,
    }
}

pub(super) fn element_by_name(name: &str) -> Option<PseudoElement> {
    Some(match name {
        "before" => PseudoElement::Before,
        "after" => PseudoElement::After,
        "marker" => PseudoElement::Marker,
        "placeholder" | "-webkit-input-placeholder" => PseudoElement::Placeholder,
        "first-line" => PseudoElement::FirstLine,
        "first-letter" => PseudoElement::FirstLetter,
        "file-selector-button" | "-webkit-file-upload-button" => PseudoElement::FileButton,
        "selection"
        | "backdrop"
        | "target-text"
        | "spelling-error"
        | "grammar-error"
        | "cue"
        | "view-transition"
        | "details-content"
        | "scroll-marker"
        | "scroll-marker-group"
        | "checkmark"
        | "picker-icon"
        | "column"
        | "search-text" => PseudoElement::Never,
        other if other.starts_with("-webkit-") => PseudoElement::Never,
        _ => return None,
    })
}

/// A pseudo-class without arguments.
pub(super) fn word(name: &str) -> Option<Vec<Simple>> {
    let one = |simple| Some(vec![simple]);
    let first = |of_type| Simple::Nth(Nth::first(false, of_type));
    let last = |of_type| Simple::Nth(Nth::first(true, of_type));
    match name {
        "root" => one(Simple::Root),
        "scope" => one(Simple::Scope),
        "empty" => one(Simple::Empty),
        "first-child" => one(first(false)),
        "last-child" => one(last(false)),
        "only-child" => Some(vec![first(false), last(false)]),
        "first-of-type" => one(first(true)),
        "last-of-type" => one(last(true)),
        "only-of-type" => Some(vec![first(true), last(true)]),
        "link" | "any-link" | "-webkit-any-link" => one(Simple::Link),
        _ => one(
            state(name).map_or(is_untouched(name).then_some(Simple::Never), |state| {
                Some(Simple::State(state))
            })?,
        ),
    }
}

fn state(name: &str) -> Option<State> {
    Some(match name {
        "checked" => State::Checked,
        "disabled" => State::Disabled,
        "enabled" => State::Enabled,
        "required" => State::Required,
        "optional" => State::Optional,
        "read-only" => State::ReadOnly,
        "read-write" => State::ReadWrite,
        "placeholder-shown" => State::PlaceholderShown,
        "default" => State::Default,
        "invalid" => State::Invalid,
        "valid" => State::Valid,
        "defined" => State::Defined,
        "open" => State::Open,
        _ => return None,
    })
}

/// States that come only with somebody who does something, or with a script.
fn is_untouched(name: &str) -> bool {
    matches!(
        name,
        "hover"
            | "active"
            | "focus"
            | "focus-visible"
            | "focus-within"
            | "visited"
            | "target"
            | "target-within"
            | "indeterminate"
            | "user-valid"
            | "user-invalid"
            | "in-range"
            | "out-of-range"
            | "autofill"
            | "-webkit-autofill"
            | "fullscreen"
            | "-webkit-full-screen"
            | "modal"
            | "popover-open"
            | "picture-in-picture"
            | "playing"
            | "paused"
            | "muted"
            | "seeking"
            | "stalled"
            | "buffering"
            | "volume-locked"
            | "host"
            | "past"
            | "future"
            | "current"
            | "local-link"
            | "state"
            | "-webkit-drag"
            | "horizontal"
            | "vertical"
            | "window-inactive"
            | "active-view-transition"
            | "target-current"
            | "xr-overlay"
            | "has-slotted"
            | "interest-source"
            | "interest-target"
    )
}
