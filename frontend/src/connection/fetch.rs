//! JSON from the server by GET, and what is told it by POST.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::XmlHttpRequest;

use super::json::{self, Json};
use crate::dom::{after, listener, once};

/// What the server answers.
pub struct Answer {
    /// The status; 0 when no answer came, or none that was wanted.
    pub status: u16,
    /// It is an event stream, of which no more than the head was read.
    pub is_event_stream: bool,
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
        send(&request, "GET", path, None, act);
    }
}

/// Gets `path`, and hands on what the server answers within some time, or that there was no answer.
pub fn within(path: &str, patience: Duration, act: Act) {
    if let Ok(request) = XmlHttpRequest::new() {
        set_patience(&request, patience);
        send(&request, "GET", path, None, act);
    }
}

/// What is sent by POST.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// The text.
    pub text: &'a str,
    /// By which the server knows it again, should it be sent twice.
    pub idempotency_key: &'a str,
}

/// Posts to `path`, and hands on what the server answers within some time, or that there was no answer. Other
/// than with a GET, the browser says which origin the page is of.
pub fn post(path: &str, body: Option<Body>, patience: Duration, act: Act) {
    if let Ok(request) = XmlHttpRequest::new() {
        set_patience(&request, patience);
        send(&request, "POST", path, body, act);
    }
}

/// Gets `path`, whose content may never end, and hands on the answer; of an event stream only that it is one.
pub fn refusal(path: &str, act: Act) {
    let Ok(request) = XmlHttpRequest::new() else {
        return;
    };
    let is_event_stream = Rc::new(Cell::new(false));
    let (answered, seen) = (request.clone(), is_event_stream.clone());
    let head = listener(Box::new(move |_| {
        let is_head = answered.ready_state() == XmlHttpRequest::HEADERS_RECEIVED;
        if is_head && field(&answered, "content-type").is_some_and(|kind| kind.starts_with(STREAM))
        {
            seen.set(true);
            let answered = answered.clone();
            // Not from here: it calls this very listener, which is busy. It fails only for requests that
            // were not sent.
            after(0, Box::new(move || drop(answered.abort())));
        }
    }));
    request.set_onreadystatechange(Some(head.as_ref().unchecked_ref()));
    set_patience(&request, REFUSAL_PATIENCE);
    let act = move |answer: Answer| {
        drop(head);
        act(Answer {
            is_event_stream: is_event_stream.get(),
            ..answer
        });
    };
    send(&request, "GET", path, None, Box::new(act));
}

/// The media type of event streams.
const STREAM: &str = "text/event-stream";

/// How long the server may take to say why it refuses.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(15);

fn set_patience(request: &XmlHttpRequest, patience: Duration) {
    request.set_timeout(u32::try_from(patience.as_millis()).unwrap_or(u32::MAX));
}

fn field(answered: &XmlHttpRequest, name: &str) -> Option<String> {
    answered.get_response_header(name).ok().flatten()
}

fn send(request: &XmlHttpRequest, method: &str, path: &str, body: Option<Body>, act: Act) {
    let answered = request.clone();
    let end = once(Box::new(move || {
        let text = answered.response_text().ok().flatten().unwrap_or_default();
        act(Answer {
            status: answered.status().unwrap_or(0),
            is_event_stream: false,
            retry_after: field(&answered, "retry-after").and_then(|seconds| seconds.parse().ok()),
            json: json::parse(&text),
        });
    }));
    // The end comes once, whatever the answer: pages that ask again and again for days keep nothing of it.
    request.set_onloadend(Some(&end));
    // Opening fails only for addresses that are not valid; sending, when it was not opened.
    let _ = request.open(method, path);
    let _ = match body {
        Some(Body {
            text,
            idempotency_key,
        }) => {
            // They fail only for fields that are not valid.
            let _ = request.set_request_header("content-type", "text/plain;charset=utf-8");
            let _ = request.set_request_header("idempotency-key", idempotency_key);
            request.send_with_opt_str(Some(text))
        }
        None => request.send(),
    };
}
