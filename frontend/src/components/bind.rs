//! Keeps elements of a page as signals have it. A `view!` would do the same, but its code is loaded again for each
//! combination of elements and attributes.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::live_text::{Words, words};
use crate::dom::set;

/// Computes whether something is so, which changes.
pub type Flag = Box<dyn Fn() -> bool>;

/// An element, once it is on the page. Copies of it are the same one.
#[derive(Clone, Copy)]
pub struct Part(StoredValue<Option<HtmlElement>, LocalStorage>);

impl Default for Part {
    /// Creates a part that is not on the page yet.
    fn default() -> Self {
        Self(StoredValue::new_local(None))
    }
}

impl Part {
    /// Takes in the element.
    pub fn set(self, element: HtmlElement) {
        self.0.set_value(Some(element));
    }

    /// Returns the element, if it is on the page.
    pub fn get(self) -> Option<HtmlElement> {
        self.0.get_value()
    }
}

/// Acts soon, and again after each change of a signal that it reads, for as long as the owner is there.
pub fn effect(mut act: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| act());
}

/// Returns the first element in `root` that a selector finds. There must be one.
pub fn part(root: &Element, selector: &str) -> HtmlElement {
    let found = root.query_selector(selector).ok().flatten();
    found
        .unwrap_or_else(|| unreachable!("the page has all parts that are asked for"))
        .unchecked_into()
}

/// Keeps the text of an element at what `words` returns. Unchanged text is not written again, because that would
/// undo a translation.
pub fn keep_text(element: Element, words: Words) {
    keep(
        words,
        Box::new(move |text| element.set_text_content(Some(text))),
    );
}

/// Keeps an attribute of an element at what `words` returns.
pub fn keep_attribute(element: HtmlElement, name: &'static str, words: Words) {
    keep(words, Box::new(move |text| set(&element, name, text)));
}

/// Keeps a property of an element's style at what `words` returns.
pub fn keep_style(element: HtmlElement, name: &'static str, words: Words) {
    let write = move |text: &str| {
        // It fails only in a style that cannot be changed.
        let _ = element.style().set_property(name, text);
    };
    keep(words, Box::new(write));
}

fn keep(words: Words, write: Box<dyn Fn(&str)>) {
    let mut shown = untrack(|| words());
    write(&shown);
    effect(Box::new(move || {
        let text = words();
        if shown != text {
            write(&text);
            shown = text;
        }
    }));
}

/// Keeps an attribute without a value, such as `hidden`, there or not.
pub fn keep_flag(element: HtmlElement, name: &'static str, is_set: Flag) {
    let write = move |is_set| {
        // It fails only for invalid names.
        let _ = element.toggle_attribute_with_force(name, is_set);
    };
    let mut shown = untrack(&is_set);
    write(shown);
    effect(Box::new(move || {
        let is_set = is_set();
        if shown != is_set {
            write(is_set);
            shown = is_set;
        }
    }));
}

/// Words for an attribute that is `true` or `false`.
pub fn truth(signal: RwSignal<bool>) -> Words {
    words(move || if signal.get() { "true" } else { "false" }.to_owned())
}
