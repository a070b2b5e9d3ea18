//! The page for an address that the client does not know.

use leptos::prelude::*;

use crate::route;

/// Says that there is nothing here, and where there is something.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="not-found">
            <h1>"There is no page here"</h1>
            <p>
                "The address may be mistyped, or the page may have moved. "
                <a href=route::PRIMES>"Go to the primes"</a>"."
            </p>
        </main>
    }
}
