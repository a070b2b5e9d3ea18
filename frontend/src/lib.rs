//! Roomcast's browser client: three programs, each with the page that it shows.
//!
//! `main.rs` is the page of primes, `bin/roomcast-lobby.rs` the list of rooms, `bin/roomcast-room.rs` a
//! room: so nobody loads pictures of primes in order to talk.

#![expect(
    unreachable_pub,
    reason = "the code that `#[component]` writes is public, also where nobody else can reach it"
)]
#![expect(
    missing_docs,
    reason = "the fields that `#[component]` writes for its parameters have no place for any"
)]

pub mod app;
pub mod base_path;
pub mod components;
pub mod connection;
pub mod dom;
pub mod pages;
pub mod route;
pub mod store;

use leptos::leptos_dom::helpers::document;
use leptos::mount::mount_to;
use leptos::prelude::IntoView;
use wasm_bindgen::{JsCast, JsValue};

use dom::guard_input_methods;

/// Puts the views of a program where the document shows the same boxes until then.
pub fn start<V: IntoView + 'static>(app: fn() -> V) {
    report_panics();
    guard_input_methods();
    let Some(frame) = document().get_element_by_id("app") else {
        return;
    };
    base_path::read(&frame);
    // Both changes are in one frame: nothing is seen to move.
    frame.set_inner_html("");
    mount_to(frame.unchecked_into(), app).forget();
}

/// Tells the browser's console about a panic: nothing else of the page would.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&JsValue::from_str(&panic.to_string()));
    }));
}
