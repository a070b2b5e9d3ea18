//! The frame around all pages, and which page each program shows in it.
//!
//! A link to another page loads the document anew, and with it a program that has just that page.
//! `leptos_router` would spare that, and costs more than half of what the first load may weigh.

use leptos::either::Either;
use leptos::leptos_dom::helpers::location_pathname;
use leptos::prelude::*;

use crate::base_path;
use crate::components::header::Header;
use crate::pages::not_found::NotFound;
use crate::pages::primes::PrimesPage;
use crate::pages::room::RoomPage;
use crate::pages::rooms::RoomsPage;
use crate::route::Route;

/// The page of primes, or the one for what is not there.
#[component]
pub fn App() -> impl IntoView {
    let path = location_pathname().unwrap_or_default();
    let here = Route::at(base_path::strip(&path));
    let page = match here {
        Route::Primes => Either::Left(view! { <PrimesPage /> }),
        Route::Rooms | Route::Room | Route::NotFound => Either::Right(view! { <NotFound /> }),
    };
    view! {
        <Header here />
        {page}
    }
}

/// The list of rooms.
#[component]
pub fn LobbyApp() -> impl IntoView {
    view! {
        <Header here=Route::Rooms />
        <RoomsPage />
    }
}

/// A room.
#[component]
pub fn RoomApp() -> impl IntoView {
    view! {
        <Header here=Route::Room />
        <RoomPage />
    }
}
