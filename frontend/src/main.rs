//! The page of primes, and the page for what is not there.

use leptos::leptos_dom::helpers::document;
use leptos::mount::mount_to;
use roomcast_frontend::{app, report_panics};
use wasm_bindgen::JsCast;

fn main() {
    report_panics();
    let Some(frame) = document().get_element_by_id("app") else {
        return;
    };
    // What stands in the document shows the same until here; both changes are in one frame.
    frame.set_inner_html("");
    mount_to(frame.unchecked_into(), app::App).forget();
}
