//! The newest events of a room, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use super::page::Page;
use super::shelf::EVENTS_PER_PAGE;

/// How much memory pages that are joined take at most, in bytes, as pages count it: a joined page
/// then fills a write, and joining it again for each new event stays cheap.
const MAX_JOINED_BYTES: usize = 64 * 1024;

/// Pages in a row without a hole, the newest last.
#[derive(Debug)]
pub(super) struct Tail {
    pages: VecDeque<Arc<Page>>,
    bytes: usize,
    max_bytes: usize,
}

impl Tail {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            pages: VecDeque::new(),
            bytes: 0,
            max_bytes,
        }
    }

    /// Adds newer events. After a hole the tail starts anew: readers find what is missing in the
    /// log.
    pub(super) fn push(&mut self, page: Arc<Page>) {
        if let Some(last) = self.last() {
            if page.last() <= last {
                return;
            }
            if page.first() != last + 1 {
                self.pages.clear();
                self.bytes = 0;
            }
        }
        self.bytes += page.memory_bytes();
        self.pages.push_back(page);
        while self.bytes > self.max_bytes && self.pages.len() > 1 {
            if let Some(oldest) = self.pages.pop_front() {
                self.bytes -= oldest.memory_bytes();
            }
        }
    }

    /// Puts events before the oldest ones if there is no hole between and room enough. Returns
    /// whether it did.
    pub(super) fn prime(&mut self, page: Arc<Page>) -> bool {
        let fits = self.pages.front().is_none_or(|oldest| {
            oldest.first() == page.last() + 1 && self.bytes + page.memory_bytes() <= self.max_bytes
        });
        if fits {
            self.bytes += page.memory_bytes();
            self.pages.push_front(page);
        }
        fits
    }

    /// The page with the event after `offset`. Short pages behind it are joined with it, once for
    /// all readers who are that far: each of them then has one slice to write, and shares it.
    pub(super) fn find(&mut self, offset: u64) -> Option<&Arc<Page>> {
        let newest = self.pages.back()?;
        // What most readers want. A search would look into ten other pages first.
        let index = if newest.first() <= offset + 1 {
            self.pages.len() - 1
        } else {
            self.pages.partition_point(|page| page.last() <= offset)
        };
        self.pages
            .get(index)
            .filter(|page| page.first() <= offset + 1 && offset < page.last())?;
        self.join_from(index);
        self.pages.get(index)
    }

    fn join_from(&mut self, index: usize) {
        let (mut end, mut events, mut bytes) = (index, 0, 0);
        while let Some(page) = self.pages.get(end) {
            events += page.last() + 1 - page.first();
            bytes += page.memory_bytes();
            if events > EVENTS_PER_PAGE || bytes > MAX_JOINED_BYTES {
                break;
            }
            end += 1;
        }
        if end <= index + 1 {
            return;
        }
        let parts: Vec<_> = self.pages.range(index..end).cloned().collect();
        if let Some(joined) = Page::join(&parts) {
            self.pages.drain(index + 1..end);
            self.pages[index] = joined;
        }
    }

    /// The offset of the oldest event.
    pub(super) fn first(&self) -> Option<u64> {
        self.pages.front().map(|page| page.first())
    }

    /// The offset of the newest event.
    pub(super) fn last(&self) -> Option<u64> {
        self.pages.back().map(|page| page.last())
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::page;
    use super::*;

    #[test]
    fn an_event_is_found_by_the_cursor_before_it() {
        let mut tail = Tail::new(1_000_000);
        tail.push(page(5, 6));
        tail.push(page(7, 7));
        assert!(tail.prime(page(3, 4)));
        assert_eq!((tail.first(), tail.last()), (Some(3), Some(7)));
        // From behind, as each search joins what comes after.
        for (offset, first) in [(6, 7), (5, 5), (4, 5), (3, 3), (2, 3)] {
            assert_eq!(tail.find(offset).map(|page| page.first()), Some(first));
        }
        assert!(tail.find(1).is_none());
        assert!(tail.find(7).is_none());
    }

    #[test]
    fn the_oldest_pages_leave_when_there_is_no_room_and_the_newest_never_does() {
        let bytes = page(1, 1).memory_bytes();
        let mut tail = Tail::new(2 * bytes);
        for offset in 1..=3 {
            tail.push(page(offset, offset));
        }
        assert_eq!((tail.first(), tail.last()), (Some(2), Some(3)));
        tail.push(page(4, 99));
        assert_eq!((tail.first(), tail.last()), (Some(4), Some(99)));
    }

    #[test]
    fn older_pages_are_put_in_while_there_is_room_and_the_first_one_always() {
        let bytes = page(1, 1).memory_bytes();
        let mut tail = Tail::new(2 * bytes);
        assert!(tail.prime(page(5, 5)));
        assert!(tail.prime(page(4, 4)));
        assert!(!tail.prime(page(3, 3)));
        assert!(Tail::new(0).prime(page(5, 9)));
    }

    #[test]
    fn a_hole_is_never_kept() {
        let mut tail = Tail::new(1_000_000);
        tail.push(page(1, 2));
        tail.push(page(4, 5));
        assert_eq!((tail.first(), tail.last()), (Some(4), Some(5)));
        assert!(!tail.prime(page(1, 2)));
        assert_eq!(tail.first(), Some(4));
        tail.push(page(2, 3));
        assert_eq!((tail.first(), tail.last()), (Some(4), Some(5)));
    }

    #[test]
    fn readers_who_are_behind_share_one_slice_of_what_came_since() {
        let mut tail = Tail::new(1_000_000);
        for offset in 1..=3 {
            tail.push(page(offset, offset));
        }
        let behind = tail.find(0).unwrap().clone();
        assert_eq!((behind.first(), behind.last()), (1, 3));
        assert!(Arc::ptr_eq(tail.find(1).unwrap(), &behind));
        tail.push(page(4, 4));
        assert_eq!(tail.find(3).unwrap().first(), 4);
        assert_eq!(tail.find(2).unwrap().last(), 4);
        assert_eq!(tail.bytes, page(1, 4).memory_bytes());
    }

    #[test]
    fn joined_pages_stay_short() {
        let mut tail = Tail::new(10_000_000);
        for offset in 1..=3 * EVENTS_PER_PAGE {
            tail.push(page(offset, offset));
        }
        assert_eq!(tail.find(0).unwrap().last(), EVENTS_PER_PAGE);
        let long = MAX_JOINED_BYTES / page(1, 1).memory_bytes();
        tail.push(page(
            3 * EVENTS_PER_PAGE + 1,
            3 * EVENTS_PER_PAGE + long as u64,
        ));
        let last = tail.find(3 * EVENTS_PER_PAGE - 1).unwrap();
        assert_eq!(last.last(), 3 * EVENTS_PER_PAGE, "the long one stays alone");
    }
}
