//! Declarations that decide what is loaded.

use super::fonts::{self, FontStyle};
use super::images;
use super::lengths::length;
use super::tokens::Token;
use super::values::{Value, trimmed};
use crate::load::viewport::Viewport;

/// A property that matters for loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Property {
    /// One that holds images which are loaded, by its place in [`IMAGE_PROPERTIES`].
    Image(usize),
    Content,
    Display,
    FontFamily,
    FontWeight,
    FontStyle,
    Height,
}

/// Properties whose images are loaded, after shorthands have been taken apart.
pub(super) const IMAGE_PROPERTIES: [&str; 17] = [
    "background-image",
    "border-image-source",
    "list-style-image",
    "cursor",
    "mask-image",
    "-webkit-mask-box-image-source",
    "filter",
    "backdrop-filter",
    "clip-path",
    "shape-outside",
    "-webkit-box-reflect",
    "fill",
    "stroke",
    "marker-start",
    "marker-mid",
    "marker-end",
    "mask-border-source",
];

/// The place of `list-style-image`, which is inherited.
pub(super) const LIST_STYLE_IMAGE: usize = 2;

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    /// `inherit`, or `unset` of what is inherited.
    Inherit,
    Initial,
    Images(Vec<String>),
    /// `content`: whether there is a pseudo-element, and its text.
    Content {
        exists: bool,
        text: String,
        images: Vec<String>,
    },
    Display(Display),
    Families(Vec<String>),
    Weight(f64),
    Bolder,
    Lighter,
    Style(FontStyle),
    Height(f64),
}

/// How an element is displayed, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Display {
    None,
    Inline,
    Block,
    ListItem,
    Contents,
}

/// A declaration as it stands in a style sheet.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) value: Vec<Value>,
    pub(super) is_important: bool,
    /// What it sets, if that needs no custom property.
    pub(super) settings: Option<Vec<(Property, Setting)>>,
}

impl Declaration {
    /// Reads what stands after the colon; `None` if it is invalid or does not matter here.
    pub(super) fn new(name: &str, value: &[Value], viewport: &Viewport) -> Option<Self> {
        let mut value = trimmed(value);
        let mut is_important = false;
        if let [rest @ .., bang, word] = value
            && word.is_word("important")
            && bang.is_delim('!')
        {
            (value, is_important) = (trimmed(rest), true);
        }
        let is_custom = name.starts_with("--");
        let name = if is_custom {
            name.to_owned()
        } else {
            name.to_ascii_lowercase()
        };
        let declaration = |settings| Self {
            name: name.clone(),
            value: value.to_vec(),
            is_important,
            settings,
        };
        if is_custom {
            return Some(declaration(None));
        }
        if !matters(&name) {
            return None;
        }
        if has_variable(value) {
            return Some(declaration(None));
        }
        Some(declaration(Some(settings(&name, value, viewport)?)))
    }

    pub(super) fn is_custom(&self) -> bool {
        self.name.starts_with("--")
    }
}

fn has_variable(value: &[Value]) -> bool {
    value.iter().any(|value| match value {
        Value::Function(name, inner) => name == "var" || has_variable(inner),
        Value::Block(_, inner) => has_variable(inner),
        Value::Token(_) => false,
    })
}

/// Properties that shorthands and aliases stand for, by their places in [`IMAGE_PROPERTIES`].
fn image_property(name: &str) -> Option<usize> {
    let name = match name {
        "background" => "background-image",
        "border-image" | "-webkit-border-image" => "border-image-source",
        "list-style" => "list-style-image",
        "mask" | "-webkit-mask" | "-webkit-mask-image" => "mask-image",
        "-webkit-mask-box-image" => "-webkit-mask-box-image-source",
        "-webkit-filter" => "filter",
        "-webkit-clip-path" => "clip-path",
        "-webkit-shape-outside" => "shape-outside",
        "mask-border" => "mask-border-source",
        other => other,
    };
    IMAGE_PROPERTIES.iter().position(|own| *own == name)
}

fn matters(name: &str) -> bool {
    image_property(name).is_some()
        || matches!(
            name,
            "content"
                | "display"
                | "font"
                | "font-family"
                | "font-weight"
                | "font-style"
                | "height"
                | "min-height"
                | "all"
                | "marker"
        )
}

