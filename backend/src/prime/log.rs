//! One computed log: the primes from one start value on, in pages that all readers share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use roomcast_shared::prime::Number;
use tokio_util::task::AbortOnDropHandle;

use crate::prime::checkpoints::Checkpoints;
use crate::prime::generator::Generator;
use crate::prime::page::Page;
use crate::prime::search::{Search, SearchCount, SearchThreads, completed};
use crate::prime::shelf::Shelf;
use crate::prime::size::size;

/// Events in a page of machine words. Encoded they are 33 to 65 KB, a good size to write at once,
/// and computed in well under a millisecond.
const WORD_PAGE_EVENTS: u64 = 1_000;

/// A log whose events are computed when a reader wants them.
pub(super) struct Log {
    id: u64,
    start: Number,
    page_events: u64,
    state: Mutex<State>,
    workshop: Arc<Workshop>,
}

/// What all logs share.
pub(super) struct Workshop {
    shelf: Mutex<Shelf>,
    threads: SearchThreads,
    searches: SearchCount,
}

struct State {
    /// The pages that are in memory, because a reader or the shelf holds them.
    pages: HashMap<u64, Weak<Page>>,
    /// How many entries `pages` may have before those without a page are removed.
    max_pages: usize,
    /// The searches under way, because a reader waits for them.
    searches: HashMap<u64, WeakShared<BoxFuture<'static, Arc<Page>>>>,
    checkpoints: Checkpoints,
}

/// A page that is being computed. Those who want it share it, and when the last one drops it the
/// computing ends.
pub(super) type PageSearch = Shared<BoxFuture<'static, Arc<Page>>>;

/// A page, or the way to it.
pub(super) enum Lookup {
    Found(Arc<Page>),
    Search(PageSearch),
}

impl Workshop {
    pub(super) fn new() -> Self {
        Self {
            shelf: Mutex::default(),
            threads: SearchThreads::new(),
            searches: SearchCount::default(),
        }
    }

    /// How many searches there are, computing or waiting for their turn.
    pub(super) fn searches(&self) -> usize {
        self.searches.get()
    }

    /// Whether no search computes at the moment.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.threads.is_idle()
    }

    /// How much memory is spent on pages because they may be wanted again.
    #[cfg(test)]
    pub(super) fn page_bytes(&self) -> usize {
        self.shelf().page_bytes()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    pub(super) fn new(id: u64, start: Number, workshop: Arc<Workshop>) -> Self {
        Self {
            id,
            page_events: page_events(&start),
            start,
            state: Mutex::new(State {
                pages: HashMap::new(),
                max_pages: 0,
                searches: HashMap::new(),
                checkpoints: Checkpoints::new(),
            }),
            workshop,
        }
    }

    /// Which page the event `id` is in.
    pub(super) fn page_of(&self, id: u64) -> u64 {
        (id - 1) / self.page_events
    }

    /// How many events lie between what is known and the page of the event `id`: those that must be
    /// computed again to get there.
    pub(super) fn distance(&self, id: u64) -> u64 {
        let wanted = self.page_of(id);
        let state = self.state();
        let nearest = state.checkpoints.nearest(wanted);
        let known = nearest.map_or(0, |(index, _)| index);
        (wanted - known).saturating_mul(self.page_events)
    }

    /// Looks a page up, or joins or begins the search for it. Begins nothing before the search is
    /// polled.
    pub(super) fn page(self: &Arc<Self>, index: u64) -> Lookup {
        let mut state = self.state();
        if let Some(page) = state.pages.get(&index).and_then(Weak::upgrade) {
            drop(state);
            self.workshop.shelf().touch((self.id, index), &page);
            return Lookup::Found(page);
        }
        if let Some(search) = state.searches.get(&index).and_then(WeakShared::upgrade) {
            return Lookup::Search(search);
        }
        state
            .searches
            .retain(|_, search| search.upgrade().is_some());
        let search = Arc::clone(self).compute(index).boxed().shared();
        if let Some(weak) = search.downgrade() {
            state.searches.insert(index, weak);
        }
        Lookup::Search(search)
    }

    /// Computes a page here and now, where waiting does no harm.
    pub(super) fn compute_now(&self, index: u64) -> Arc<Page> {
        let mut search = self.begin(index);
        search.run(|| false);
        self.complete(index, search)
    }

    async fn compute(self: Arc<Self>, index: u64) -> Arc<Page> {
        let mut search = self.begin(index);
        if search.is_quick() {
            search.run(|| false);
            // A reader that takes page after page must not keep others from the thread.
            tokio::task::yield_now().await;
        }
        if !search.is_done() {
            // In a task of its own: readers whose sockets are full are not polled, and must not
            // keep the place in the queue that they have come to.
            let task = tokio::spawn(Arc::clone(&self).run_in_slices(search));
            search = completed(AbortOnDropHandle::new(task)).await;
        }
        self.complete(index, search)
    }

    async fn run_in_slices(self: Arc<Self>, mut search: Search) -> Search {
        while !search.is_done() {
            search = self.workshop.threads.run_slice(search).await;
            if let Some((index, last_prime)) = search.reached() {
                self.state().checkpoints.note(index, last_prime);
            }
        }
        search
    }

    /// A search that starts as near before the page as is known.
    fn begin(&self, index: u64) -> Search {
        let parked = self.workshop.shelf().take_generator((self.id, index));
        if let Some(generator) = parked {
            let count = &self.workshop.searches;
            return Search::new(generator, index, index, self.page_events, count);
        }
        let checkpoint = {
            let state = self.state();
            let nearest = state.checkpoints.nearest(index);
            nearest.map(|(index, last_prime)| (index, last_prime.clone()))
        };
        let (reached, generator) = match checkpoint {
            Some((reached, last_prime)) => (reached, Generator::after(&last_prime)),
            None => (0, Generator::from(&self.start)),
        };
        let count = &self.workshop.searches;
        Search::new(generator, reached, index, self.page_events, count)
    }

    fn complete(&self, index: u64, search: Search) -> Arc<Page> {
        let mut state = self.state();
        if let Some((index, last_prime)) = search.reached() {
            state.checkpoints.note(index, last_prime);
        }
        let (page, generator) = search.finish();
        let page = Arc::new(page);
        state.keep(index, &page);
        drop(state);
        let mut kept = self.workshop.shelf();
        kept.touch((self.id, index), &page);
        kept.park((self.id, index + 1), generator);
        page
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, index: u64, page: &Arc<Page>) {
        self.searches.remove(&index);
        if self.pages.len() >= self.max_pages {
            self.pages.retain(|_, page| page.strong_count() != 0);
            self.max_pages = (2 * self.pages.len()).max(64);
        }
        self.pages.insert(index, Arc::downgrade(page));
    }
}

impl fmt::Debug for Workshop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Workshop").finish_non_exhaustive()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Log")
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

/// Greater numbers have smaller pages, so that the first event need not wait long for the last one of
/// its page.
fn page_events(start: &Number) -> u64 {
    (WORD_PAGE_EVENTS / size(start).pow(3)).max(1)
}
