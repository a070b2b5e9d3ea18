//! JSON from the server by GET.

use wasm_bindgen::JsValue;
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use crate::dom::listen;

/// Gets `path`, and hands on the status and the JSON; 0 and null when no answer came.
///
/// An `XMLHttpRequest` parses by itself and needs one listener, where `fetch` needs three futures.
pub fn get_json(path: &str, act: Box<dyn Fn(u16, JsValue)>) {
    let Ok(request) = XmlHttpRequest::new() else {
        return;
    };
    request.set_response_type(XmlHttpRequestResponseType::Json);
    let answered = request.clone();
    listen(
        &request,
        "loadend",
        Box::new(move |_| {
            act(
                answered.status().unwrap_or(0),
                answered.response().unwrap_or(JsValue::NULL),
            );
        }),
    );
    // Opening fails only for addresses that are not valid; sending, when it was not opened.
    let _ = request.open("GET", path);
    let _ = request.send();
}
