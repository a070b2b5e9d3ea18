//! What reaches people who hear the page.

use crate::components::bind::Part;
use crate::dom::append;

/// So many of the last words stay where they are heard, for those that come faster than they are read out.
const MAX_HEARD: u32 = 8;

/// Lets words be heard. They are an element of their own each time: the same words in the place of the last
/// ones are no news to a screen reader.
pub fn say(heard: Part, words: &str) {
    if let Some(region) = heard.get() {
        if region.child_element_count() >= MAX_HEARD
            && let Some(oldest) = region.first_element_child()
        {
            oldest.remove();
        }
        append(&region, "p", "", words);
    }
}
