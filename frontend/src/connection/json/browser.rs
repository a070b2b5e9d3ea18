//! JSON as the browser has parsed it.

use js_sys::{Array, JSON, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::{Json, Mismatch, Value};

/// What a text says; undefined, which nothing is read from, where it is no JSON.
pub fn parse(text: &str) -> Json<JsValue> {
    Json(JSON::parse(text).unwrap_or(JsValue::UNDEFINED))
}

/// Reads a text. None where it is something else.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(parse(text)).ok()
}

impl Value for JsValue {
    fn field(&self, name: &str) -> Result<Option<Self>, Mismatch> {
        let value = Reflect::get(self, &Self::from_str(name)).map_err(|_| Mismatch)?;
        Ok((!value.is_undefined()).then_some(value))
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.dyn_ref::<Array>().map(Array::to_vec)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        Self::is_null(self)
    }
}
