//! The top of every page: the name and the navigation.

use leptos::prelude::*;

use crate::base_path;
use crate::route::{self, Route};

/// Name and navigation. Its twin in `index.html` shows until the client runs.
#[component]
pub fn Header(here: Route) -> impl IntoView {
    let links = route::PAGES.map(|(page, path, name)| {
        let current = match here {
            Route::Room if page == Route::Rooms => Some("true"),
            _ => (page == here).then_some("page"),
        };
        view! { <a href=base_path::join(path) aria-current=current>{name}</a> }
    });
    view! {
        <header class="frame-header">
            <a class="brand" href=base_path::join(route::PRIMES) translate="no">
                <span class="brand-mark" aria-hidden="true"></span>
                "Roomcast"
            </a>
            <nav aria-label="Pages">{links.collect_view()}</nav>
        </header>
    }
}
