//! What the pictures share: a canvas in the colours of the page.

use leptos::html;
use leptos::leptos_dom::helpers::window;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The style sheet's colour for what is drawn.
pub const INK: &str = "--picture";

/// The style sheet's colour for what is newest.
pub const ACCENT: &str = "--accent";

/// A canvas as one draws on it.
pub struct Brush {
    context: CanvasRenderingContext2d,
    element: HtmlCanvasElement,
}

impl Brush {
    /// The brush of a canvas that is on the page.
    pub fn of(canvas: NodeRef<html::Canvas>) -> Option<Self> {
        let element = canvas.get()?;
        let context = element.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { context, element })
    }

    /// Width and height in pixels of the canvas.
    pub fn size(&self) -> (f64, f64) {
        (
            f64::from(self.element.width()),
            f64::from(self.element.height()),
        )
    }

    /// Wipes everything.
    pub fn clear(&self) {
        let (width, height) = self.size();
        self.context.clear_rect(0.0, 0.0, width, height);
    }

    /// Takes the colour that the style sheet gives this property now.
    pub fn take(&self, property: &str) {
        let colour = window()
            .get_computed_style(&self.element)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value(property).ok());
        if let Some(colour) = colour {
            self.context.set_fill_style_str(colour.trim());
        }
    }

    /// Fills a rectangle.
    pub fn fill(&self, left: f64, top: f64, width: f64, height: f64) {
        self.context.fill_rect(left, top, width, height);
    }
}

/// A number that changes when the page goes from light to dark or back.
///
/// For once in the life of a document: it listens until the end.
pub fn colour_scheme() -> ReadSignal<u64> {
    let changes = RwSignal::new(0);
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let listener = Closure::<dyn FnMut()>::new(move || {
            changes.try_update(|changes| *changes += 1);
        });
        query.set_onchange(Some(listener.as_ref().unchecked_ref()));
        // The browser keeps the query only as long as somebody refers to it.
        std::mem::forget(query);
        listener.forget();
    }
    changes.read_only()
}