/// What a declaration sets; `None` if its value is invalid.
pub(super) fn settings(
    name: &str,
    value: &[Value],
    viewport: &Viewport,
) -> Option<Vec<(Property, Setting)>> {
    let properties: Vec<Property> = match name {
        "font" => vec![
            Property::FontFamily,
            Property::FontWeight,
            Property::FontStyle,
        ],
        "font-family" => vec![Property::FontFamily],
        "font-weight" => vec![Property::FontWeight],
        "font-style" => vec![Property::FontStyle],
        "content" => vec![Property::Content],
        "display" => vec![Property::Display],
        "height" | "min-height" => vec![Property::Height],
        "marker" => (13..16).map(Property::Image).collect(),
        "all" => (0..IMAGE_PROPERTIES.len())
            .map(Property::Image)
            .chain([
                Property::Display,
                Property::FontFamily,
                Property::FontWeight,
                Property::FontStyle,
            ])
            .collect(),
        _ => vec![Property::Image(image_property(name)?)],
    };
    if let [word] = value
        && let Some(word) = word.ident()
        && let Some(keyword) = keyword(&word.to_ascii_lowercase(), &properties)
    {
        let set = |property| (property, keyword.clone());
        return Some(properties.into_iter().map(set).collect());
    }
    let setting = match properties[0] {
        _ if name == "all" => return None,
        Property::Image(_) if name == "cursor" => {
            Setting::Images(images::all(value, viewport.density)?)
        }
        Property::Image(_) => Setting::Images(images::layers(value, viewport.density)?),
        Property::Content => content(value, viewport)?,
        Property::Display => Setting::Display(display(value)?),
        Property::Height => match value {
            [one] => Setting::Height(length(one, viewport).unwrap_or_default()),
            _ => return None,
        },
        _ if name == "font" => return fonts::shorthand(value),
        Property::FontFamily => Setting::Families(fonts::families(value)?),
        Property::FontWeight => fonts::weight(trimmed(value).first()?)?,
        Property::FontStyle => Setting::Style(fonts::style(value)?),
    };
    Some(
        properties
            .into_iter()
            .map(|property| (property, setting.clone()))
            .collect(),
    )
}

/// Words that every property takes.
fn keyword(word: &str, properties: &[Property]) -> Option<Setting> {
    let is_inherited = properties.iter().all(|property| {
        matches!(
            property,
            Property::FontFamily
                | Property::FontWeight
                | Property::FontStyle
                | Property::Image(LIST_STYLE_IMAGE)
        )
    });
    match word {
        "inherit" => Some(Setting::Inherit),
        "initial" => Some(Setting::Initial),
        "unset" | "revert" | "revert-layer" => Some(if is_inherited {
            Setting::Inherit
        } else {
            Setting::Initial
        }),
        _ => None,
    }
}

fn content(value: &[Value], viewport: &Viewport) -> Option<Setting> {
    let exists = !value
        .iter()
        .any(|one| one.is_word("none") || one.is_word("normal"));
    let mut text = String::new();
    for one in value {
        match one {
            Value::Token(Token::String(own)) => text.push_str(own),
            // Its text is not known; some letter stands for it.
            Value::Function(name, _)
                if matches!(name.as_str(), "attr" | "counter" | "counters") =>
            {
                text.push('0');
            }
            _ => {}
        }
    }
    Some(Setting::Content {
        exists,
        text,
        images: images::all(value, viewport.density)?,
    })
}

fn display(value: &[Value]) -> Option<Display> {
    let words: Vec<String> = value
        .iter()
        .filter_map(|one| one.ident().map(str::to_ascii_lowercase))
        .collect();
    let has = |word: &str| words.iter().any(|own| own == word);
    let first = words.first()?;
    Some(match first.as_str() {
        _ if has("none") => Display::None,
        _ if has("contents") => Display::Contents,
        _ if has("list-item") => Display::ListItem,
        "inline" if !has("flow-root") && words.len() == 1 => Display::Inline,
        other if super::supports::is_display(other) => Display::Block,
        _ => return None,
    })
}
