//! States of elements that come from attributes: languages, directions, and what form fields are.

use super::matching::Matcher;
use super::selector::State;
use crate::load::page::dom::{Element, NodeId};

impl Matcher<'_> {
    pub(super) fn is_in_language(&self, ranges: &[String], node: NodeId) -> bool {
        let language = self.tree.upwards(node).find_map(|node| {
            let element = self.tree.element(node)?;
            element
                .attribute("lang")
                .or_else(|| element.attribute("xml:lang"))
        });
        let Some(language) = language
            .map(str::to_ascii_lowercase)
            .filter(|own| !own.is_empty())
        else {
            return false;
        };
        ranges.iter().any(|range| {
            range == "*"
                || language
                    .strip_prefix(range.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }

    pub(super) fn direction(&self, node: NodeId) -> &str {
        let own = self.tree.upwards(node).find_map(|node| {
            let direction = self.tree.element(node)?.attribute("dir")?;
            ["ltr", "rtl"]
                .into_iter()
                .find(|known| direction.eq_ignore_ascii_case(known))
        });
        own.unwrap_or("ltr")
    }

    pub(super) fn is_in_state(&self, state: State, node: NodeId, element: &Element) -> bool {
        let is_field = matches!(element.name.as_str(), "input" | "select" | "textarea");
        let is_control = is_field
            || matches!(
                element.name.as_str(),
                "button" | "optgroup" | "option" | "fieldset"
            );
        let is_disabled = || {
            element.has("disabled")
                || (!matches!(element.name.as_str(), "option" | "optgroup")
                    && self.ancestors(node).any(|outer| {
                        self.tree
                            .element(outer)
                            .is_some_and(|outer| outer.is("fieldset") && outer.has("disabled"))
                    }))
        };
        let is_writable = || is_text_field(element) && !element.has("readonly") && !is_disabled();
        let is_required = is_field && element.has("required");
        let value = || match element.name.as_str() {
            "textarea" => self.tree.text(node),
            _ => element.attribute("value").unwrap_or_default().to_owned(),
        };
        match state {
            State::Checked => match element.name.as_str() {
                "input" => element.has("checked") && has_tick(element),
                "option" => self.is_selected(node, element),
                _ => false,
            },
            State::Disabled => is_control && is_disabled(),
            State::Enabled => is_control && !is_disabled(),
            State::Required => is_required,
            State::Optional => is_field && !is_required,
            State::ReadWrite => is_writable() || element.has("contenteditable"),
            State::ReadOnly => !is_writable() && !element.has("contenteditable"),
            State::PlaceholderShown => {
                is_text_field(element) && element.has("placeholder") && value().is_empty()
            }
            State::Default => {
                (element.name == "input" && element.has("checked") && has_tick(element))
                    || (element.name == "option" && element.has("selected"))
            }
            State::Invalid => {
                is_required && !is_disabled() && is_text_field(element) && value().is_empty()
            }
            State::Valid => {
                is_field && !(is_required && is_text_field(element) && value().is_empty())
            }
            State::Defined => !(element.is_html && element.name.contains('-')),
            State::Open => {
                matches!(element.name.as_str(), "details" | "dialog") && element.has("open")
            }
        }
    }

    /// An option that is chosen, or the first of a list in which none is.
    fn is_selected(&self, node: NodeId, element: &Element) -> bool {
        let is_list = |outer: &NodeId| {
            self.tree
                .element(*outer)
                .is_some_and(|outer| outer.is("select"))
        };
        let Some(list) = self.ancestors(node).find(is_list) else {
            return element.has("selected");
        };
        let is_multiple = self
            .tree
            .element(list)
            .is_some_and(|list| list.has("multiple") || list.has("size"));
        element.has("selected") || (!is_multiple && self.before(node).next().is_none())
    }
}

fn is_text_field(element: &Element) -> bool {
    match element.name.as_str() {
        "textarea" => true,
        "input" => element.attribute("type").is_none_or(|kind| {
            !matches!(
                kind.to_ascii_lowercase().as_str(),
                "hidden"
                    | "range"
                    | "color"
                    | "checkbox"
                    | "radio"
                    | "file"
                    | "submit"
                    | "image"
                    | "reset"
                    | "button"
            )
        }),
        _ => false,
    }
}

fn has_tick(element: &Element) -> bool {
    element.is_word("type", "checkbox") || element.is_word("type", "radio")
}
