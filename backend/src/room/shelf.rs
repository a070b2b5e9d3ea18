//! Pages of older events, read from the log once for all readers that want them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::page::Page;
use crate::event_log::{LogError, ReadLimit};

/// How many events a page has at most.
pub(super) const EVENTS_PER_PAGE: u64 = 64;

/// How much a page has at most, unless its only event is longer. A slow reader holds on to one page,
/// so this bounds what a crowd of them takes: 64 KiB is a good write, and four long messages.
pub(super) const PAGE: ReadLimit = ReadLimit {
    max_entries: EVENTS_PER_PAGE,
    max_bytes: 64 * 1024,
};

/// How many pages are kept for the next reader of a room.
const KEPT_PAGES: usize = 16;

/// A page that is read, being read, or about to be.
#[derive(Debug)]
struct Slot {
    /// It begins with the first event after this offset.
    after: u64,
    page: OnceCell<Option<Arc<Page>>>,
}

/// The pages that were wanted last. Where one begins is up to its first reader; as it ends at the
/// same event for all its readers, they go on together.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<VecDeque<Arc<Slot>>>);

impl Slot {
    /// Whether the page has the first event after `offset`, or may have it once it is read.
    fn may_have(&self, offset: u64) -> bool {
        self.after <= offset
            && match self.page.get() {
                None => offset < self.after + EVENTS_PER_PAGE,
                Some(page) => page.as_ref().is_some_and(|page| page.last() > offset),
            }
    }
}

impl Shelf {
    /// The page with the first event after `offset`: one that somebody has read or is just reading,
    /// or else what `read` reads after the offset that it is given. `None` if there was none when
    /// this was called.
    pub(super) async fn page<F>(
        &self,
        offset: u64,
        read: impl Fn(u64) -> F,
    ) -> Result<Option<Arc<Page>>, LogError>
    where
        F: Future<Output = Result<Option<Arc<Page>>, LogError>>,
    {
        loop {
            let slot = self.slot(offset);
            let page = slot.page.get_or_try_init(|| read(slot.after)).await?;
            match page {
                Some(page) if page.last() > offset => return Ok(Some(page.clone())),
                // It ended early, as its events are long.
                Some(_) => {}
                None => self.lock().retain(|kept| !Arc::ptr_eq(kept, &slot)),
            }
            if slot.after == offset {
                // Somebody else began to read it, perhaps before the event was there.
                return read(offset).await;
            }
        }
    }

    fn slot(&self, offset: u64) -> Arc<Slot> {
        let mut slots = self.lock();
        if let Some(slot) = slots.iter().find(|slot| slot.may_have(offset)) {
            return slot.clone();
        }
        if slots.len() >= KEPT_PAGES {
            slots.pop_front();
        }
        let slot = Arc::new(Slot {
            after: offset,
            page: OnceCell::new(),
        });
        slots.push_back(slot.clone());
        slot
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::page::tests::page;
    use super::*;

    #[tokio::test]
    async fn readers_of_one_page_share_one_reading_wherever_in_it_they_are() {
        let shelf = Shelf::default();
        let readings = AtomicU32::new(0);
        let read = |after| {
            readings.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(Some(page(after + 1, after + EVENTS_PER_PAGE)))
            }
        };
        let (one, two) = tokio::join!(shelf.page(70, read), shelf.page(100, read));
        let one = one.unwrap().unwrap();
        assert!(Arc::ptr_eq(&one, &two.unwrap().unwrap()));
        let later = shelf.page(133, read).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&one, &later));
        assert_eq!(readings.load(Ordering::Relaxed), 1);
        let next = shelf.page(134, read).await.unwrap().unwrap();
        assert_eq!(next.first(), 135);
    }

    #[tokio::test]
    async fn who_waits_for_a_page_that_ends_too_early_gets_the_next_one() {
        let shelf = Shelf::default();
        let read = |after| async move {
            tokio::task::yield_now().await;
            Ok(Some(page(after + 1, after + 2)))
        };
        let (one, two) = tokio::join!(shelf.page(0, read), shelf.page(10, read));
        assert_eq!(one.unwrap().unwrap().first(), 1);
        assert_eq!(two.unwrap().unwrap().first(), 11);
    }

    #[tokio::test]
    async fn what_was_not_there_yet_is_read_again() {
        let shelf = Shelf::default();
        let nothing = shelf.page(5, async |_| Ok(None)).await;
        assert!(nothing.unwrap().is_none());
        let read = shelf.page(5, async |_| Ok(Some(page(6, 6)))).await;
        assert_eq!(read.unwrap().unwrap().last(), 6);
        let longer = shelf.page(6, async |_| Ok(Some(page(7, 9)))).await;
        assert_eq!(longer.unwrap().unwrap().last(), 9);
    }

    #[tokio::test]
    async fn a_failed_reading_is_tried_again() {
        let shelf = Shelf::default();
        let failed = shelf.page(64, async |_| Err(LogError::Busy)).await;
        assert_eq!(failed.unwrap_err(), LogError::Busy);
        let read = shelf.page(64, async |_| Ok(Some(page(65, 128)))).await;
        assert!(read.is_ok());
    }
}
