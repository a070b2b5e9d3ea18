//! The list of rooms, and a room.

use leptos::leptos_dom::helpers::{document, location_pathname};
use roomcast_frontend::dom::set;
use roomcast_frontend::route::{ROOMS, Route};
use roomcast_frontend::{pages, report_panics};

/// What the document shows is the page; this brings it to life.
fn main() {
    report_panics();
    let here = Route::at(&location_pathname().unwrap_or_default());
    let links = document().get_elements_by_tag_name("a");
    for place in 0..links.length() {
        if let Some(link) = links.item(place)
            && link.get_attribute("href").as_deref() == Some(ROOMS)
        {
            let is_here = here == Route::Rooms;
            set(&link, "aria-current", if is_here { "page" } else { "true" });
        }
    }
    match here {
        Route::Rooms => pages::rooms::start(),
        Route::Room => pages::room::start(),
        Route::Primes | Route::NotFound => {}
    }
}
