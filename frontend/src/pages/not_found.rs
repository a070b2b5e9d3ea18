//! The page for an address that the client does not know.

use leptos::prelude::*;

use crate::base_path;
use crate::route;

/// Says that there is nothing here, and where there is something.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="error">
            <h1>"This page doesn’t exist"</h1>
            <p>"There is nothing at this address. It may be mistyped, or out of date."</p>
            <p class="actions">
                <a class="button" href=base_path::join(route::ROOMS)>"Back to the rooms"</a>
            </p>
        </main>
    }
}
