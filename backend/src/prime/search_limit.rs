//! How many readers may have searches for large primes, in all and from one address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roomcast_shared::prime::Number;

use crate::defaults;
use roomcast_shared::operator_advice::OPERATOR_ADVICE;

/// The greatest numbers of searches. A search computes one page of a log for all who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchLimits {
    /// Logs of large primes that are read at a time.
    pub max_total: usize,
    /// Readers of such logs at a time from one address.
    pub max_per_address: usize,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self {
            max_total: defaults::MAX_SEARCHES,
            max_per_address: defaults::MAX_SEARCHES_PER_ADDRESS,
        }
    }
}

/// Why a search is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchRefused {
    /// The server has enough of them.
    #[error(
        "The server searches from {max} large numbers already: try again later, or start below 2^39.\
         {OPERATOR_ADVICE}raise --max-searches."
    )]
    Total {
        /// The limit.
        max: usize,
    },
    /// The reader's address has enough of them.
    #[error(
        "Your address reads as many streams of large primes as it may ({max}): end one of them, or start below \
         2^39.{OPERATOR_ADVICE}raise --max-searches-per-address."
    )]
    PerAddress {
        /// The limit.
        max: usize,
    },
    /// Too much comes before the event that is asked for.
    #[error(
        "The stream cannot go on so far from its start, because up to {max} primes of this size can \
         be computed again: start it from the last prime that you have."
    )]
    TooFar {
        /// The limit.
        max: u64,
    },
}

/// Counts searches. Invariant: no count is zero, so nothing is kept of those who left.
#[derive(Debug)]
pub(super) struct SearchLimit {
    counts: Mutex<Counts>,
    limits: SearchLimits,
}

#[derive(Debug, Default)]
struct Counts {
    by_start: HashMap<Number, usize>,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of one reader; dropping it frees the place.
#[derive(Debug)]
pub struct SearchPermit {
    limit: Arc<SearchLimit>,
    start: Number,
    address: Option<IpAddr>,
}

impl SearchLimit {
    pub(super) fn new(limits: SearchLimits) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::default(),
            limits,
        })
    }

    /// Takes a place for a reader of the log from `start`. One without an `address` counts in all
    /// alone.
    pub(super) fn admit(
        self: &Arc<Self>,
        start: &Number,
        address: Option<IpAddr>,
    ) -> Result<SearchPermit, SearchRefused> {
        let SearchLimits {
            max_total,
            max_per_address,
        } = self.limits;
        let mut counts = self.counts();
        if counts.by_start.len() >= max_total && !counts.by_start.contains_key(start) {
            return Err(SearchRefused::Total { max: max_total });
        }
        if let Some(address) = address {
            let count = counts.by_address.entry(address).or_insert(0);
            if *count >= max_per_address {
                if *count == 0 {
                    counts.by_address.remove(&address);
                }
                return Err(SearchRefused::PerAddress {
                    max: max_per_address,
                });
            }
            *count += 1;
        }
        *counts.by_start.entry(start.clone()).or_insert(0) += 1;
        Ok(SearchPermit {
            limit: Arc::clone(self),
            start: start.clone(),
            address,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SearchPermit {
    fn drop(&mut self) {
        let mut counts = self.limit.counts();
        count_down(&mut counts.by_start, self.start.clone());
        if let Some(address) = self.address {
            count_down(&mut counts.by_address, address);
        }
    }
}

fn count_down<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Entry::Occupied(mut entry) = counts.entry(key) {
        *entry.get_mut() -= 1;
        if *entry.get() == 0 {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(max_total: usize, max_per_address: usize) -> Arc<SearchLimit> {
        SearchLimit::new(SearchLimits {
            max_total,
            max_per_address,
        })
    }

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn one_start_more_than_allowed_is_refused_until_one_is_left() {
        let limit = limit(2, 10);
        let first = limit.admit(&1.into(), Some(address(1))).unwrap();
        let _second = limit.admit(&2.into(), Some(address(2))).unwrap();
        let refused = limit.admit(&3.into(), Some(address(3))).unwrap_err();
        assert_eq!(refused, SearchRefused::Total { max: 2 });
        drop(first);
        assert!(limit.admit(&3.into(), Some(address(3))).is_ok());
    }

    #[test]
    fn readers_of_one_start_share_its_search() {
        let limit = limit(1, 10);
        let first = limit.admit(&1.into(), Some(address(1))).unwrap();
        let second = limit.admit(&1.into(), Some(address(2))).unwrap();
        drop(first);
        assert!(limit.admit(&2.into(), Some(address(3))).is_err());
        drop(second);
        assert!(limit.admit(&2.into(), Some(address(3))).is_ok());
    }

    #[test]
    fn one_address_cannot_take_the_places_of_others() {
        let limit = limit(10, 2);
        let _first = limit.admit(&1.into(), Some(address(1))).unwrap();
        let second = limit.admit(&1.into(), Some(address(1))).unwrap();
        let refused = limit.admit(&2.into(), Some(address(1))).unwrap_err();
        assert_eq!(refused, SearchRefused::PerAddress { max: 2 });
        assert!(limit.admit(&2.into(), Some(address(2))).is_ok());
        drop(second);
        assert!(limit.admit(&2.into(), Some(address(1))).is_ok());
    }

    #[test]
    fn nothing_is_kept_of_those_who_left_or_were_refused() {
        for limit in [limit(1, 1), limit(1, 0), limit(0, 1)] {
            drop(limit.admit(&1.into(), Some(address(1))));
            let counts = limit.counts();
            assert!(counts.by_start.is_empty() && counts.by_address.is_empty());
        }
    }
}
