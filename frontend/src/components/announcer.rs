//! What a screen reader hears without asking: changes of state, and a summary now and then.

use leptos::prelude::*;

use super::live_text::{live_text, words};
use crate::connection::State;
use crate::connection::session::Session;
use crate::store::PrimeLog;
use crate::store::summary::{shortened, summary_step};

/// A live region that says little: not every prime, but how the run goes.
#[component]
pub fn Announcer(session: Session) -> impl IntoView {
    let state = session.state();
    // The summary that is due, as the number of primes it is about; it changes seldom.
    let due = Memo::new(move |_| {
        let step = session
            .request()
            .with(|request| summary_step(request.interval));
        let seen = session.with_log(PrimeLog::last_id);
        step.map_or(0, |step| seen - seen % step)
    });
    let text = words(move || {
        let _ = due.get();
        let state = state.get();
        let summary = untrack(|| {
            session.with_log(|log| {
                log.newest().map(|newest| {
                    let digits = newest.number.to_string();
                    format!(
                        "{} primes, the newest is {}.",
                        newest.id,
                        shortened(&digits)
                    )
                })
            })
        });
        match (state, summary) {
            (State::Live | State::Paused | State::Done, Some(summary)) => {
                format!("{}. {summary}", state.label())
            }
            _ => format!("{}.", state.label()),
        }
    });
    view! { <p class="visually-hidden" role="status">{live_text(text)}</p> }
}
