//! The primes of one run, in the order of their ids, each once.

use roomcast_shared::prime::{Number, PrimeEvent};

use super::distance::distance;
use super::spiral;

/// What an arriving event was to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The next one: it is in the log now.
    Next,
    /// It was there already, as happens after a reconnect: dropped.
    Known,
    /// Events before it are missing: dropped, and the stream has to be resumed.
    AfterHole,
}

/// One prime, and what it looks like in the pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prime {
    /// Which one of its run it is: 1, 2, 3, …
    pub id: u64,
    /// The prime.
    pub number: Number,
    /// How far behind the one before; the first of a run has none.
    pub gap: Option<u64>,
}

/// All that was seen of one run.
///
/// It holds as many primes as a person has asked for: a few megabytes for the most that one can ask
/// for at once.
#[derive(Debug)]
pub struct PrimeLog {
    start: Number,
    primes: Vec<Prime>,
    cells: Vec<u32>,
    next_cell: u64,
    largest_gap: u64,
}

impl PrimeLog {
    /// An empty log of a run that begins at `start`.
    pub fn new(start: Number) -> Self {
        Self {
            start,
            primes: Vec::new(),
            cells: Vec::new(),
            next_cell: 0,
            largest_gap: 0,
        }
    }

    /// Takes an event in, if it is the next one.
    pub fn accept(&mut self, event: PrimeEvent) -> Arrival {
        if event.id <= self.last_id() {
            return Arrival::Known;
        }
        if event.id > self.last_id() + 1 {
            return Arrival::AfterHole;
        }
        let PrimeEvent { id, number } = event;
        let gap = self
            .newest()
            .map(|newest| distance(&newest.number, &number));
        self.largest_gap = self.largest_gap.max(gap.unwrap_or(0));
        // The centre is the number before the start: 1 in the classical spiral.
        self.next_cell = match gap {
            Some(gap) => self.next_cell.saturating_add(gap),
            None => distance(&self.start, &number).saturating_add(1),
        };
        if let Ok(cell) = u32::try_from(self.next_cell)
            && cell < spiral::MAX_CELLS
        {
            self.cells.push(cell);
        }
        self.primes.push(Prime { id, number, gap });
        Arrival::Next
    }

    /// The id of the newest prime, which is also how many there were: 0 before the first.
    pub fn last_id(&self) -> u64 {
        self.newest().map_or(0, |newest| newest.id)
    }

    /// How many primes there are.
    pub fn count(&self) -> usize {
        self.primes.len()
    }

    /// The newest prime.
    pub fn newest(&self) -> Option<&Prime> {
        self.primes.last()
    }

    /// A prime by its place from the top: 0 is the newest.
    pub fn nth_newest(&self, place: usize) -> Option<&Prime> {
        self.primes.get(self.primes.len().checked_sub(place + 1)?)
    }

    /// The cells of the spiral that hold primes, in order, as far as the picture goes.
    pub fn cells(&self) -> &[u32] {
        &self.cells
    }

    /// Whether the newest primes are beyond the edge of the largest spiral.
    pub fn is_beyond_spiral(&self) -> bool {
        self.next_cell >= u64::from(spiral::MAX_CELLS)
    }

    /// The newest `count` gaps, oldest first.
    pub fn newest_gaps(&self, count: usize) -> impl ExactSizeIterator<Item = u64> {
        let from = self.primes.len().saturating_sub(count);
        self.primes[from..]
            .iter()
            .map(|prime| prime.gap.unwrap_or(0))
    }

    /// The largest gap of the run so far; 0 before the second prime.
    pub fn largest_gap(&self) -> u64 {
        self.largest_gap
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(id: u64, number: u64) -> PrimeEvent {
        PrimeEvent {
            id,
            number: number.into(),
        }
    }

    fn log_of(primes: &[u64]) -> PrimeLog {
        let mut log = PrimeLog::new(2.into());
        for (id, &prime) in (1..).zip(primes) {
            assert_eq!(log.accept(event(id, prime)), Arrival::Next);
        }
        log
    }

    #[test]
    fn the_newest_prime_is_on_top() {
        let log = log_of(&[2, 3, 5, 7]);
        let nth_newest: Vec<_> = (0..4)
            .map(|place| log.nth_newest(place).unwrap().number.to_u64().unwrap())
            .collect();
        assert_eq!(nth_newest, [7, 5, 3, 2]);
        assert_eq!(log.nth_newest(4), None);
        assert_eq!(log.last_id(), 4);
    }

    #[test]
    fn an_event_that_came_twice_counts_once() {
        let mut log = log_of(&[2, 3, 5]);
        assert_eq!(log.accept(event(2, 3)), Arrival::Known);
        assert_eq!(log.accept(event(3, 5)), Arrival::Known);
        assert_eq!(log.last_id(), 3);
        assert_eq!(log.count(), 3);
    }

    #[test]
    fn an_event_after_missing_ones_is_not_taken() {
        let mut log = log_of(&[2, 3, 5]);
        assert_eq!(log.accept(event(5, 11)), Arrival::AfterHole);
        assert_eq!(log.accept(event(4, 7)), Arrival::Next);
    }

    #[test]
    fn gaps_are_the_distances_to_the_prime_before() {
        let log = log_of(&[2, 3, 5, 7, 11, 13]);
        assert_eq!(log.newest_gaps(3).collect::<Vec<_>>(), [2, 4, 2]);
        assert_eq!(log.nth_newest(5).unwrap().gap, None);
        assert_eq!(log.largest_gap(), 4);
    }

    #[test]
    fn the_classical_spiral_has_one_at_its_centre() {
        assert_eq!(log_of(&[2, 3, 5, 7, 11]).cells(), [1, 2, 4, 6, 10]);
    }

    #[test]
    fn a_run_of_large_primes_begins_near_the_centre_too() {
        let start: Number = "1000000000000000000000000".parse().unwrap();
        let mut log = PrimeLog::new(start);
        for (id, number) in [
            (1, "1000000000000000000000007"),
            (2, "1000000000000000000000049"),
        ] {
            let number = number.parse().unwrap();
            log.accept(PrimeEvent { id, number });
        }
        assert_eq!(log.cells(), [8, 50]);
        assert_eq!(log.newest().unwrap().gap, Some(42));
    }

    #[test]
    fn the_spiral_ends_at_its_edge_and_the_log_goes_on() {
        let last_cell = u64::from(spiral::MAX_CELLS) - 1;
        let mut log = log_of(&[2, last_cell + 1]);
        assert!(!log.is_beyond_spiral());
        log.accept(event(3, last_cell + 2));
        assert!(log.is_beyond_spiral());
        assert_eq!((log.cells().len(), log.count()), (2, 3));
    }

    proptest! {
        #[test]
        fn whatever_arrives_the_log_has_no_holes_and_no_doubles(
            ids in prop::collection::vec(1_u64..30, 0..200),
        ) {
            let mut log = PrimeLog::new(2.into());
            for id in ids {
                log.accept(event(id, 2 * id + 1));
            }
            let seen: Vec<_> = (0..log.count()).rev().map(|place| log.nth_newest(place).unwrap().id).collect();
            prop_assert_eq!(seen, (1..=log.last_id()).collect::<Vec<_>>());
        }
    }
}
