//! How elements are displayed before any style sheet: the browser's own, as far as it matters.

use super::declarations::Display;
use crate::load::page::dom::Element;

/// Elements that are not displayed.
const HIDDEN: [&str; 19] = [
    "area", "base", "basefont", "datalist", "head", "link", "meta", "noembed", "noframes", "param",
    "rp", "script", "source", "style", "template", "title", "track", "frame", "frameset",
];

/// Elements that stand in lines; all others are blocks, or nobody can tell.
const INLINE: [&str; 62] = [
    "a",
    "abbr",
    "acronym",
    "applet",
    "audio",
    "b",
    "bdi",
    "bdo",
    "big",
    "br",
    "button",
    "canvas",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "embed",
    "font",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "map",
    "mark",
    "math",
    "meter",
    "nobr",
    "noscript",
    "object",
    "output",
    "picture",
    "progress",
    "q",
    "rt",
    "ruby",
    "s",
    "samp",
    "select",
    "selectedcontent",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "svg",
    "textarea",
    "time",
    "tt",
    "u",
    "var",
    "video",
    "wbr",
    "image",
    "text",
    "tspan",
    "use",
];

/// Elements whose content a browser does not display, as it has something else in its place.
const REPLACED: [&str; 7] = [
    "audio", "canvas", "embed", "iframe", "img", "input", "video",
];

pub(super) fn display(element: &Element) -> Display {
    let name = element.name.as_str();
    if !element.is_html {
        return if name == "style" || name == "script" {
            Display::None
        } else {
            Display::Inline
        };
    }
    let is_hidden = HIDDEN.contains(&name)
        || (element.has("hidden") && !element.is_word("hidden", "until-found") && name != "embed")
        || (name == "dialog" && !element.has("open"))
        || (name == "audio" && !element.has("controls"))
        || (name == "input" && element.is_word("type", "hidden"))
        || element.has("popover");
    if is_hidden {
        return Display::None;
    }
    match name {
        "li" | "summary" => Display::ListItem,
        name if INLINE.contains(&name) || name.contains('-') => Display::Inline,
        _ => Display::Block,
    }
}

/// Whether the content of an element is not displayed.
pub(super) fn is_replaced(element: &Element) -> bool {
    element.is_html && REPLACED.contains(&element.name.as_str())
}

/// Whether the font is bold.
pub(super) fn is_bold(element: &Element) -> bool {
    element.is_html
        && matches!(
            element.name.as_str(),
            "b" | "strong" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
        )
}

/// Whether the font is italic.
pub(super) fn is_italic(element: &Element) -> bool {
    element.is_html
        && matches!(
            element.name.as_str(),
            "i" | "em" | "cite" | "dfn" | "var" | "address"
        )
}

/// The font family that an element has instead of that around it.
pub(super) fn family(element: &Element) -> Option<&'static str> {
    if !element.is_html {
        return None;
    }
    match element.name.as_str() {
        "code" | "kbd" | "samp" | "pre" | "tt" | "textarea" | "listing" | "xmp" | "plaintext" => {
            Some("monospace")
        }
        "input" | "select" | "button" | "optgroup" => Some("system-ui"),
        _ => None,
    }
}

/// The text that a form field shows.
pub(super) fn field_text(element: &Element) -> Option<String> {
    let text = || {
        let value = element.attribute("value").filter(|value| !value.is_empty());
        value
            .or_else(|| element.attribute("placeholder"))
            .unwrap_or_default()
    };
    (element.is("input")
        && !matches!(
            element.attribute("type"),
            Some("image" | "checkbox" | "radio" | "hidden")
        ))
    .then(|| format!(" {}", text()))
}
