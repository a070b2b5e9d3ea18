//! How fast primes are computed and encoded, on one core.

use std::num::NonZero;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use roomcast::prime::Primes;
use tokio::runtime::{Builder, Runtime};

fn main() {
    divan::main();
}

/// Events in one sample from 2 upwards: up to the prime 15,485,863.
const EVENTS: u64 = 1_000_000;

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .build()
        .expect("a runtime needs threads")
}

/// Reads the log from `start`, after the event `after_id`, to the event `last_id`.
fn read(runtime: &Runtime, primes: &Primes, start: &str, after_id: u64, last_id: u64) {
    let start = start.parse().expect("it is a number");
    runtime.block_on(async {
        let mut cursor = primes.open(&start, after_id, NonZero::new(last_id));
        while !cursor.is_at_end() {
            cursor.ready().await;
            black_box(cursor.take(u64::MAX));
        }
    });
}

/// Sieves and encodes a million events; nothing is known before.
#[divan::bench(sample_count = 20)]
fn compute_and_encode_from_2(bencher: Bencher) {
    let runtime = runtime();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(Primes::new)
        .bench_refs(|primes| read(&runtime, primes, "2", 0, EVENTS));
}

/// A second reader of pages that are in memory.
#[divan::bench]
fn read_shared_pages(bencher: Bencher) {
    let runtime = runtime();
    let primes = Primes::new();
    let events = 100_000;
    read(&runtime, &primes, "2", 0, events);
    bencher
        .counter(ItemsCount::new(events))
        .bench(|| read(&runtime, &primes, "2", 0, events));
}

/// Resuming after event 10,000,000 of a log of which nothing is known.
#[divan::bench(sample_count = 5)]
fn skip_10_million(bencher: Bencher) {
    let runtime = runtime();
    bencher
        .counter(ItemsCount::new(10_000_000_u64))
        .with_inputs(Primes::new)
        .bench_refs(|primes| read(&runtime, primes, "2", 10_000_000, 10_000_001));
}

/// A thousand primes of the length, found one after the other where the sieve no longer decides.
#[divan::bench(args = [13, 16, 19, 20, 40], sample_count = 5)]
fn primes_of_digits(bencher: Bencher, digits: usize) {
    let runtime = runtime();
    let start = format!("1{}", "0".repeat(digits - 1));
    bencher
        .counter(ItemsCount::new(1_000_u64))
        .with_inputs(Primes::new)
        .bench_refs(|primes| read(&runtime, primes, &start, 0, 1_000));
}

/// The first event of the default stream, as everybody gets it.
#[divan::bench]
fn first_event(bencher: Bencher) {
    let primes = Primes::new();
    let bytes = primes.first_events(1).len();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| primes.first_events(1));
}
