//! Code that is wider than the list of messages.

use web_sys::HtmlElement;

use crate::dom::set;

/// Puts code that is wider than the list where the keyboard can scroll it (WCAG 2.1.1), and no other code.
pub fn make_wide_code_reachable(rows: &HtmlElement) {
    let blocks = rows.get_elements_by_tag_name("pre");
    for block in (0..blocks.length()).filter_map(|place| blocks.item(place)) {
        if block.scroll_width() > block.client_width() {
            for (name, value) in [("tabindex", "0"), ("role", "group"), ("aria-label", "Code")] {
                set(&block, name, value);
            }
        } else {
            for name in ["tabindex", "role", "aria-label"] {
                // It fails for no name.
                let _ = block.remove_attribute(name);
            }
        }
    }
}
