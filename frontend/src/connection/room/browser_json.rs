//! JSON as the browser has parsed it, for [`decode`](super::decode).

use wasm_bindgen::JsValue;

use super::decode::Json;
use crate::connection::json;

impl Json for JsValue {
    fn field(&self, name: &str) -> Self {
        json::field(self, name)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<u64> {
        json::whole(self)
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn items(&self) -> Vec<Self> {
        json::items(self)
    }
}
