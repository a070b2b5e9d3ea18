//! The newest gaps between primes, as bars.

use leptos::html;
use leptos::prelude::*;

use super::canvas::{ACCENT, Brush, INK};
use super::live_text::{live_text, words};
use crate::connection::session::Session;

/// Bars in the picture.
const BARS: usize = 80;

/// Pixels of the canvas: a whole number of them for each bar.
const CANVAS_WIDTH: u32 = 720;
const CANVAS_HEIGHT: u32 = 160;

/// The part of its place that a bar fills.
const FILLED: f64 = 0.7;

/// Height that the picture shows at least, so that the first gaps do not fill it.
const MIN_SCALE: u64 = 8;

/// How far each of the newest primes is behind the one before.
#[component]
pub fn GapsPicture(session: Session, scheme: ReadSignal<u64>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let Some(brush) = Brush::of(canvas) else {
            return;
        };
        scheme.track();
        session.with_log(|log| draw(&brush, log.newest_gaps(BARS)));
    });
    let note = words(move || {
        session.with_log(|log| match log.newest().and_then(|prime| prime.gap) {
            Some(newest) => format!(
                "The newest is {newest}, the largest so far {}.",
                log.largest_gap()
            ),
            None => "They come with the second prime.".to_owned(),
        })
    });
    view! {
        <figure class="card picture gaps">
            <figcaption>
                <h2 class="label">"Gaps"</h2>
                <p id="gaps-note">{live_text(note)}</p>
            </figcaption>
            <canvas
                node_ref=canvas
                width=CANVAS_WIDTH.to_string()
                height=CANVAS_HEIGHT.to_string()
                role="img"
                aria-label="The newest gaps between primes, as bars"
                aria-describedby="gaps-note"
            ></canvas>
        </figure>
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a picture is no more exact than its pixels"
)]
fn draw(brush: &Brush, gaps: impl ExactSizeIterator<Item = u64>) {
    let gaps: Vec<u64> = gaps.collect();
    let scale = gaps.iter().copied().max().unwrap_or(0).max(MIN_SCALE);
    let (width, height) = brush.size();
    let place = width / BARS as f64;
    brush.clear();
    brush.take(INK);
    for (number, gap) in gaps.iter().enumerate() {
        if number + 1 == gaps.len() {
            brush.take(ACCENT);
        }
        let tall = (height * *gap as f64 / scale as f64).round();
        brush.fill(number as f64 * place, height - tall, place * FILLED, tall);
    }
}
