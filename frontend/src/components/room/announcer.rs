//! What reaches people who hear the page.

use leptos::html;
use leptos::prelude::*;

use crate::dom::append;

/// So many of the last words stay where they are heard, for those that come faster than they are read out.
const MAX_HEARD: u32 = 8;

/// A live region that says each new message once.
#[component]
pub fn Announcer(heard: NodeRef<html::Div>) -> impl IntoView {
    view! { <div class="visually-hidden" aria-live="polite" node_ref=heard></div> }
}

/// Lets words be heard. They are an element of their own each time: the same words in the place of the last
/// ones are no news to a screen reader.
pub fn say(heard: NodeRef<html::Div>, words: &str) {
    if let Some(region) = heard.get_untracked() {
        if region.child_element_count() >= MAX_HEARD
            && let Some(oldest) = region.first_element_child()
        {
            oldest.remove();
        }
        append(&region, "p", "", words);
    }
}
