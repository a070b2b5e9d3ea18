//! Days where the page is read.

use wasm_bindgen::JsValue;

use crate::dom::now_milliseconds;

/// Today, in days since 1970.
pub fn local_day_now() -> i64 {
    local_day(now_milliseconds())
}

/// The day of a moment, in days since 1970.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "both are whole numbers far below 2^53"
)]
pub fn local_day(milliseconds: u64) -> i64 {
    let moment = js_sys::Date::new(&JsValue::from_f64(milliseconds as f64));
    let minutes_behind = moment.get_timezone_offset() as i64;
    (milliseconds as i64 - minutes_behind * 60_000).div_euclid(86_400_000)
}
