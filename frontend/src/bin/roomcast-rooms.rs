//! The list of rooms, and a room.

use leptos::leptos_dom::helpers::{document, location_pathname};
use roomcast_frontend::dom::set;
use roomcast_frontend::route::{ROOMS, Route};
use roomcast_frontend::{pages, report_panics, rooms_app, start};

fn main() {
    if Route::at(&location_pathname().unwrap_or_default()) != Route::Room {
        return start(rooms_app::RoomsApp);
    }
    report_panics();
    let links = document().get_elements_by_tag_name("a");
    for place in 0..links.length() {
        if let Some(link) = links.item(place)
            && link.get_attribute("href").as_deref() == Some(ROOMS)
        {
            set(&link, "aria-current", "true");
        }
    }
    pages::room::start();
}
