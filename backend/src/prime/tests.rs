//! What readers of a computed log share, and what it costs when they leave.

use futures_util::FutureExt;

use super::*;

/// A start whose first page takes a search of minutes or more in a debug build.
fn far_away() -> Number {
    format!("1{}", "0".repeat(999)).parse().unwrap()
}

async fn read(mut cursor: Cursor) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    while !cursor.is_at_end() {
        cursor.ready().await;
        pieces.push(cursor.take(u64::MAX));
    }
    pieces
}

fn events(count: u64) -> Option<NonZero<u64>> {
    NonZero::new(count)
}

/// Waits, without a timer, until no search computes.
async fn all_searches_to_end(primes: &Primes) {
    while !primes.workshop.is_idle() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_first_events_are_those_of_the_stream_and_share_its_memory() {
    let primes = Primes::new();
    let stream = read(primes.open(&2.into(), 0, events(3))).await;
    let first = primes.first_events(3);
    assert_eq!(stream.concat(), first);
    assert_eq!(stream[0].as_ptr(), first.as_ptr());
    assert_eq!(primes.first_events(0), "");
    assert_eq!(primes.first_events(u64::MAX), primes.first_events(1_000));
}

#[tokio::test]
async fn a_thousand_readers_share_the_encoded_bytes() {
    let primes = Primes::new();
    let first = read(primes.open(&1_000.into(), 0, events(2_500))).await;
    for _ in 0..1_000 {
        let other = read(primes.open(&1_000.into(), 0, events(2_500))).await;
        for (one, two) in first.iter().zip(&other) {
            assert_eq!(one.as_ptr(), two.as_ptr());
        }
    }
}

#[tokio::test]
async fn starts_below_2_are_the_same_log_as_2() {
    let primes = Primes::new();
    for start in [0, 1, 2] {
        let pieces = read(primes.open(&start.into(), 0, events(10))).await;
        assert_eq!(pieces[0].as_ptr(), primes.first_events(1).as_ptr());
    }
}

#[tokio::test]
async fn a_resumed_reader_gets_what_an_uninterrupted_one_gets() {
    let primes = Primes::new();
    for start in ["2", "1099511500000", "18446744073709551500"] {
        let start: Number = start.parse().unwrap();
        let whole = read(primes.open(&start, 0, events(150))).await.concat();
        for after_id in [1, 99, 124, 125, 126, 149] {
            // Another server, which knows nothing of what was read.
            let rest = read(Primes::new().open(&start, after_id, events(150))).await;
            assert!(whole.ends_with(&rest.concat()), "{start} after {after_id}");
            let events = rest
                .concat()
                .windows(2)
                .filter(|pair| pair == b"\n\n")
                .count();
            assert_eq!(events as u64, 150 - after_id);
        }
    }
}

#[tokio::test]
async fn a_search_ends_when_its_only_reader_leaves() {
    let primes = Primes::new();
    let mut cursor = primes.open(&far_away(), 0, None);
    assert_eq!(cursor.ready().now_or_never(), None);
    let search = cursor.search().downgrade().unwrap();
    drop(cursor);
    assert!(search.upgrade().is_none());
    all_searches_to_end(&primes).await;
}

#[tokio::test]
async fn two_readers_share_a_search_which_goes_on_when_one_of_them_leaves() {
    let primes = Primes::new();
    let start = format!("1{}", "0".repeat(100)).parse().unwrap();
    let mut first = primes.open(&start, 0, events(1));
    let mut second = primes.open(&start, 0, events(1));
    assert_eq!(first.ready().now_or_never(), None);
    assert_eq!(second.ready().now_or_never(), None);
    assert!(first.search().ptr_eq(second.search()));
    drop(first);
    second.ready().await;
    assert!(second.is_ready());
}

#[tokio::test]
async fn a_reader_that_stops_waiting_for_a_moment_does_not_lose_the_search() {
    let primes = Primes::new();
    let start = format!("1{}", "0".repeat(100)).parse().unwrap();
    let mut cursor = primes.open(&start, 0, events(1));
    while cursor.ready().now_or_never().is_none() {
        tokio::task::yield_now().await;
    }
    let number = format!("1{}267", "0".repeat(97));
    assert_eq!(
        cursor.take(1),
        format!("id: 1\ndata: {{\"id\":1,\"number\":\"{number}\"}}\n\n")
    );
}

#[tokio::test]
async fn a_search_waits_neither_for_long_ones_nor_for_readers_that_are_not_polled() {
    let primes = Primes::new();
    let mut long: Vec<Cursor> = (0..4)
        .map(|zeros| {
            let start = format!("7{}", "0".repeat(990 + zeros));
            primes.open(&start.parse().unwrap(), 0, None)
        })
        .collect();
    for cursor in &mut long {
        assert_eq!(cursor.ready().now_or_never(), None);
    }
    let start = "18446744073709551616".parse().unwrap();
    let short = read(primes.open(&start, 0, events(1))).await;
    assert_eq!(
        short.concat(),
        b"id: 1\ndata: {\"id\":1,\"number\":\"18446744073709551629\"}\n\n"
    );
    for cursor in &long {
        assert!(!cursor.is_ready());
    }
    drop(long);
    all_searches_to_end(&primes).await;
}

#[tokio::test]
async fn memory_for_pages_that_nobody_reads_is_bounded() {
    let primes = Primes::new();
    let mut cursor = primes.open(&2.into(), 0, events(1_500_000));
    while !cursor.is_at_end() {
        cursor.ready().await;
        cursor.take(u64::MAX);
        assert!(primes.workshop.page_bytes() <= shelf::MAX_PAGE_BYTES);
    }
    // There was more than fits: an early page, other than the first, is computed anew.
    assert!(primes.workshop.page_bytes() > shelf::MAX_PAGE_BYTES / 2);
    let again = read(primes.open(&2.into(), 1_000, events(1_001))).await;
    assert_eq!(
        again.concat(),
        b"id: 1001\ndata: {\"id\":1001,\"number\":7927}\n\n"
    );
}

#[tokio::test]
async fn logs_without_readers_are_forgotten_at_last() {
    let primes = Primes::new();
    for start in 0..10 * KEPT_LOGS as u64 {
        drop(primes.open(&(1_000 + start).into(), 0, None));
        let registry = primes.registry.lock().unwrap();
        assert!(registry.recent.len() <= KEPT_LOGS);
        assert!(registry.logs.len() <= 2 * KEPT_LOGS);
    }
}

#[tokio::test]
async fn what_was_read_of_a_log_is_near_and_need_not_be_computed_again() {
    let primes = Primes::new();
    let start: Number = "18446744073709551616".parse().unwrap();
    let mut cursor = primes.open(&start, 0, events(100));
    while !cursor.is_at_end() {
        cursor.ready().await;
        cursor.take(u64::MAX);
    }
    let known = primes.known(&start).unwrap();
    assert_eq!(known.distance(101), 0);
    assert!(known.distance(1_000) >= 900 - 100);
    assert!(known.distance(1_000) < 1_000);
    assert!(primes.known(&1_000.into()).is_none());
}

#[tokio::test]
async fn a_search_that_nobody_waits_for_takes_no_memory() {
    let primes = Primes::new();
    let mut cursor = primes.open(&far_away(), 0, None);
    assert_eq!(cursor.ready().now_or_never(), None);
    while primes.searches() == 0 {
        tokio::task::yield_now().await;
    }
    drop(cursor);
    while primes.searches() != 0 {
        tokio::task::yield_now().await;
    }
}
