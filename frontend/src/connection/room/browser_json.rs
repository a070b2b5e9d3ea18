//! JSON as the browser parses it.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::decode::Json;

/// The largest whole number that a JavaScript number counts without holes, 2^53 − 1.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

impl Json for JsValue {
    fn field(&self, name: &str) -> Self {
        // What is no object has no fields.
        Reflect::get(self, &Self::from_str(name)).unwrap_or(Self::UNDEFINED)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is in the range, and what is behind its point is to be cut off"
    )]
    fn number(&self) -> Option<u64> {
        self.as_f64()
            .filter(|number| (0.0..=MAX_WHOLE).contains(number))
            .map(|number| number as u64)
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn items(&self) -> Vec<Self> {
        self.dyn_ref::<Array>()
            .map(|array| (0..array.length()).map(|index| array.get(index)).collect())
            .unwrap_or_default()
    }
}
