//! The Ulam spiral, growing with the primes.

use leptos::html;
use leptos::prelude::*;

use super::canvas::{ACCENT, Brush, INK};
use super::live_text::{live_text, words};
use crate::connection::session::Session;
use crate::store::PrimeLog;
use crate::store::spiral::{MAX_SIDE, grown_side, position};
use crate::store::summary::shortened;

/// Pixels on a side of the canvas: one for each cell of the largest spiral, and a margin.
const CANVAS_PIXELS: u32 = MAX_SIDE + 1;

/// The part of a cell that its square fills, where cells are large enough to tell apart.
const FILLED: f64 = 0.84;

/// Cells of fewer pixels than this are filled whole.
const SMALLEST_SPACED_PIXELS: f64 = 3.0;

/// What is on the canvas.
#[derive(Clone, Copy, PartialEq)]
struct Drawn {
    run: u64,
    scheme: u64,
    side: u32,
    cells: usize,
}

/// The numbers from the start on, wound around the centre; primes are filled.
#[component]
pub fn SpiralPicture(session: Session, scheme: ReadSignal<u64>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |before: Option<Option<Drawn>>| {
        let brush = Brush::of(canvas)?;
        let (run, scheme) = (session.run().get(), scheme.get());
        session.with_log(|log| {
            let before = before
                .flatten()
                .filter(|before| before.run == run && before.scheme == scheme);
            draw(&brush, log.cells(), before, run, scheme)
        })
    });
    let note = words(move || {
        if session.with_log(PrimeLog::is_beyond_spiral) {
            return "The spiral is full: newer primes are beyond its edge.".to_owned();
        }
        let start = session.request().with(|request| request.from.to_string());
        let start = shortened(&start);
        format!("The numbers from {start} on, wound around the centre. Filled squares are primes.")
    });
    view! {
        <figure class="card picture spiral">
            <figcaption>
                <h2 class="label">"Ulam spiral"</h2>
                <p id="spiral-note">{live_text(note)}</p>
            </figcaption>
            <canvas
                node_ref=canvas
                width=CANVAS_PIXELS.to_string()
                height=CANVAS_PIXELS.to_string()
                role="img"
                aria-label="Ulam spiral of the primes so far"
                aria-describedby="spiral-note"
            ></canvas>
        </figure>
    }
}

/// Draws what is new, or everything where the picture has to be another.
fn draw(
    brush: &Brush,
    cells: &[u32],
    before: Option<Drawn>,
    run: u64,
    scheme: u64,
) -> Option<Drawn> {
    let Some((newest, older)) = cells.split_last() else {
        brush.clear();
        return None;
    };
    let side = grown_side(before.map_or(0, |before| before.side), *newest);
    let now = Drawn {
        run,
        scheme,
        side,
        cells: cells.len(),
    };
    if before == Some(now) {
        return before;
    }
    let known = match before {
        // The newest of before has the accent, and is drawn over.
        Some(before) if before.side == side => before.cells.saturating_sub(1),
        _ => {
            brush.clear();
            0
        }
    };
    brush.take(INK);
    for cell in &older[known.min(older.len())..] {
        fill_cell(brush, *cell, side);
    }
    brush.take(ACCENT);
    fill_cell(brush, *newest, side);
    Some(now)
}

fn fill_cell(brush: &Brush, cell: u32, side: u32) {
    let (width, height) = brush.size();
    let pixels = (width / f64::from(side)).floor().max(1.0);
    let filled = if pixels < SMALLEST_SPACED_PIXELS {
        pixels
    } else {
        (pixels * FILLED).floor()
    };
    let (column, row) = position(cell);
    let left = (width / 2.0).floor() + f64::from(column) * pixels - (filled / 2.0).floor();
    let top = (height / 2.0).floor() - f64::from(row) * pixels - (filled / 2.0).floor();
    brush.fill(left, top, filled, filled);
}
