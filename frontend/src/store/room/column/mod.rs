//! A long column of rows of different heights, of which only those in sight exist.
//!
//! A row is as high as it was when it was last measured; one that was never on the page is estimated.
//! The first message in the window is the anchor: whatever is measured or put in above it, it stays
//! where it is, and the column says how far to scroll for that. All lengths are CSS pixels.

use std::ops::Range;

use super::timeline::{KeyedRow, Row};

/// Rows are kept on the page this far above and below the window, so that a fast flick shows no blank.
const MARGIN: u32 = 900;

/// Number of rows on each side of the window that exist while the column is to be seen as a whole: a limit on the
/// memory and the time of a layout.
pub const MAX_WHOLE_ROWS: usize = 5_000;

/// Whoever is this near to the end is at the end: browsers scroll by fractions of pixels. More would hold
/// back those who scroll up slowly.
const END_TOLERANCE: u32 = 4;

/// A row with its height; 0 is one that was not measured yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedRow {
    /// The row.
    pub row: KeyedRow,
    height: u32,
    estimate: u32,
}

impl PlacedRow {
    fn height(&self) -> u32 {
        if self.height == 0 {
            self.estimate
        } else {
            self.height
        }
    }
}

/// Where the window stands.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    /// At the end, also when rows are added there.
    #[default]
    End,
    /// So many pixels below the top of the row with this key; above it, if the window begins with what is
    /// before the first message, or with a day: older messages come in between, or take the day's place.
    Row { key: u64, below: i64 },
}

/// The column; an empty one is seen from its end.
#[derive(Debug, Default)]
pub struct Column {
    rows: Vec<PlacedRow>,
    anchor: Anchor,
    is_whole: bool,
}

/// What of a column exists on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The places of the rows that exist.
    pub shown: Range<usize>,
    /// The height of all rows above them.
    pub above: u32,
    /// The height of all rows below them.
    pub below: u32,
    /// How far the window is scrolled.
    pub scrolled: u32,
}

impl Column {
    /// The rows, top to bottom.
    pub fn rows(&self) -> &[PlacedRow] {
        &self.rows
    }

    /// Whether the end is in sight.
    pub fn is_at_end(&self) -> bool {
        self.anchor == Anchor::End
    }

    /// Puts other rows in, in the order of their keys. Those that were there keep their heights.
    pub fn set_rows(&mut self, rows: &[KeyedRow], estimate: impl Fn(&KeyedRow) -> u32) {
        let mut known = self.rows.iter().peekable();
        let placed = rows
            .iter()
            .map(|row| {
                while known.next_if(|old| old.row.key < row.key).is_some() {}
                let old = known.next_if(|old| old.row.key == row.key);
                PlacedRow {
                    row: *row,
                    height: old.map_or(0, |old| old.height),
                    estimate: old.map_or_else(|| estimate(row), |old| old.estimate),
                }
            })
            .collect();
        self.rows = placed;
    }

    /// What a key named is something else now: nothing of what is known holds.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The row at a place is so high.
    pub fn measure(&mut self, place: usize, height: u32) {
        if let Some(row) = self.rows.get_mut(place) {
            row.height = height;
        }
    }

    /// The window has another width: no height holds any longer.
    pub fn forget_heights(&mut self) {
        for row in &mut self.rows {
            row.estimate = row.height();
            row.height = 0;
        }
    }

    /// Goes to the end, and stays there.
    pub fn go_to_end(&mut self) {
        self.anchor = Anchor::End;
    }

    /// Goes to the row with this key, or to the next one, a third of the window below its top.
    pub fn go_to(&mut self, key: u64, window: u32) {
        let below = -i64::from(window / 3);
        self.anchor = Anchor::Row { key, below };
    }

    /// Makes rows out of sight exist too, at most [`MAX_WHOLE_ROWS`] on each side of the window; or no longer.
    pub fn set_whole(&mut self, is_whole: bool) {
        self.is_whole = is_whole;
    }

    /// Returns `true` if rows out of sight exist too.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The person has scrolled to `scrolled`, of a window of this height.
    pub fn scroll(&mut self, scrolled: u32, window: u32) {
        if scrolled + window + END_TOLERANCE >= self.height() {
            self.anchor = Anchor::End;
            return;
        }
        let mut top = 0;
        for row in &self.rows {
            let height = row.height();
            let may_leave = matches!(row.row.row, Row::Start | Row::Day(_));
            if top + height > scrolled && !may_leave {
                self.anchor = Anchor::Row {
                    key: row.row.key,
                    below: i64::from(scrolled) - i64::from(top),
                };
                return;
            }
            top += height;
        }
    }

    /// What exists on the page, for a window of this height.
    pub fn layout(&self, window: u32) -> Layout {
        let total = self.height();
        let furthest = total.saturating_sub(window);
        let scrolled = match self.anchor {
            Anchor::End => furthest,
            Anchor::Row { key, below } => self.place_of(key, below).min(furthest),
        };
        let (from, to) = (scrolled.saturating_sub(MARGIN), scrolled + window + MARGIN);
        let (mut top, mut above, mut end_of_shown) = (0, 0, 0);
        let mut shown = 0..0;
        for (place, row) in self.rows.iter().enumerate() {
            let bottom = top + row.height();
            if bottom <= from {
                shown = place + 1..place + 1;
                above = bottom;
                end_of_shown = bottom;
            } else if top < to {
                shown.end = place + 1;
                end_of_shown = bottom;
            } else {
                break;
            }
            top = bottom;
        }
        if self.is_whole {
            let around = shown.start.saturating_sub(MAX_WHOLE_ROWS)
                ..self.rows.len().min(shown.end + MAX_WHOLE_ROWS);
            above -= self.height_of(around.start..shown.start);
            end_of_shown += self.height_of(shown.end..around.end);
            shown = around;
        }
        Layout {
            shown,
            above,
            below: total - end_of_shown,
            scrolled,
        }
    }

    /// Where the window's top is when it is anchored to a row. When that row is gone, another one of the
    /// same message takes its place, as the day above it and its name go when older messages come; or else
    /// the next one.
    fn place_of(&self, key: u64, below: i64) -> u32 {
        let known = |row: &PlacedRow| row.row.key == key;
        let is_there = self.rows.iter().any(known);
        let mut top = 0;
        for row in &self.rows {
            let is_it = if is_there {
                known(row)
            } else {
                row.row.is_of_same_message_or_later(key)
            };
            if is_it {
                let place = i64::from(top) + below;
                return u32::try_from(place.max(0)).unwrap_or(top);
            }
            top += row.height();
        }
        top
    }

    fn height(&self) -> u32 {
        self.height_of(0..self.rows.len())
    }

    fn height_of(&self, places: Range<usize>) -> u32 {
        self.rows[places].iter().map(PlacedRow::height).sum()
    }
}

#[cfg(test)]
mod tests;
