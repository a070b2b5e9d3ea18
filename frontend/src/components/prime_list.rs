//! All primes of a run, newest on top. However many there are, only the rows in sight exist.

use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;
use web_sys::EventTarget;

use crate::connection::session::Session;
use crate::dom::{listen, on_find};
use crate::store::PrimeLog;
use crate::store::prime_log::Prime;
use crate::store::rows::in_sight;
use crate::store::summary::{row_parts, shortened};

/// Height of a row in CSS pixels; the style sheet has the same.
const ROW_HEIGHT: usize = 40;

/// Rows on each side of the window that exist while the list is to be found in, printed or selected as a whole.
const MAX_WHOLE_ROWS: usize = 2_000;

/// The list of primes.
#[component]
pub fn PrimeList(session: Session, opened_number: RwSignal<String>) -> impl IntoView {
    let window = NodeRef::<html::Div>::new();
    let scrolled = RwSignal::new(0_u64);
    let is_whole = RwSignal::new(false);
    keep_place(session, window);
    show_whole(is_whole);

    let height = move || pixels(session.with_log(PrimeLog::count));
    let rows = move || {
        let top = usize::try_from(scrolled.get()).unwrap_or(usize::MAX);
        let height = window.get().map_or(0, |window| window.client_height());
        let height = usize::try_from(height).unwrap_or(0);
        session.with_log(|log| {
            let shown = in_sight(log.count(), top, height, ROW_HEIGHT);
            let shown = if is_whole.get() {
                shown.start.saturating_sub(MAX_WHOLE_ROWS)
                    ..log.count().min(shown.end + MAX_WHOLE_ROWS)
            } else {
                shown
            };
            shown
                .filter_map(|place| log.nth_newest(place).cloned())
                .collect::<Vec<_>>()
        })
    };
    let measure = move |_| {
        if let Some(window) = window.get_untracked() {
            scrolled.set(u64::try_from(window.scroll_top()).unwrap_or(0));
        }
    };
    view! {
        <section class="card list">
            <h2 class="label" id="list-title">"History"</h2>
            <div
                class="rows-window"
                tabindex="0"
                role="region"
                aria-labelledby="list-title"
                node_ref=window
                on:scroll=measure
            >
                <ol class="rows" translate="no" style:height=height>
                    <For
                        each=rows
                        key=move |prime| (session.run().get_untracked(), prime.id)
                        children=move |prime| view! { <Row prime opened_number /> }
                    />
                </ol>
            </div>
        </section>
    }
}

/// One prime. Rows stand at a fixed distance from the oldest, so that a new one moves none of them.
#[component]
fn Row(prime: Prime, opened_number: RwSignal<String>) -> impl IntoView {
    let Prime { id, number, gap } = prime;
    let digits = number.to_string();
    let number = if let Some((head, tail)) = row_parts(&digits) {
        let label = format!("{}, {} digits: show all", shortened(&digits), digits.len());
        let open = move |_| opened_number.set(digits.clone());
        Either::Left(view! {
            <button type="button" class="row-number row-long" aria-label=label on:click=open>
                <span class="row-head">{head}</span>
                <span>{tail}</span>
            </button>
        })
    } else {
        Either::Right(view! { <span class="row-number">{digits}</span> })
    };
    let bottom = pixels(usize::try_from(id - 1).unwrap_or(usize::MAX));
    view! {
        <li style:bottom=bottom>
            <span class="row-id">{id}</span>
            {number}
            <span class="row-gap">{gap.map(|gap| format!("+{gap}"))}</span>
        </li>
    }
}

/// Makes rows out of sight exist too as soon as the browser is to find in them, print them or select them.
fn show_whole(is_whole: RwSignal<bool>) {
    on_find(Box::new(move || is_whole.set(true)));
    for (target, kind) in [
        (EventTarget::from(window()), "beforeprint"),
        (EventTarget::from(document()), "selectstart"),
    ] {
        listen(&target, kind, Box::new(move |_| is_whole.set(true)));
    }
}

/// Keeps what a person has scrolled to where it is while new rows come in above it.
fn keep_place(session: Session, window: NodeRef<html::Div>) {
    Effect::new(move |before: Option<(u64, usize)>| {
        let now = (session.run().get(), session.with_log(PrimeLog::count));
        if let (Some((run, rows)), Some(window)) = (before, window.get()) {
            let scrolled = window.scroll_top();
            if run != now.0 {
                window.set_scroll_top(0);
            } else if scrolled > 0 {
                let came = i32::try_from((now.1 - rows) * ROW_HEIGHT).unwrap_or(i32::MAX);
                window.set_scroll_top(scrolled.saturating_add(came));
            }
        }
        now
    });
}

/// The height of so many rows, for a style sheet.
fn pixels(rows: usize) -> String {
    format!("{}px", rows.saturating_mul(ROW_HEIGHT))
}
