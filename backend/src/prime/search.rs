//! Computing pages away from the threads that serve connections.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use roomcast_shared::prime::Number;
use tokio::task::JoinError;

use crate::prime::generator::Generator;
use crate::prime::page::{Page, PageBuilder};
use crate::prime::turns::Turns;

/// How long one search may compute before the next one in the queue has its turn. Short, so that a
/// search of a millisecond does not wait long behind searches of minutes; a slice of the largest
/// numbers takes longer, because one round of their test does.
const SLICE: Duration = Duration::from_millis(20);

/// The work that yields one page.
pub(super) struct Search {
    generator: Generator,
    /// The page that the generator has reached.
    page_index: u64,
    /// How many events of that page it has passed over.
    skipped: u64,
    /// The page that is wanted.
    wanted_index: u64,
    page_events: u64,
    page: PageBuilder,
    border: Option<(u64, Number)>,
    /// Turns that it has had.
    slices: u32,
    _running: Running,
}

/// Counts the searches there are, computing or waiting for their turn.
#[derive(Clone, Debug, Default)]
pub(super) struct SearchCount(Arc<AtomicUsize>);

impl SearchCount {
    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn begin(&self) -> Running {
        self.0.fetch_add(1, Ordering::Relaxed);
        Running(self.clone())
    }
}

/// One that is counted.
struct Running(SearchCount);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Search {
    /// A search for page `wanted_index`, of `page_events` events, with a generator that stands before
    /// page `page_index`, which is not behind the wanted one.
    pub(super) fn new(
        generator: Generator,
        page_index: u64,
        wanted_index: u64,
        page_events: u64,
        count: &SearchCount,
    ) -> Self {
        let events = usize::try_from(page_events).expect("a page fits into memory");
        Self {
            generator,
            page_index,
            skipped: 0,
            wanted_index,
            page_events,
            page: PageBuilder::new(wanted_index * page_events + 1, events),
            border: None,
            slices: 0,
            _running: count.begin(),
        }
    }

    /// Whether the page is complete.
    pub(super) fn is_done(&self) -> bool {
        self.page.len() as u64 == self.page_events
    }

    /// Whether it is a matter of well under a millisecond.
    pub(super) fn is_quick(&self) -> bool {
        self.page_index == self.wanted_index && self.generator.is_quick()
    }

    /// The last border between pages that the search has passed: the page behind it and the last
    /// prime before it, from where another search could go on.
    pub(super) fn reached(&self) -> Option<(u64, &Number)> {
        let (index, last_prime) = self.border.as_ref()?;
        Some((*index, last_prime))
    }

    /// Computes until the page is complete, or `stop` says so between two steps.
    pub(super) fn run(&mut self, mut stop: impl FnMut() -> bool) {
        while !self.is_done() {
            if self.page_index < self.wanted_index {
                let max = usize::try_from(self.page_events - self.skipped).unwrap_or(usize::MAX);
                self.skipped += self.generator.skip(max) as u64;
                if self.skipped == self.page_events {
                    self.skipped = 0;
                    self.page_index += 1;
                    self.note_border(self.page_index);
                }
            } else {
                let missing = self.page_events - self.page.len() as u64;
                let max = usize::try_from(missing).unwrap_or(usize::MAX);
                self.generator.step(max, &mut self.page);
                if self.is_done() {
                    self.note_border(self.page_index + 1);
                }
            }
            if stop() {
                break;
            }
        }
    }

    /// The complete page, and the generator that stands behind it.
    pub(super) fn finish(self) -> (Page, Generator) {
        (self.page.finish(), self.generator)
    }

    fn note_border(&mut self, index: u64) {
        self.border = self.generator.last().map(|last| (index, last.clone()));
    }
}

/// The threads that searches share.
#[derive(Debug)]
pub(super) struct SearchThreads(Turns);

impl SearchThreads {
    /// One thread fewer than the machine has, so that searches never take all of it; at least one.
    pub(super) fn new() -> Self {
        Self(Turns::new(Self::count()))
    }

    /// Whether no search computes at the moment.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.0.free() == Self::count()
    }

    /// Computes for a slice of time when it is this search's turn.
    ///
    /// # Cancel safety
    /// A dropped call stops computing after the step under way; what it had computed is lost.
    pub(super) async fn run_slice(&self, mut search: Search) -> Search {
        let turn = self.0.take(search.slices).await;
        search.slices = search.slices.saturating_add(1);
        let cancel = CancelOnDrop(Arc::new(AtomicBool::new(false)));
        let cancelled = Arc::clone(&cancel.0);
        let slice = tokio::task::spawn_blocking(move || {
            let end = Instant::now() + SLICE;
            search.run(|| cancelled.load(Ordering::Relaxed) || Instant::now() >= end);
            drop(turn);
            search
        });
        completed(slice).await
    }

    fn count() -> usize {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        (threads - 1).max(1)
    }
}

/// What a task yields. A panic in it goes on here.
pub(super) async fn completed<T>(task: impl Future<Output = Result<T, JoinError>>) -> T {
    match task.await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Tells a computation that nobody waits for it any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_stops_between_two_steps_and_can_go_on() {
        let start = Number::from(1_u64 << 62);
        let search = || {
            let count = SearchCount::default();
            Search::new(Generator::from(&start), 0, 2, 100, &count)
        };
        let mut whole = search();
        whole.run(|| false);
        let mut in_steps = search();
        let mut steps = 0;
        while !in_steps.is_done() {
            in_steps.run(|| true);
            steps += 1;
        }
        assert!(steps > 3);
        let expected = whole.finish().0.events(1, u64::MAX);
        assert_eq!(in_steps.finish().0.events(1, u64::MAX), expected);
    }

    #[test]
    fn a_search_knows_the_last_prime_before_each_page_that_it_has_reached() {
        let count = SearchCount::default();
        let mut search = Search::new(Generator::from(&Number::from(2)), 0, 2, 4, &count);
        assert_eq!(search.reached(), None);
        search.run(|| true);
        // The pages are 2, 3, 5, 7 and 11, 13, 17, 19 and 23, 29, 31, 37; 2 is a step of its own.
        while search.reached().is_none() {
            search.run(|| true);
        }
        assert_eq!(search.reached(), Some((1, &Number::from(7))));
        search.run(|| false);
        assert_eq!(search.reached(), Some((3, &Number::from(37))));
    }
}
