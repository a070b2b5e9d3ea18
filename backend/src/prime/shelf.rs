//! What is kept of the logs because it may be wanted again.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::prime::generator::Generator;
use crate::prime::page::Page;

/// Memory for pages that nobody reads at the moment, in bytes. Pages that somebody reads are there
/// in any case.
pub(super) const MAX_PAGE_BYTES: usize = 16 << 20;

/// How many generators wait where they stopped. One takes up to 400 KB.
const MAX_GENERATORS: usize = 32;

/// The pages used most recently, and generators that stand where a reader may go on.
#[derive(Default)]
pub(super) struct Shelf {
    /// By the time of last use.
    pages: BTreeMap<u64, (Place, Arc<Page>)>,
    last_use: HashMap<Place, u64>,
    page_bytes: usize,
    time: u64,
    /// Least recently parked first.
    generators: VecDeque<(Place, Generator)>,
}

/// A log, by the order in which logs were opened, and a page of it.
pub(super) type Place = (u64, u64);

impl Shelf {
    /// Notes that a page is in use, and keeps it until more recent ones need the memory.
    pub(super) fn touch(&mut self, place: Place, page: &Arc<Page>) {
        self.time += 1;
        match self.last_use.insert(place, self.time) {
            Some(last_use) => {
                self.pages.remove(&last_use);
            }
            None => self.page_bytes += page.size(),
        }
        self.pages.insert(self.time, (place, Arc::clone(page)));
        while self.page_bytes > MAX_PAGE_BYTES {
            let Some((_, (place, page))) = self.pages.pop_first() else {
                break;
            };
            self.page_bytes -= page.size();
            self.last_use.remove(&place);
        }
    }

    /// The memory that the pages take, in bytes.
    #[cfg(test)]
    pub(super) fn page_bytes(&self) -> usize {
        self.page_bytes
    }

    /// Leaves a generator that stands before the page at `place`.
    pub(super) fn park(&mut self, place: Place, generator: Generator) {
        if self.generators.len() == MAX_GENERATORS {
            self.generators.pop_front();
        }
        self.generators.push_back((place, generator));
    }

    /// Takes a generator that stands before the page at `place`.
    pub(super) fn take_generator(&mut self, place: Place) -> Option<Generator> {
        let parked = self
            .generators
            .iter()
            .position(|(parked, _)| *parked == place)?;
        self.generators
            .remove(parked)
            .map(|(_, generator)| generator)
    }
}
