//! The newest events of a room, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use super::page::Page;

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

    /// Puts events before the oldest ones if there is no hole between and room enough.
    pub(super) fn prime(&mut self, page: Arc<Page>) {
        let fits = self
            .pages
            .front()
            .is_none_or(|oldest| oldest.first() == page.last() + 1);
        if fits {
            self.bytes += page.memory_bytes();
            self.pages.push_front(page);
        }
    }

    /// The page with the event after `offset`.
    pub(super) fn find(&self, offset: u64) -> Option<&Arc<Page>> {
        let index = self.pages.partition_point(|page| page.last() <= offset);
        self.pages
            .get(index)
            .filter(|page| page.first() <= offset + 1)
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
        tail.prime(page(3, 4));
        assert_eq!((tail.first(), tail.last()), (Some(3), Some(7)));
        for (offset, first) in [(2, 3), (3, 3), (4, 5), (5, 5), (6, 7)] {
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
    fn a_hole_is_never_kept() {
        let mut tail = Tail::new(1_000_000);
        tail.push(page(1, 2));
        tail.push(page(4, 5));
        assert_eq!((tail.first(), tail.last()), (Some(4), Some(5)));
        tail.prime(page(1, 2));
        assert_eq!(tail.first(), Some(4));
        tail.push(page(2, 3));
        assert_eq!((tail.first(), tail.last()), (Some(4), Some(5)));
    }
}
