//! The properties that Chromium has, for `@supports`.

/// Their names as `CSSStyleDeclaration` of Chromium 156 has them.
const NAMES: &str = include_str!("properties.txt");

/// Whether a browser of today knows a property of this name, in lower case.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.split_ascii_whitespace().any(|known| known == name)
}
