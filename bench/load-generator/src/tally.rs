//! What one subscriber got.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::latencies::Latencies;
use crate::mark::Mark;

/// The clock of a run, and how much of what was sent has arrived, over all threads.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    began: Instant,
    arrived: Arc<AtomicU64>,
}

impl Run {
    /// A run that begins now.
    pub(crate) fn begin() -> Self {
        Self {
            began: Instant::now(),
            arrived: Arc::default(),
        }
    }

    /// Microseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// How many messages have arrived at a subscriber that did not have them.
    pub(crate) fn arrived(&self) -> u64 {
        self.arrived.load(Ordering::Relaxed)
    }
}

/// Counts what arrives at one subscriber: publishers that do not wait for each other have no
/// order, so each message is crossed off by its number.
#[derive(Debug)]
pub(crate) struct Tally {
    run: Run,
    latencies: Rc<RefCell<Latencies>>,
    crossed_off: Vec<u64>,
    doubles: u64,
}

impl Tally {
    /// Nothing has arrived yet of so many `messages`. Subscribers of one thread share `latencies`.
    pub(crate) fn new(run: Run, messages: u32, latencies: Rc<RefCell<Latencies>>) -> Self {
        Self {
            run,
            latencies,
            crossed_off: vec![0; messages.div_ceil(u64::BITS) as usize],
            doubles: 0,
        }
    }

    /// Counts what arrived together.
    pub(crate) fn count(&mut self, marks: &[Mark]) {
        if marks.is_empty() {
            return;
        }
        let now = self.run.now();
        let mut latencies = self.latencies.borrow_mut();
        let mut arrived = 0;
        for mark in marks {
            let bit = 1 << (mark.number % u64::BITS);
            let Some(bits) = self.crossed_off.get_mut((mark.number / u64::BITS) as usize) else {
                continue;
            };
            if *bits & bit == 0 {
                *bits |= bit;
                arrived += 1;
                latencies.record(now.saturating_sub(mark.sent_at));
            } else {
                self.doubles += 1;
            }
        }
        self.run.arrived.fetch_add(arrived, Ordering::Relaxed);
    }

    /// How often a message arrived again.
    pub(crate) fn doubles(&self) -> u64 {
        self.doubles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_again_is_a_double_and_order_does_not_matter() {
        let run = Run::begin();
        let mut tally = Tally::new(run.clone(), 65, Rc::default());
        let mark = |number| Mark { number, sent_at: 0 };
        tally.count(&[mark(64), mark(0), mark(1)]);
        tally.count(&[mark(0)]);
        assert_eq!((run.arrived(), tally.doubles()), (3, 1));
    }
}
