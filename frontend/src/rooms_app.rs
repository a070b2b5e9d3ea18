//! The frame around the pages of rooms.

use leptos::either::Either;
use leptos::leptos_dom::helpers::location_pathname;
use leptos::prelude::*;

use crate::components::header::Header;
use crate::pages::room::RoomPage;
use crate::pages::rooms::RoomsPage;
use crate::route::Route;

/// The list of rooms or a room, by the document's address. The program is started for these two only.
#[component]
pub fn RoomsApp() -> impl IntoView {
    let here = Route::at(&location_pathname().unwrap_or_default());
    let page = match here {
        Route::Room => Either::Left(view! { <RoomPage /> }),
        _ => Either::Right(view! { <RoomsPage /> }),
    };
    view! {
        <Header here />
        {page}
    }
}
