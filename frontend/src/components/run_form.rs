//! Where a run starts, how long it is and how fast it goes.

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::live_text::{live_text, words};
use crate::connection::session::Session;
use crate::connection::stream_request::{DEFAULT_COUNT, parse_start};

/// The speeds to choose from: time between two primes in milliseconds, and its name.
const SPEEDS: [(u64, &str); 4] = [
    (1_000, "One a second"),
    (250, "4 a second"),
    (50, "20 a second"),
    (0, "Full speed"),
];

/// The numbers of primes to choose from.
const COUNTS: [u64; 4] = [DEFAULT_COUNT, 1_000, 10_000, 100_000];

/// The settings of a run. The speed changes at once, the rest with the next run.
#[component]
pub fn RunForm(session: Session) -> impl IntoView {
    let start = RwSignal::new("2".to_owned());
    let count = RwSignal::new(DEFAULT_COUNT);
    let advice = RwSignal::new(String::new());

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match start.with_untracked(|text| parse_start(text)) {
            Ok(from) => {
                advice.set(String::new());
                session.restart(from, count.get_untracked());
            }
            Err(sentence) => advice.set(sentence),
        }
    };
    view! {
        <form class="card settings" on:submit=submit>
            <label class="field field-start">
                <span class="label">"Start at"</span>
                <input
                    name="from"
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="start-advice"
                    aria-invalid=move || advice.with(|advice| !advice.is_empty()).then_some("true")
                    prop:value=start
                    on:input=move |event| start.set(event_target_value(&event))
                />
            </label>
            <label class="field">
                <span class="label">"Count"</span>
                <select
                    name="count"
                    on:change=move |event| {
                        if let Ok(chosen) = event_target_value(&event).parse() {
                            count.set(chosen);
                        }
                    }
                >
                    {COUNTS
                        .map(|count| view! { <option value=count.to_string()>{count}</option> })
                        .collect_view()}
                </select>
            </label>
            <label class="field">
                <span class="label">"Speed"</span>
                <select
                    name="interval"
                    on:change=move |event| {
                        if let Ok(chosen) = event_target_value(&event).parse() {
                            session.set_interval(Duration::from_millis(chosen));
                        }
                    }
                >
                    {SPEEDS
                        .map(|(value, name)| view! { <option value=value.to_string()>{name}</option> })
                        .collect_view()}
                </select>
            </label>
            <button type="submit" class="button">"Restart"</button>
            <p
                class="advice"
                id="start-advice"
                role="alert"
            >
                {live_text(words(move || advice.get()))}
            </p>
        </form>
    }
}
