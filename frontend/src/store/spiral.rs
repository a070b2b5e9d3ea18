//! Where the numbers stand on an Ulam spiral.
//!
//! The numbers 0, 1, 2, … walk around the centre: right, up, left, down, and so on.

/// Cells on a side of the largest spiral that is drawn: finer cells than this are below a pixel.
pub const MAX_SIDE: u32 = 719;

/// Cells of the largest spiral that is drawn.
pub const MAX_CELLS: u32 = MAX_SIDE * MAX_SIDE;

/// Cells on a side of the smallest spiral: fewer would be so large that they say nothing.
const MIN_SIDE: u32 = 15;

/// Column (to the right) and row (upwards) of a cell, counted from the centre.
pub fn position(cell: u32) -> (i32, i32) {
    // Ring k holds the cells from (2k−1)² up to (2k+1)², without the latter.
    let ring = cell.isqrt().div_ceil(2);
    if ring == 0 {
        return (0, 0);
    }
    let side = 2 * ring;
    let along = cell - (side - 1).pow(2);
    let (edge, step) = (along / side, along % side);
    let ring = ring.cast_signed();
    let walked = step.cast_signed() + 1;
    match edge {
        0 => (ring, walked - ring),
        1 => (ring - walked, ring),
        2 => (-ring, ring - walked),
        _ => (walked - ring, -ring),
    }
}

/// Cells on a side of a square that holds all cells up to `cell`: an odd number.
fn side_for(cell: u32) -> u32 {
    2 * cell.isqrt().div_ceil(2) + 1
}

/// The side to draw with, given the one drawn with so far.
///
/// It grows by half at a time, so that the whole picture is drawn anew a few times only, and never
/// shrinks while cells are added.
pub fn grown_side(side: u32, largest_cell: u32) -> u32 {
    let needed = side_for(largest_cell.min(MAX_CELLS - 1));
    if needed <= side.max(MIN_SIDE) {
        return side.max(MIN_SIDE);
    }
    ((side + side / 2) | 1).max(needed).min(MAX_SIDE)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_cells_walk_right_up_left_and_down_around_the_centre() {
        let walk: Vec<_> = (0..11).map(position).collect();
        assert_eq!(
            walk,
            [
                (0, 0),
                (1, 0),
                (1, 1),
                (0, 1),
                (-1, 1),
                (-1, 0),
                (-1, -1),
                (0, -1),
                (1, -1),
                (2, -1),
                (2, 0),
            ]
        );
    }

    #[test]
    fn every_cell_has_a_place_of_its_own() {
        let places: HashSet<_> = (0..10_000).map(position).collect();
        assert_eq!(places.len(), 10_000);
    }

    #[test]
    fn a_small_picture_keeps_its_size_and_a_full_one_is_drawn_larger() {
        assert_eq!(grown_side(0, 2), 15);
        assert_eq!(grown_side(15, 15 * 15 - 1), 15);
        assert_eq!(grown_side(15, 15 * 15), 23);
        assert_eq!(grown_side(15, 1_000_000), MAX_SIDE);
    }

    proptest! {
        #[test]
        fn neighbours_on_the_walk_are_neighbours_in_the_picture(cell in 0..MAX_CELLS) {
            let ((column, row), (next_column, next_row)) = (position(cell), position(cell + 1));
            prop_assert_eq!((column - next_column).abs() + (row - next_row).abs(), 1);
        }

        #[test]
        fn every_cell_is_inside_the_side_that_was_made_for_it(
            side in 0..MAX_SIDE,
            cell in 0..MAX_CELLS,
        ) {
            let side = grown_side(side, cell);
            prop_assert!(side % 2 == 1 || side > cell.isqrt());
            let reach = (side / 2).cast_signed();
            let (column, row) = position(cell);
            prop_assert!(column.abs() <= reach && row.abs() <= reach);
        }
    }
}
