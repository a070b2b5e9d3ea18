//! A reader's place in a computed log.

use std::sync::Arc;

use bytes::Bytes;

use crate::prime::log::{Log, Lookup, PageSearch};
use crate::prime::page::Page;

/// Walks the encoded events of a log. All it has of its own is the id of its next event.
#[derive(Debug)]
pub struct Cursor {
    log: Arc<Log>,
    next_id: u64,
    last_id: u64,
    page: Option<Arc<Page>>,
    search: Option<PageSearch>,
}

impl Cursor {
    pub(super) fn new(log: Arc<Log>, after_id: u64, last_id: u64) -> Self {
        Self {
            log,
            next_id: after_id.saturating_add(1),
            last_id,
            page: None,
            search: None,
        }
    }

    /// Whether every event was taken.
    pub fn is_at_end(&self) -> bool {
        self.next_id > self.last_id
    }

    /// Whether the next event can be taken without waiting.
    pub fn is_ready(&self) -> bool {
        self.page
            .as_ref()
            .is_some_and(|page| self.next_id <= page.last_id())
    }

    /// Waits until the next event is computed; for ever only if the program ends meanwhile.
    ///
    /// # Cancel safety
    /// Safe: the search goes on with the next call. It ends when the cursor is dropped, unless
    /// another reader waits for it too.
    pub async fn ready(&mut self) {
        if self.is_ready() {
            return;
        }
        self.page = None;
        let search = match self.search.take() {
            Some(search) => search,
            None => match self.log.page(self.log.page_of(self.next_id)) {
                Lookup::Found(page) => {
                    self.page = Some(page);
                    return;
                }
                Lookup::Search(search) => search,
            },
        };
        let search = self.search.insert(search);
        self.page = Some((&mut *search).await);
        self.search = None;
    }

    /// The search that the cursor waits for.
    #[cfg(test)]
    pub(super) fn search(&self) -> &PageSearch {
        self.search.as_ref().expect("the cursor waits for a search")
    }

    /// Takes the next events that are ready, at most `max_events`. Empty when none is.
    pub fn take(&mut self, max_events: u64) -> Bytes {
        let Some(page) = &self.page else {
            return Bytes::new();
        };
        let last_id = self
            .next_id
            .saturating_add(max_events - 1)
            .min(self.last_id)
            .min(page.last_id());
        let events = page.events(self.next_id, last_id);
        self.next_id = last_id.saturating_add(1);
        events
    }
}
