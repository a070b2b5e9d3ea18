//! Roomcast's browser client.

#![expect(
    unreachable_pub,
    reason = "the code that `#[component]` writes is public, here where nobody else can reach it"
)]

mod app;
mod components;
mod connection;
mod dom;
mod pages;
mod route;
mod store;

use leptos::leptos_dom::helpers::document;
use leptos::mount::mount_to;
use wasm_bindgen::{JsCast, JsValue};

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&JsValue::from_str(&panic.to_string()));
    }));
    let Some(frame) = document().get_element_by_id("app") else {
        return;
    };
    // What stands in the document shows the same until here; both changes are in one frame.
    frame.set_inner_html("");
    mount_to(frame.unchecked_into(), app::App).forget();
}
