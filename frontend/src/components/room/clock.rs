//! Moments in the words of the person's language and region, by the browser's `Intl`.

use js_sys::Intl::DateTimeFormat;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::store::room::day;
use crate::store::room::incoming::Message;

/// Writes times and days.
pub struct Clock {
    time: DateTimeFormat,
    day: DateTimeFormat,
}

impl Clock {
    /// A clock where the page is read.
    pub fn new() -> Self {
        Self {
            time: format(&[("hour", "numeric"), ("minute", "2-digit")]),
            day: format(&[
                ("weekday", "long"),
                ("day", "numeric"),
                ("month", "long"),
                ("year", "numeric"),
            ]),
        }
    }

    /// Hour and minute of a message.
    pub fn time(&self, message: &Message) -> String {
        write(&self.time, message.time)
    }

    /// The day of a message; `today` counts as [`Message::day`].
    pub fn day(&self, message: &Message, today: i64) -> String {
        day::word(message.day, today).map_or_else(|| write(&self.day, message.time), str::to_owned)
    }
}

fn format(options: &[(&str, &str)]) -> DateTimeFormat {
    let object = Object::new();
    for (name, value) in options {
        // Setting a field of a plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    DateTimeFormat::new(&Array::new(), &object)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are far below 2^53"
)]
fn write(format: &DateTimeFormat, milliseconds: u64) -> String {
    let moment = JsValue::from_f64(milliseconds as f64);
    let text = format.format().call1(&JsValue::UNDEFINED, &moment);
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}
