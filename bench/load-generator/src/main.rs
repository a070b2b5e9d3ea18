//! The load generator of the fan-out benchmark: see the options.
//!
//! It is a process of its own, so that what it costs is not counted as the server's, and does as
//! little as it can for each message, as both share one machine.

mod crowd;
mod error;
mod latencies;
mod mark;
mod options;
mod publisher;
mod server_process;
mod subscriber;
mod tally;

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser as _;
use serde::Serialize;
use tokio::sync::watch;

use crowd::Received;
use error::Error;
use latencies::Latencies;
use options::Options;
use server_process::ServerProcess;
use tally::Run;

/// How long nothing has to arrive until what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether everything has arrived.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// What is printed.
#[derive(Debug, Serialize)]
struct Report {
    /// Messages that arrived, over all subscribers.
    deliveries: u64,
    /// Messages that did not arrive, and that arrived again.
    lost: u64,
    doubles: u64,
    /// Subscribers that the server cut off, and why.
    broken: u64,
    first_error: Option<String>,
    /// From the first message to the last delivery, in seconds.
    seconds: f64,
    /// From sending to having, in milliseconds.
    p50_ms: f64,
    p99_ms: f64,
    /// The server's processor time meanwhile, in seconds.
    cpu_seconds: f64,
    /// The server's memory for each idle subscriber, in KiB.
    kib_per_subscriber: f64,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(report) => {
            let json = serde_json::to_string(&report).expect("numbers and a text can be written");
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load-generator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<Report, Error> {
    let run = Run::begin();
    let server = ServerProcess::new(options.process);
    let (stop, stopped) = watch::channel(false);
    let (opened, all_opened) = mpsc::channel();
    let memory_before = server.memory_kib()?;
    thread::scope(|scope| {
        let share = options.subscribers.div_ceil(options.threads.max(1)).max(1);
        let mut crowds = Vec::new();
        for first in (0..options.subscribers).step_by(share) {
            let subscribers = first..options.subscribers.min(first + share);
            let (run, opened, stopped) = (&run, opened.clone(), stopped.clone());
            crowds.push(
                scope.spawn(move || crowd::receive(options, run, subscribers, &opened, stopped)),
            );
        }
        drop(opened);
        // A crowd that fails says nothing here, but when it is joined.
        let everybody = all_opened.iter().take(crowds.len()).count() == crowds.len();
        thread::sleep(Duration::from_millis(options.settle));
        let memory = server.memory_kib()? - memory_before;
        let measured = if everybody {
            Some(publish_to_everybody(options, &run, server)?)
        } else {
            None
        };
        stop.send_replace(true);
        let mut received = Received::default();
        for crowd in crowds {
            let more = crowd.join().map_err(|_| Error::Thread)??;
            received.latencies.add(&more.latencies);
            received.doubles += more.doubles;
            received.broken += more.broken;
            received.first_error = received.first_error.or(more.first_error);
        }
        let (seconds, cpu_seconds) = measured.ok_or(Error::Thread)?;
        Ok(report(
            options,
            &run,
            &received,
            (seconds, cpu_seconds, memory),
        ))
    })
}

/// Publishes, and waits until everything has arrived or nothing arrives any more. How long that
/// took, and what it cost the server, in seconds.
fn publish_to_everybody(
    options: &Options,
    run: &Run,
    server: ServerProcess,
) -> Result<(f64, f64), Error> {
    let expected = expected(options);
    let cpu_before = server.cpu_seconds()?;
    let start = Instant::now();
    thread::scope(|scope| {
        let publisher = scope.spawn(|| publisher::publish(options, run));
        let (mut arrived, mut last_arrival) = (0, Instant::now());
        while arrived < expected && last_arrival.elapsed() < PATIENCE {
            thread::sleep(LOOK_INTERVAL);
            let now = run.arrived();
            if now > arrived {
                (arrived, last_arrival) = (now, Instant::now());
            }
            if publisher.is_finished() && arrived == 0 {
                break;
            }
        }
        let seconds = last_arrival.duration_since(start).as_secs_f64();
        let cpu_seconds = server.cpu_seconds()? - cpu_before;
        publisher.join().map_err(|_| Error::Thread)??;
        Ok((seconds, cpu_seconds))
    })
}

fn expected(options: &Options) -> u64 {
    options.subscribers as u64 * u64::from(options.messages)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "what is shown has three digits, and the counts are far below 2^52"
)]
fn report(
    options: &Options,
    run: &Run,
    received: &Received,
    (seconds, cpu_seconds, memory_kib): (f64, f64, f64),
) -> Report {
    let milliseconds = |latencies: &Latencies, share| latencies.per_mille(share) as f64 / 1_000.0;
    Report {
        deliveries: run.arrived(),
        lost: expected(options).saturating_sub(run.arrived()),
        doubles: received.doubles,
        broken: received.broken,
        first_error: received.first_error.clone(),
        seconds,
        p50_ms: milliseconds(&received.latencies, 500),
        p99_ms: milliseconds(&received.latencies, 990),
        cpu_seconds,
        kib_per_subscriber: memory_kib / options.subscribers as f64,
    }
}
