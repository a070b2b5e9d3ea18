//! Text that changes, written through its element.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::Element;

/// Computes a text that changes. All of them are one type, so that its code is loaded once.
pub type Words = Arc<dyn Fn() -> String + Send + Sync>;

/// Boxes a function as [`Words`].
pub fn words(text: impl Fn() -> String + Send + Sync + 'static) -> Words {
    Arc::new(text)
}

/// Keeps the text of an element at what `words` returns. Used as a directive: `<p use:live_text=words></p>`.
///
/// A reactive child (`{words}`) would write to a text node that it keeps. Browsers that translate a page
/// replace its text nodes, so such a child would freeze. Unchanged text is not written again, because that
/// would undo a translation.
pub fn live_text(element: Element, words: Words) {
    let first = untrack(|| words());
    element.set_text_content(Some(&first));
    Effect::new(move |before: Option<String>| {
        let text = words();
        if before.as_ref().unwrap_or(&first) != &text {
            element.set_text_content(Some(&text));
        }
        text
    });
}
