//! JSON as the browser has parsed it.
//!
//! The browser has a parser; a second one, made for each of our types, would be a large part of the
//! client.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The largest whole number that a JavaScript number counts without holes, 2^53 − 1.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// The field of an object; `undefined` where there is none.
pub fn field(json: &JsValue, name: &str) -> JsValue {
    // What is no object has no fields.
    Reflect::get(json, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// The items of an array; none of anything else.
pub fn items(json: &JsValue) -> Vec<JsValue> {
    json.dyn_ref::<Array>()
        .map(Array::to_vec)
        .unwrap_or_default()
}

/// A whole number that a client can count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is in the range, and what is behind its point is to be cut off"
)]
pub fn whole(json: &JsValue) -> Option<u64> {
    json.as_f64()
        .filter(|number| (0.0..=MAX_WHOLE).contains(number))
        .map(|number| number as u64)
}
