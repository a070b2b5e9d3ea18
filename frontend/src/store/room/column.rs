//! A long column of rows of different heights, of which only those in sight exist.
//!
//! A row is as high as it was when it was last measured; one that was never on the page is estimated.
//! The first message in the window is the anchor: whatever is measured or put in above it, it stays
//! where it is, and the column says how far to scroll for that. All lengths are CSS pixels.

use std::ops::Range;

use super::timeline::{KeyedRow, Row};

/// Rows are kept on the page this far above and below the window, so that a fast flick shows no blank.
const MARGIN: u32 = 900;

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
        self.rows.iter().map(PlacedRow::height).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::room::timeline::Row;

    const WINDOW: u32 = 600;

    fn rows(keys: impl Iterator<Item = u64>) -> Vec<KeyedRow> {
        keys.map(|key| KeyedRow {
            key,
            row: Row::Unread,
        })
        .collect()
    }

    fn column(keys: Range<u64>) -> Column {
        let mut column = Column::default();
        column.set_rows(&rows(keys), |_| 50);
        column
    }

    /// Where on the window the row with this key stands.
    fn on_window(column: &Column, key: u64) -> i64 {
        let scrolled = column.layout(WINDOW).scrolled;
        i64::from(column.place_of(key, 0)) - i64::from(scrolled)
    }

    #[test]
    fn a_column_is_seen_from_its_end_and_stays_there() {
        let mut column = column(100..200);
        assert_eq!(column.layout(WINDOW).scrolled, 100 * 50 - WINDOW);
        column.set_rows(&rows(100..210), |_| 50);
        assert_eq!(column.layout(WINDOW).scrolled, 110 * 50 - WINDOW);
        assert!(column.is_at_end());
    }

    #[test]
    fn a_short_column_is_shown_whole() {
        let column = column(0..3);
        let layout = Layout {
            shown: 0..3,
            above: 0,
            below: 0,
            scrolled: 0,
        };
        assert_eq!(column.layout(WINDOW), layout);
    }

    #[test]
    fn an_empty_column_has_nothing_to_show() {
        assert_eq!(Column::default().layout(WINDOW).shown, 0..0);
    }

    #[test]
    fn whoever_scrolled_up_stays_where_they_are_when_rows_come_on_both_sides() {
        let mut column = column(100..200);
        column.scroll(2_010, WINDOW);
        let before = on_window(&column, 145);
        column.set_rows(&rows(0..300), |_| 70);
        assert_eq!(on_window(&column, 145), before);
        assert!(!column.is_at_end());
    }

    #[test]
    fn heights_measured_above_the_window_move_nothing_in_it() {
        let mut column = column(100..200);
        column.scroll(2_010, WINDOW);
        let before = on_window(&column, 145);
        for place in 0..40 {
            column.measure(place, 33);
        }
        assert_eq!(on_window(&column, 145), before);
    }

    #[test]
    fn an_anchor_that_is_gone_leaves_its_place_to_the_next_row() {
        let messages = |range: Range<u64>| range.map(|offset| offset * 8);
        let mut column = Column::default();
        column.set_rows(&rows(messages(100..200)), |_| 50);
        column.scroll(2_000, WINDOW);
        let others = messages(100..200).filter(|key| *key != 140 * 8);
        column.set_rows(&rows(others), |_| 50);
        assert_eq!(on_window(&column, 141 * 8), 0);
    }

    #[test]
    fn who_reads_the_first_message_goes_on_reading_it_when_older_ones_come_above() {
        let start = KeyedRow {
            key: 0,
            row: Row::Start,
        };
        let with_start = |keys: &mut dyn Iterator<Item = u64>| {
            let mut all = vec![start];
            all.extend(rows(keys));
            all
        };
        // The first message has a name above it, and no longer when it follows another one.
        let (named, following) = (100 * 8 + 4, 100 * 8 + 3);
        let mut column = Column::default();
        let later = || (101..200).map(|offset| offset * 8 + 3);
        column.set_rows(
            &with_start(&mut std::iter::once(named).chain(later())),
            |_| 50,
        );
        column.scroll(0, WINDOW);
        let before = on_window(&column, named);
        let older = (1..100).map(|offset| offset * 8 + 3);
        let all = with_start(&mut older.chain([following]).chain(later()));
        column.set_rows(&all, |_| 50);
        assert_eq!(on_window(&column, following), before);
    }

    #[test]
    fn the_day_above_the_first_message_moves_nothing_when_it_goes() {
        let (start, day) = (Row::Start, Row::Day(0));
        let (day_key, first, following) = (100 * 8 + 1, 100 * 8 + 4, 100 * 8 + 3);
        let later = || (101..200).map(|offset| offset * 8 + 3);
        let all = |above: &[KeyedRow], keys: &mut dyn Iterator<Item = u64>| {
            let mut all = above.to_vec();
            all.extend(rows(keys));
            all
        };
        let start = KeyedRow { key: 0, row: start };
        let of_first = KeyedRow {
            key: day_key,
            row: day,
        };
        let mut column = Column::default();
        let before = all(
            &[start, of_first],
            &mut std::iter::once(first).chain(later()),
        );
        column.set_rows(&before, |_| 50);
        column.scroll(0, WINDOW);
        let place = on_window(&column, first);
        let older = (1..100).map(|offset| offset * 8 + 3);
        let of_older = KeyedRow {
            key: 8 + 1,
            row: day,
        };
        let after = all(
            &[start, of_older],
            &mut older.chain([following]).chain(later()),
        );
        column.set_rows(&after, |_| 50);
        assert_eq!(on_window(&column, following), place);
    }

    #[test]
    fn of_what_was_there_before_nothing_is_known_once_it_is_cleared() {
        let mut column = column(0..100);
        column.measure(0, 33);
        column.scroll(0, WINDOW);
        column.clear();
        column.set_rows(&rows(0..100), |_| 50);
        assert_eq!(column.height(), 100 * 50);
        assert!(column.is_at_end());
    }

    #[test]
    fn whoever_scrolls_to_the_end_stays_at_the_end() {
        let mut column = column(0..100);
        column.scroll(2_000, WINDOW);
        column.scroll(100 * 50 - WINDOW - END_TOLERANCE, WINDOW);
        assert!(column.is_at_end());
    }

    proptest! {
        #[test]
        fn every_row_in_the_window_exists_and_few_others(
            heights in prop::collection::vec(20_u32..400, 0..600),
            scrolled in 0_u32..100_000,
        ) {
            let mut column = Column::default();
            let count = u64::try_from(heights.len()).unwrap();
            column.set_rows(&rows(0..count), |_| 50);
            for (place, height) in heights.iter().enumerate() {
                column.measure(place, *height);
            }
            let furthest = column.height().saturating_sub(WINDOW);
            column.scroll(scrolled.min(furthest), WINDOW);
            let layout = column.layout(WINDOW);

            let shown: u32 = heights[layout.shown.clone()].iter().sum();
            prop_assert_eq!(layout.above + shown + layout.below, column.height());
            prop_assert!(layout.above <= layout.scrolled);
            let bottom = layout.above + shown;
            prop_assert!(bottom >= (layout.scrolled + WINDOW).min(column.height()));
            prop_assert!(shown <= WINDOW + 2 * MARGIN + 2 * 400);
        }
    }
}
