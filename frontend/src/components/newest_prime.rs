//! The newest prime, how many there are, why no more come, and pause and go on.

use leptos::prelude::*;

use super::live_text::{live_text, words};
use crate::connection::State;
use crate::connection::session::Session;
use crate::connection::stream_request::DEFAULT_COUNT;
use crate::store::PrimeLog;

/// Digits up to which the newest prime is set in the largest type, and in a middle one.
const LARGE_DIGITS: usize = 12;
const MIDDLE_DIGITS: usize = 40;

/// The newest prime of a run.
#[component]
pub fn NewestPrime(session: Session) -> impl IntoView {
    let digits = move || {
        session.with_log(|log| {
            let newest = log.newest().map(|prime| prime.number.to_string());
            newest.unwrap_or_default()
        })
    };
    let size = move || match digits().len() {
        digits if digits <= LARGE_DIGITS => "large",
        digits if digits <= MIDDLE_DIGITS => "middle",
        _ => "small",
    };
    let why = session.why();
    let why = words(move || why.get());
    view! {
        <section class="card newest" aria-label="Newest prime">
            <p class="newest-top">
                <span class="label">"Newest prime"</span>
                <StateBadge session />
            </p>
            <p class="advice" role="alert">{live_text(why)}</p>
            <p
                class="newest-number"
                data-size=size
                style=("--digits", move || digits().len().to_string())
                tabindex=move || (size() == "small").then_some("0")
                translate="no"
            >
                {live_text(words(digits))}
            </p>
            <Progress session />
            <Actions session />
        </section>
    }
}

/// The state of the connection in words.
#[component]
fn StateBadge(session: Session) -> impl IntoView {
    let state = session.state();
    view! {
        <span
            class="state"
            data-state=move || state.get().name()
        >
            {live_text(words(move || state.get().label().to_owned()))}
        </span>
    }
}

/// How many primes there are of those that were asked for.
#[component]
fn Progress(session: Session) -> impl IntoView {
    let seen = move || session.with_log(PrimeLog::last_id);
    let count = move || session.request().with(|request| request.count);
    let text = words(move || match (session.state().get(), seen()) {
        (State::Done, seen) => format!("All {seen} primes have arrived."),
        (_, 0) => format!("The first of {} primes", count()),
        (_, seen) => format!("{seen} of {} primes", count()),
    });
    view! {
        <p class="progress-text">{live_text(text)}</p>
        <progress
            max=move || count().to_string()
            prop:value=move || seen().to_string()
            aria-label="Primes so far"
        ></progress>
    }
}

/// Pause, go on, and after the last prime the next ones.
#[component]
fn Actions(session: Session) -> impl IntoView {
    let state = session.state();
    let label = words(move || match state.get() {
        State::Paused => "Resume".to_owned(),
        State::Refused => "Try again".to_owned(),
        State::Done => format!("Next {DEFAULT_COUNT}"),
        _ => "Pause".to_owned(),
    });
    let act = move |_| {
        if state.get_untracked().is_running() {
            session.pause();
        } else {
            session.go_on();
        }
    };
    view! {
        <div class="actions">
            <button
                type="button"
                class="button"
                class:button-primary=move || !state.get().is_running()
                on:click=act
            >
                {live_text(label)}
            </button>
        </div>
    }
}
