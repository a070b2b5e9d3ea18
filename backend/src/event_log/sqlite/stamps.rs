//! Stamps in order, made of times that are not.

use std::ops::RangeInclusive;

/// Returns a stamp for each of these times of the wall clock, in order. Times outside of `possible`
/// are wrong, and no stamp is after it.
///
/// The wall clock may have been wrong in either direction while some of them were taken. The
/// largest set of times that are in order is taken to be right (a longest non-decreasing
/// subsequence); each of the others gets the stamp of the next one that is right, since nothing is
/// younger than what comes after it.
pub(super) fn in_order(times: &[u64], possible: &RangeInclusive<u64>) -> Vec<u64> {
    let right = longest_in_order(times, possible);
    let mut stamps = vec![0; times.len()];
    let mut stamp = right.last().map_or(*possible.end(), |index| times[*index]);
    let mut right = right.into_iter().rev().peekable();
    for index in (0..times.len()).rev() {
        if right.next_if_eq(&index).is_some() {
            stamp = times[index];
        }
        stamps[index] = stamp;
    }
    stamps
}

/// Returns the indices of a longest non-decreasing subsequence of the possible times, by patience
/// sorting in O(n log n).
fn longest_in_order(times: &[u64], possible: &RangeInclusive<u64>) -> Vec<usize> {
    // For each length, the index of the smallest time that ends a subsequence of that length.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; times.len()];
    for (index, time) in times.iter().enumerate() {
        if !possible.contains(time) {
            continue;
        }
        let length = ends.partition_point(|end| times[*end] <= *time);
        previous[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut longest = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        longest.push(index);
        next = previous[index];
    }
    longest.reverse();
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_in_order_are_stamps() {
        assert_eq!(in_order(&[1, 2, 2, 9], &(0..=10)), [1, 2, 2, 9]);
        assert!(in_order(&[], &(0..=10)).is_empty());
    }

    #[test]
    fn a_wrong_time_gets_the_stamp_of_what_follows() {
        assert_eq!(
            in_order(&[10, 11, 900, 12, 13], &(0..=1_000)),
            [10, 11, 12, 12, 13]
        );
        assert_eq!(
            in_order(&[10, 11, 0, 12, 13], &(0..=1_000)),
            [10, 11, 12, 12, 13]
        );
        assert_eq!(in_order(&[0, 10, 11], &(0..=1_000)), [0, 10, 11]);
    }

    #[test]
    fn a_burst_of_wrong_times_changes_no_others() {
        let times = [10, 11, 12, 900, 901, 13, 14, 0, 1, 15];
        let stamps = [10, 11, 12, 13, 13, 13, 14, 15, 15, 15];
        assert_eq!(in_order(&times, &(0..=1_000)), stamps);
    }

    #[test]
    fn a_time_in_the_future_or_in_1970_is_not_right() {
        assert_eq!(
            in_order(&[10, 900, 901, 902, 11], &(0..=100)),
            [10, 11, 11, 11, 11]
        );
        assert_eq!(in_order(&[10, 900, 901], &(0..=100)), [10, 10, 10]);
        assert_eq!(in_order(&[900], &(0..=100)), [100]);
        assert_eq!(in_order(&[0, 1, 10, 11], &(10..=100)), [10, 10, 10, 11]);
    }

    proptest! {
        #[test]
        fn stamps_are_always_in_order_and_within_the_limit(
            times in proptest::collection::vec(0..200_u64, 0..50),
            limit in 0..200_u64,
        ) {
            let stamps = in_order(&times, &(0..=limit));
            prop_assert_eq!(stamps.len(), times.len());
            prop_assert!(stamps.is_sorted());
            prop_assert!(stamps.iter().all(|stamp| *stamp <= limit));
        }
    }
}
