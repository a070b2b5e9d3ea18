//! JSON from the server by GET.

use std::time::Duration;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::XmlHttpRequest;

use super::json::{self, Json};
use crate::dom::{after, listener, once};

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
pub type Act = Box<dyn FnOnce(Answer)>;

/// Gets `path`, and hands on what the server answers.
///
/// An `XMLHttpRequest` needs one listener, where `fetch` needs three futures.
pub fn get(path: &str, act: Act) {
    if let Ok(request) = XmlHttpRequest::new() {
        send(&request, path, act);
    }
}

/// Gets `path`, and hands on what the server answers within some time, or that there was no answer.
pub fn within(path: &str, patience: Duration, act: Act) {
    if let Ok(request) = XmlHttpRequest::new() {
        request.set_timeout(u32::try_from(patience.as_millis()).unwrap_or(u32::MAX));
        send(&request, path, act);
    }
}

/// Gets `path`, whose content may never end, and hands on the answer if it is a refusal.
pub fn refusal(path: &str, act: Act) {
    let Ok(request) = XmlHttpRequest::new() else {
        return;
    };
    let answered = request.clone();
    let head = listener(Box::new(move |_| {
        let is_head = answered.ready_state() == XmlHttpRequest::HEADERS_RECEIVED;
        if is_head && answered.status() == Ok(200) {
            let answered = answered.clone();
            // Not from here: it calls this very listener, which is busy. It fails only for requests that
            // were not sent.
            after(0, Box::new(move || drop(answered.abort())));
        }
    }));
    request.set_onreadystatechange(Some(head.as_ref().unchecked_ref()));
    let act = move |answer| {
        drop(head);
        act(answer);
    };
    send(&request, path, Box::new(act));
}

fn send(request: &XmlHttpRequest, path: &str, act: Act) {
    let answered = request.clone();
    let end = once(Box::new(move || {
        let retry_after = answered.get_response_header("retry-after").ok().flatten();
        let text = answered.response_text().ok().flatten().unwrap_or_default();
        act(Answer {
            status: answered.status().unwrap_or(0),
            retry_after: retry_after.and_then(|seconds| seconds.parse().ok()),
            json: json::parse(&text),
        });
    }));
    // The end comes once, whatever the answer: pages that ask again and again for days keep nothing of it.
    request.set_onloadend(Some(&end));
    // Opening fails only for addresses that are not valid; sending, when it was not opened.
    let _ = request.open("GET", path);
    let _ = request.send();
}
