//! Roomcast's browser client: two programs, each with the pages that it shows.
//!
//! `main.rs` is the page of primes. `bin/roomcast-rooms.rs` is the list of rooms and the room; it has no
//! signals and no views, so that its pages load in half the time.

#![expect(
    unreachable_pub,
    reason = "the code that `#[component]` writes is public, also where nobody else can reach it"
)]
#![expect(
    missing_docs,
    reason = "the fields that `#[component]` writes for its parameters have no place for any"
)]

pub mod app;
pub mod components;
pub mod connection;
pub mod dom;
pub mod pages;
pub mod route;
pub mod store;

use wasm_bindgen::JsValue;

/// Tells the browser's console about a panic: nothing else of the page would.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&JsValue::from_str(&panic.to_string()));
    }));
}
