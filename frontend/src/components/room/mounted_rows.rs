//! The rows of the list that are elements.

use web_sys::HtmlElement;

use super::selection::{self, Ends};
use crate::store::room::column::PlacedRow;
use crate::store::room::timeline::Row;

/// A row with its key.
pub type MountedRow = (u64, HtmlElement);

/// The rows that are elements, top to bottom.
#[derive(Default)]
pub struct MountedRows {
    rows: Vec<MountedRow>,
    /// The ends of the selection whose rows are no elements.
    pub held: Ends,
    /// `true` if all are to be made anew.
    is_stale: bool,
}

impl MountedRows {
    /// Returns the rows.
    pub fn rows(&self) -> &[MountedRow] {
        &self.rows
    }

    /// Makes these rows elements of `list`, and no others. Those that are there already stay the same elements, and
    /// the person's selection stays where it is. Returns `true` if any changed.
    pub fn mount(
        &mut self,
        list: &HtmlElement,
        wanted: &[PlacedRow],
        build: impl Fn(Row) -> HtmlElement,
    ) -> bool {
        let keys = || wanted.iter().map(|row| row.row.key);
        // An extension of the browser may have removed rows. Then all are made again, so that none is missing.
        let expected = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let is_whole = list.child_element_count() >= expected;
        let is_whole = is_whole && !self.is_stale;
        if is_whole && keys().eq(self.rows.iter().map(|(key, _)| *key)) {
            return false;
        }
        let ends = selection::ends(list, &self.rows, &self.held);
        if !is_whole {
            self.is_stale = false;
            for (_, element) in self.rows.drain(..) {
                element.remove();
            }
        }
        let mut old = std::mem::take(&mut self.rows).into_iter().peekable();
        for row in wanted {
            let key = row.row.key;
            while let Some((_, gone)) = old.next_if(|(old, _)| *old < key) {
                gone.remove();
            }
            let element = if let Some((_, element)) = old.next_if(|(old, _)| *old == key) {
                element
            } else {
                let element = build(row.row.row);
                let next = old.peek().map(|(_, next)| next.as_ref());
                // It fails only where `next` stands somewhere else.
                let _ = list.insert_before(&element, next);
                element
            };
            self.rows.push((key, element));
        }
        for (_, gone) in old {
            gone.remove();
        }
        self.held = if ends == [None; 2] {
            ends
        } else {
            selection::restore(list, &self.rows, &ends)
        };
        true
    }

    /// Removes all rows, and forgets the selection: other messages have their keys now.
    pub fn clear(&mut self) {
        for (_, element) in self.rows.drain(..) {
            element.remove();
        }
        self.held = [None; 2];
    }

    /// Has all rows made anew when they are next mounted.
    pub fn invalidate(&mut self) {
        self.is_stale = true;
    }

    /// Has the first row made anew if it has this key.
    pub fn invalidate_first(&mut self, key: u64) {
        if self.rows.first().is_some_and(|(first, _)| *first == key) {
            self.rows.remove(0).1.remove();
        }
    }
}
