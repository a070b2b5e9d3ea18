//! The primes as a log whose events are computed.
//!
//! There is one log for each start value. Its events are encoded once, in pages that all its readers
//! share; a reader is a [`Cursor`]. Pages are computed when a reader wants them and kept while
//! memory allows. Small primes come from a sieve, right where they are wanted; a search for large
//! ones runs in slices on a few threads of its own, and ends when nobody waits for it any more.
//! How many may search, and how far from what is known, is limited (`search_limit`, `size`).
//!
//! `Primes` → `log` (pages, who waits for which) → `search` (one page, in slices, by `turns`) →
//! `generator` → `word_primes` below 2^64, `large_primes` from there on.

mod base_primes;
mod checkpoints;
mod cursor;
mod generator;
mod large_primes;
mod log;
mod page;
mod primality;
mod probable_prime;
mod search;
mod search_limit;
mod shelf;
mod size;
mod stream;
#[cfg(test)]
mod tests;
mod turns;
mod window;
mod word_primes;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use roomcast_shared::prime::Number;

pub use cursor::Cursor;
pub use search_limit::{SearchLimits, SearchPermit, SearchRefused};
pub use stream::{HEARTBEAT_INTERVAL, PrimeStream};

use log::{Log, Workshop};
use page::Page;
use search_limit::SearchLimit;

/// How many logs keep their checkpoints after their last reader has left: one that comes back after a
/// broken connection finds what it had.
const KEPT_LOGS: usize = 64;

/// A stream from below this needs no place for searches: the sieve yields its primes, and whoever reads
/// as fast as it yields them needs an hour to get beyond what it decides, 2^40.
const SIEVED_STARTS: u64 = 1 << 39;

/// Events of such a stream that are passed over in one slice, so that no queue of half-done searches
/// comes about. Who reads one a second needs three days for them.
const QUICK_DISTANCE: u64 = 250_000;

/// The logs of primes, one for each start value.
#[derive(Debug)]
pub struct Primes {
    registry: Mutex<Registry>,
    workshop: Arc<Workshop>,
    /// The first page of the log from 2, which is always there.
    first_page: Arc<Page>,
    /// The log from 2.
    default_log: Arc<Log>,
    search_limit: Arc<SearchLimit>,
}

#[derive(Debug, Default)]
struct Registry {
    logs: HashMap<Number, Weak<Log>>,
    /// The logs opened most recently, the last one at the end.
    recent: VecDeque<Arc<Log>>,
    /// How many logs there have been.
    opened: u64,
}

impl Primes {
    /// Prepares the tables that all searches use, and the first events. Takes some milliseconds.
    pub fn new() -> Self {
        Self::with_limits(SearchLimits::default())
    }

    /// The same with limits of one's own.
    pub fn with_limits(limits: SearchLimits) -> Self {
        let workshop = Arc::new(Workshop::new());
        let mut registry = Registry::default();
        let default_log = registry.open(&Number::from(2), &workshop);
        Self {
            registry: Mutex::new(registry),
            workshop,
            first_page: default_log.compute_now(0),
            default_log,
            search_limit: SearchLimit::new(limits),
        }
    }

    /// Takes a place for the searches of one reader: of a client at `address`, of the log from
    /// `start` after the event `after_id`. Who reads small primes needs none.
    ///
    /// # Errors
    /// [`SearchRefused`] when there are too many searches, or more would have to be computed than a
    /// reader is worth.
    pub fn admit(
        &self,
        start: &Number,
        after_id: u64,
        address: Option<IpAddr>,
    ) -> Result<Option<SearchPermit>, SearchRefused> {
        let distance = match self.known(start) {
            Some(log) => log.distance(after_id.saturating_add(1)),
            None => after_id,
        };
        let max = size::max_distance(start);
        if distance > max {
            return Err(SearchRefused::TooFar { max });
        }
        let is_sieved = start.to_u64().is_some_and(|start| start < SIEVED_STARTS);
        if is_sieved && distance <= QUICK_DISTANCE {
            return Ok(None);
        }
        self.search_limit.admit(start, address).map(Some)
    }

    /// How many searches there are, computing or waiting for their turn.
    pub fn searches(&self) -> usize {
        self.workshop.searches()
    }

    /// A cursor on the log of the primes that are at least `start`, after the event `after_id`
    /// (0: from the beginning), which ends after `count` events of the log, or never.
    pub fn open(&self, start: &Number, after_id: u64, count: Option<NonZero<u64>>) -> Cursor {
        let log = if is_default(start) {
            Arc::clone(&self.default_log)
        } else {
            self.registry().open(start, &self.workshop)
        };
        Cursor::new(log, after_id, count.map_or(u64::MAX, NonZero::get))
    }

    /// The log from `start`, if there is one.
    fn known(&self, start: &Number) -> Option<Arc<Log>> {
        if is_default(start) {
            return Some(Arc::clone(&self.default_log));
        }
        self.registry().logs.get(start).and_then(Weak::upgrade)
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first `count` events of the log from 2, encoded. At most a page of them, 1,000.
    pub fn first_events(&self, count: u64) -> Bytes {
        self.first_page.events(1, count)
    }
}

/// Whether the log from `start` is the one from 2.
fn is_default(start: &Number) -> bool {
    *start <= Number::from(2)
}

impl Default for Primes {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    fn open(&mut self, start: &Number, workshop: &Arc<Workshop>) -> Arc<Log> {
        let log = match self.logs.get(start).and_then(Weak::upgrade) {
            Some(log) => log,
            None => self.create(start, workshop),
        };
        self.recent.retain(|recent| !Arc::ptr_eq(recent, &log));
        self.recent.push_back(Arc::clone(&log));
        if self.recent.len() > KEPT_LOGS {
            self.recent.pop_front();
        }
        log
    }

    fn create(&mut self, start: &Number, workshop: &Arc<Workshop>) -> Arc<Log> {
        if self.logs.len() >= 2 * KEPT_LOGS {
            self.logs.retain(|_, log| log.strong_count() != 0);
        }
        self.opened += 1;
        let log = Arc::new(Log::new(self.opened, start.clone(), Arc::clone(workshop)));
        self.logs.insert(start.clone(), Arc::downgrade(&log));
        log
    }
}
