//! JSON from the server by GET, and what is told it by POST.

use std::time::Duration;

use leptos::leptos_dom::helpers::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, Headers, RequestInit, RequestRedirect, Response};

use super::json::{self, Json};
use super::reason::REDIRECT;
use crate::dom::{after, milliseconds};

/// What the server answers.
pub struct Answer {
    /// The status; 0 when no answer came, or none that was wanted; [`REDIRECT`] for every redirect, because browsers
    /// hide which one it was.
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

/// What is sent by POST.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// The text.
    pub text: &'a str,
    /// By which the server knows it again, should it be sent twice.
    pub idempotency_key: &'a str,
}

/// Gets `path`, and hands on what the server answers.
pub fn get(path: &str, act: Act) {
    send(path, &RequestInit::new(), None, act);
}

/// Gets `path`, and hands on what the server answers within some time, or that there was no answer.
pub fn within(path: &str, patience: Duration, act: Act) {
    send(path, &RequestInit::new(), Some(patience), act);
}

/// Posts to `path`, and hands on what the server answers within some time, or that there was no answer. Other
/// than with a GET, the browser says which origin the page is of.
pub fn post(path: &str, body: Option<Body>, patience: Duration, act: Act) {
    let request = RequestInit::new();
    request.set_method("POST");
    // A browser would follow most redirects by GET, and most of them to another site, where it may read nothing.
    request.set_redirect(RequestRedirect::Manual);
    if let Some(body) = body
        && let Ok(headers) = Headers::new()
    {
        // They fail only for fields that are not valid.
        let _ = headers.set("content-type", "text/plain;charset=utf-8");
        let _ = headers.set("idempotency-key", body.idempotency_key);
        request.set_headers(&headers);
        request.set_body(&JsValue::from_str(body.text));
    }
    send(path, &request, Some(patience), act);
}

/// Gets `path`, whose content may never end, and hands on the answer; of an event stream only that it is one.
pub fn refusal(path: &str, act: Act) {
    let request = RequestInit::new();
    request.set_redirect(RequestRedirect::Manual);
    send(path, &request, Some(REFUSAL_PATIENCE), act);
}

/// The media type of event streams.
const STREAM: &str = "text/event-stream";

/// How long the server may take to say why it refuses.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(15);

fn send(path: &str, request: &RequestInit, patience: Option<Duration>, act: Act) {
    // All browsers that run this program have it.
    let Ok(controller) = AbortController::new() else {
        return;
    };
    request.set_signal(Some(&controller.signal()));
    let timer = patience.map(|patience| {
        let controller = controller.clone();
        after(milliseconds(patience), Box::new(move || controller.abort()))
    });
    let response = JsFuture::from(window().fetch_with_str_and_init(path, request));
    spawn_local(async move {
        let answer = match response.await {
            Ok(response) => read(response.unchecked_into(), &controller).await,
            Err(_) => None,
        };
        if let Some(timer) = timer {
            window().clear_timeout_with_handle(timer);
        }
        act(answer.unwrap_or(Answer {
            status: 0,
            is_event_stream: false,
            retry_after: None,
            json: json::parse(""),
        }));
    });
}

/// Reads an answer to its end; of an event stream no more than the head. `None` if it breaks off.
async fn read(response: Response, controller: &AbortController) -> Option<Answer> {
    let field = |name| response.headers().get(name).ok().flatten();
    let is_event_stream = field("content-type").is_some_and(|kind| kind.starts_with(STREAM));
    let retry_after = field("retry-after").and_then(|seconds| seconds.parse().ok());
    let text = if is_event_stream {
        controller.abort();
        String::new()
    } else {
        let text = JsFuture::from(response.text().ok()?).await.ok()?;
        text.as_string().unwrap_or_default()
    };
    Some(Answer {
        status: match response.status() {
            // Only a redirect that was not followed is an answer without a status (Fetch standard, section 2.2.6).
            0 => REDIRECT,
            status => status,
        },
        is_event_stream,
        retry_after,
        json: json::parse(&text),
    })
}
