//! Which rows of a long list are in sight.

use std::ops::Range;

/// Rows kept above and below those in sight, so that a fast flick shows no blank.
const MARGIN_ROWS: usize = 6;

/// The places, counted from the top, of the rows to show.
///
/// `scrolled` and `height` are those of the list's window, and `row` is the height of a row, all in
/// CSS pixels.
pub fn in_sight(rows: usize, scrolled: usize, height: usize, row: usize) -> Range<usize> {
    let first = scrolled / row;
    let in_window = height / row + 2;
    let end = first
        .saturating_add(in_window)
        .saturating_add(MARGIN_ROWS)
        .min(rows);
    first.saturating_sub(MARGIN_ROWS).min(end)..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn at_the_top_the_newest_rows_are_shown() {
        assert_eq!(in_sight(1_000, 0, 400, 40), 0..18);
    }

    #[test]
    fn a_short_list_is_shown_whole() {
        assert_eq!(in_sight(3, 0, 400, 40), 0..3);
        assert_eq!(in_sight(0, 0, 400, 40), 0..0);
    }

    proptest! {
        #[test]
        fn every_row_in_the_window_is_shown_and_few_others(
            rows in 0..300_000_usize,
            scrolled in 0..10_000_000_usize,
            height in 0..2_000_usize,
        ) {
            let shown = in_sight(rows, scrolled, height, 40);
            prop_assert!(shown.start <= shown.end && shown.end <= rows);
            prop_assert!(shown.len() <= 2_000 / 40 + 2 + 2 * MARGIN_ROWS);
            for place in 0..rows {
                let top = place * 40;
                if top + 40 > scrolled && top < scrolled + height {
                    prop_assert!(shown.contains(&place), "row {}", place);
                }
            }
        }
    }
}
