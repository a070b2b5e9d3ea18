//! The frame around all pages.

use leptos::either::EitherOf3;
use leptos::leptos_dom::helpers::location_pathname;
use leptos::prelude::*;

use crate::components::header::Header;
use crate::pages::not_found::NotFound;
use crate::pages::primes::PrimesPage;
use crate::pages::room::RoomPage;
use crate::route::Route;

/// The whole client: the page at the document's address.
///
/// A link to another page loads the document anew, from the browser's cache. `leptos_router` would
/// spare that, and costs more than half of what the first load may weigh.
#[component]
pub fn App() -> impl IntoView {
    let here = Route::at(&location_pathname().unwrap_or_default());
    let page = match here {
        Route::Primes => EitherOf3::A(view! { <PrimesPage /> }),
        Route::Room => EitherOf3::B(view! { <RoomPage /> }),
        Route::NotFound => EitherOf3::C(view! { <NotFound /> }),
    };
    view! {
        <Header here />
        {page}
    }
}
