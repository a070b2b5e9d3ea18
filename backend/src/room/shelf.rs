//! Pages of older events, read from the log once for all readers that want them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::page::Page;
use crate::event_log::LogError;

/// How many events a page has. A slow reader holds on to one page, so this bounds what a crowd of
/// them takes: usually some tens of KiB each.
pub(super) const EVENTS_PER_PAGE: u64 = 64;

/// How many pages are kept for the next reader of a room.
const KEPT_PAGES: usize = 16;

type Slot = Arc<OnceCell<Option<Arc<Page>>>>;

/// The pages that were wanted last. Page n has the events from `n * 64 + 1` on.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<VecDeque<(u64, Slot)>>);

/// The number of the page with the event after `offset`.
pub(super) fn page_number(offset: u64) -> u64 {
    offset / EVENTS_PER_PAGE
}

impl Shelf {
    /// The page, read by `read` unless somebody has read it or is just reading it. Only whole
    /// pages are kept, as others will have more events later.
    pub(super) async fn page<F>(
        &self,
        number: u64,
        read: impl FnOnce() -> F,
    ) -> Result<Option<Arc<Page>>, LogError>
    where
        F: Future<Output = Result<Option<Arc<Page>>, LogError>>,
    {
        let slot = self.slot(number);
        let page = slot.get_or_try_init(read).await?.clone();
        let whole = page
            .as_ref()
            .is_some_and(|page| page.last() >= (number + 1) * EVENTS_PER_PAGE);
        if !whole {
            self.lock().retain(|(_, kept)| !Arc::ptr_eq(kept, &slot));
        }
        Ok(page)
    }

    fn slot(&self, number: u64) -> Slot {
        let mut slots = self.lock();
        if let Some((_, slot)) = slots.iter().find(|(kept, _)| *kept == number) {
            return slot.clone();
        }
        if slots.len() >= KEPT_PAGES {
            slots.pop_front();
        }
        let slot = Slot::default();
        slots.push_back((number, slot.clone()));
        slot
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(u64, Slot)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::page::tests::page;
    use super::*;

    #[tokio::test]
    async fn readers_of_one_page_share_one_reading() {
        let shelf = Shelf::default();
        let readings = AtomicU32::new(0);
        let read = || async {
            readings.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(Some(page(65, 128)))
        };
        let (one, two) = tokio::join!(shelf.page(1, read), shelf.page(1, read));
        assert!(Arc::ptr_eq(&one.unwrap().unwrap(), &two.unwrap().unwrap()));
        assert_eq!(readings.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_page_that_will_have_more_events_is_read_again() {
        let shelf = Shelf::default();
        for last in [127, 128] {
            let read = shelf.page(1, async || Ok(Some(page(65, last)))).await;
            assert_eq!(read.unwrap().unwrap().last(), last);
        }
    }

    #[tokio::test]
    async fn a_failed_reading_is_tried_again() {
        let shelf = Shelf::default();
        let failed = shelf.page(1, async || Err(LogError::Busy)).await;
        assert_eq!(failed.unwrap_err(), LogError::Busy);
        let read = shelf.page(1, async || Ok(Some(page(65, 128)))).await;
        assert!(read.is_ok());
    }
}
