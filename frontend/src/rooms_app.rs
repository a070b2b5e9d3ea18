//! The frame around the pages of rooms.

use leptos::prelude::*;

use crate::components::header::Header;
use crate::pages::rooms::RoomsPage;
use crate::route::Route;

/// The list of rooms.
#[component]
pub fn RoomsApp() -> impl IntoView {
    view! {
        <Header here=Route::Rooms />
        <RoomsPage />
    }
}
