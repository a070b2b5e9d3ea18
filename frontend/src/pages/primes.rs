//! The page of primes.

use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;
use roomcast_shared::prime::PrimeEvent;

use crate::components::announcer::Announcer;
use crate::components::canvas::colour_scheme;
use crate::components::gaps_picture::GapsPicture;
use crate::components::newest_prime::NewestPrime;
use crate::components::number_dialog::NumberDialog;
use crate::components::prime_list::PrimeList;
use crate::components::run_form::RunForm;
use crate::components::spiral_picture::SpiralPicture;
use crate::connection::json;
use crate::connection::session::Session;

/// The element of the document into which the server puts the first events, as a JSON array.
const FIRST_EVENTS_ID: &str = "first-events";

/// Primes as they arrive, and two pictures of them.
///
/// The twin in `index.html` shows the same boxes until the client runs.
#[component]
pub fn PrimesPage() -> impl IntoView {
    let session = Session::start(first_events());
    let opened_number = RwSignal::new(String::new());
    let scheme = colour_scheme();
    view! {
        <main class="primes">
            <div class="intro">
                <h1>"Primes"</h1>
                <p>"Each prime arrives as an event of its own, the moment the server has found it."</p>
            </div>
            <NewestPrime session />
            <RunForm session />
            <SpiralPicture session scheme />
            <GapsPicture session scheme />
            <PrimeList session opened_number />
        </main>
        <Announcer session />
        <NumberDialog opened_number />
    }
}

/// The events that came inside the document; none where no server put them there.
fn first_events() -> Vec<PrimeEvent> {
    document()
        .get_element_by_id(FIRST_EVENTS_ID)
        .and_then(|element| element.text_content())
        .and_then(|json| json::read(&json))
        .unwrap_or_default()
}
