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

#[test]
fn a_column_that_is_seen_as_a_whole_keeps_its_height_and_its_place() {
    let mut column = column(0..20_000);
    column.scroll(500_000, WINDOW);
    let before = column.layout(WINDOW);
    column.set_whole(true);
    let whole = column.layout(WINDOW);
    assert_eq!(whole.scrolled, before.scrolled);
    let around = before.shown.start - MAX_WHOLE_ROWS..before.shown.end + MAX_WHOLE_ROWS;
    assert_eq!(whole.shown, around);
    let shown = u32::try_from(whole.shown.len()).unwrap() * 50;
    assert_eq!(whole.above + shown + whole.below, column.height());
    column.set_whole(false);
    assert_eq!(column.layout(WINDOW), before);
}

#[test]
fn all_rows_of_a_column_exist_while_it_is_seen_as_a_whole() {
    let mut column = column(0..1_000);
    column.set_whole(true);
    let layout = column.layout(WINDOW);
    assert_eq!((layout.shown, layout.above, layout.below), (0..1_000, 0, 0));
}

#[test]
fn a_row_that_is_gone_to_is_in_the_window() {
    let mut column = column(0..1_000);
    column.go_to(300, WINDOW);
    assert_eq!(on_window(&column, 300), i64::from(WINDOW / 3));
    column.go_to(999, WINDOW);
    assert_eq!(
        on_window(&column, 999),
        i64::from(WINDOW) - 50,
        "there is nothing below"
    );
    column.go_to(0, WINDOW);
    assert_eq!(on_window(&column, 0), 0, "there is nothing above");
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
