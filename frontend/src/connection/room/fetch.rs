//! JSON from the server by GET.

use wasm_bindgen::JsValue;
use web_sys::XmlHttpRequest;

use crate::connection::json::{self, Json};
use crate::dom::{after, listen};

/// What the server answers.
pub struct Answer {
    /// The status; 0 when no answer came, or none that was wanted.
    pub status: u16,
    /// After how many seconds it is worth while to ask again, if it says so.
    pub retry_after: Option<u64>,
    /// The JSON; undefined when no answer came.
    pub json: Json<JsValue>,
}

/// Takes the answer.
pub type Act = Box<dyn Fn(Answer)>;

/// Gets `path`, and hands on what the server answers.
///
/// An `XMLHttpRequest` needs one listener, where `fetch` needs three futures.
pub fn get(path: &str, act: Act) {
    if let Some(request) = request(act) {
        send(&request, path);
    }
}

/// Gets `path`, whose content may never end, and hands on the answer if it is a refusal.
pub fn refusal(path: &str, act: Act) {
    let Some(request) = request(act) else {
        return;
    };
    let answered = request.clone();
    listen(
        &request,
        "readystatechange",
        Box::new(move |_| {
            let is_head = answered.ready_state() == XmlHttpRequest::HEADERS_RECEIVED;
            if is_head && answered.status() == Ok(200) {
                let answered = answered.clone();
                // Not from here: it calls this very listener, which is busy. It fails only for requests that
                // were not sent.
                after(0, Box::new(move || drop(answered.abort())));
            }
        }),
    );
    send(&request, path);
}

fn request(act: Act) -> Option<XmlHttpRequest> {
    let request = XmlHttpRequest::new().ok()?;
    let answered = request.clone();
    listen(
        &request,
        "loadend",
        Box::new(move |_| {
            let retry_after = answered.get_response_header("retry-after").ok().flatten();
            let text = answered.response_text().ok().flatten().unwrap_or_default();
            act(Answer {
                status: answered.status().unwrap_or(0),
                retry_after: retry_after.and_then(|seconds| seconds.parse().ok()),
                json: json::parse(&text),
            });
        }),
    );
    Some(request)
}

fn send(request: &XmlHttpRequest, path: &str) {
    // Opening fails only for addresses that are not valid; sending, when it was not opened.
    let _ = request.open("GET", path);
    let _ = request.send();
}
