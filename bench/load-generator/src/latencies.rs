//! Many durations in little memory.

/// Buckets for each doubling: a value is off by at most 1/32.
const BUCKETS_PER_DOUBLING: u32 = 32;

/// Counts durations in microseconds in buckets that grow with them.
#[derive(Clone, Debug)]
pub(crate) struct Latencies {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            counts: vec![0; bucket(u64::MAX) + 1],
            total: 0,
        }
    }
}

impl Latencies {
    /// Counts one.
    pub(crate) fn record(&mut self, microseconds: u64) {
        self.counts[bucket(microseconds)] += 1;
        self.total += 1;
    }

    /// Adds those that others counted.
    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// So many of a thousand are no longer than this, in microseconds; 0 when there are none.
    pub(crate) fn per_mille(&self, share: u64) -> u64 {
        let wanted = (self.total * share).div_ceil(1_000);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return lowest(bucket);
            }
        }
        0
    }
}

/// Values below twice the number of buckets have one each; from there on `shift` bits are lost.
fn bucket(value: u64) -> usize {
    let bits = 64 - value.leading_zeros();
    let shift = bits.saturating_sub(BUCKETS_PER_DOUBLING.ilog2() + 1);
    let index = u64::from(shift * BUCKETS_PER_DOUBLING) + (value >> shift);
    usize::try_from(index).expect("there are fewer than 2,000 buckets")
}

fn lowest(bucket: usize) -> u64 {
    let doubling = u64::from(BUCKETS_PER_DOUBLING);
    let bucket = bucket as u64;
    if bucket < 2 * doubling {
        return bucket;
    }
    let shift = bucket / doubling - 1;
    (bucket % doubling + doubling) << shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_a_hundred_the_fiftieth_and_the_ninety_ninth_are_found() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.per_mille(500), 0);
        for value in (1..=50).rev() {
            latencies.record(value);
        }
        let mut others = Latencies::default();
        for value in 51..=100 {
            others.record(value * 1_000);
        }
        latencies.add(&others);
        assert_eq!(latencies.per_mille(500), 50);
        assert_eq!(latencies.per_mille(990), lowest(bucket(99_000)));
    }

    proptest! {
        #[test]
        fn a_value_is_remembered_to_a_thirty_second(value: u64) {
            let remembered = lowest(bucket(value));
            prop_assert!(remembered <= value);
            prop_assert!(value - remembered <= value / 32);
        }
    }
}
