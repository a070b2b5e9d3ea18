//! JSON from the server by GET.

use wasm_bindgen::JsValue;
use web_sys::XmlHttpRequest;

use crate::connection::json::{self, Json};
use crate::dom::listen;

/// Gets `path`, and hands on the status and the JSON; 0 and undefined when no answer came.
///
/// An `XMLHttpRequest` needs one listener, where `fetch` needs three futures.
pub fn get(path: &str, act: Box<dyn Fn(u16, Json<JsValue>)>) {
    let Ok(request) = XmlHttpRequest::new() else {
        return;
    };
    let answered = request.clone();
    listen(
        &request,
        "loadend",
        Box::new(move |_| {
            let text = answered.response_text().ok().flatten().unwrap_or_default();
            act(answered.status().unwrap_or(0), json::parse(&text));
        }),
    );
    // Opening fails only for addresses that are not valid; sending, when it was not opened.
    let _ = request.open("GET", path);
    let _ = request.send();
}
