//! Presentation attributes of SVG (SVG 2, section 6.6): properties written as attributes.

use super::declarations::Declaration;
use super::values::values;
use crate::load::page::dom::Element;
use crate::load::viewport::Viewport;

/// Those that name files. The shorthand `marker` is none. `display` is left out: Chromium loads the files of elements
/// below one that is not displayed, as it does nowhere else.
const NAMES: [&str; 9] = [
    "clip-path",
    "cursor",
    "fill",
    "filter",
    "marker-end",
    "marker-mid",
    "marker-start",
    "mask",
    "stroke",
];

/// The declarations that the presentation attributes of an element stand for.
pub(super) fn declarations(element: &Element, viewport: &Viewport) -> Vec<Declaration> {
    if element.is_html {
        return Vec::new();
    }
    let all = NAMES.iter().filter_map(|name| {
        let value = element.attribute(name)?;
        Declaration::new(name, &values(value), viewport)
    });
    // An attribute with `!important` is invalid.
    all.filter(|declaration| !declaration.is_important)
        .collect()
}
