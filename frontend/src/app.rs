//! The frame around all pages.

use leptos::either::Either;
use leptos::leptos_dom::helpers::location_pathname;
use leptos::prelude::*;

use crate::components::header::Header;
use crate::pages::not_found::NotFound;
use crate::pages::primes::PrimesPage;
use crate::route::Route;

/// The page at the document's address.
///
/// A link to another page loads the document anew, from the browser's cache. `leptos_router` would
/// spare that, and costs more than half of what the first load may weigh.
#[component]
pub fn App() -> impl IntoView {
    let here = Route::at(&location_pathname().unwrap_or_default());
    let page = match here {
        Route::Primes => Either::Left(view! { <PrimesPage /> }),
        // Rooms are shown by a program of their own.
        Route::Rooms | Route::Room | Route::NotFound => Either::Right(view! { <NotFound /> }),
    };
    view! {
        <Header here />
        {page}
    }
}
