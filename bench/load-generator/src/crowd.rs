//! The subscribers of one thread.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::mpsc::Sender;

use roomcast_client::http::Connection;
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet, spawn_local};

use crate::error::Error;
use crate::latencies::Latencies;
use crate::options::Options;
use crate::subscriber::Subscriber;
use crate::tally::{Run, Tally};

/// Connections that are opened at once.
const OPENED_AT_ONCE: usize = 32;

/// What the subscribers of a thread got.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) latencies: Latencies,
    /// Messages that came again.
    pub(crate) doubles: u64,
    /// Subscribers whose stream ended, and why the first of them did.
    pub(crate) broken: u64,
    pub(crate) first_error: Option<String>,
}

/// Subscribers that share a thread, its latencies and its list of tallies.
struct Crowd {
    options: Options,
    run: Run,
    latencies: Rc<RefCell<Latencies>>,
    tallies: RefCell<Vec<Rc<RefCell<Tally>>>>,
    errors: Rc<RefCell<Vec<Error>>>,
}

/// Opens the subscribers with these numbers, says so to `opened`, and receives until `stop`.
pub(crate) fn receive(
    options: &Options,
    run: &Run,
    subscribers: Range<usize>,
    opened: &Sender<()>,
    mut stop: watch::Receiver<bool>,
) -> Result<Received, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let crowd = Rc::new(Crowd {
        options: options.clone(),
        run: run.clone(),
        latencies: Rc::default(),
        tallies: RefCell::default(),
        errors: Rc::default(),
    });
    LocalSet::new().block_on(&runtime, async {
        open_all(&crowd, subscribers).await?;
        opened.send(()).map_err(|_| Error::Thread)?;
        // It changes once; when its other end is gone, the run is over as well.
        let _ = stop.changed().await;
        Ok::<_, Error>(())
    })?;
    let doubles = crowd
        .tallies
        .borrow()
        .iter()
        .map(|tally| tally.borrow().doubles())
        .sum();
    let errors = crowd.errors.borrow();
    Ok(Received {
        latencies: crowd.latencies.borrow().clone(),
        doubles,
        broken: errors.len() as u64,
        first_error: errors.first().map(Error::to_string),
    })
}

async fn open_all(crowd: &Rc<Crowd>, subscribers: Range<usize>) -> Result<(), Error> {
    let mut opening = JoinSet::new();
    for first in subscribers.clone().step_by(crowd.options.per_connection()) {
        if opening.len() >= OPENED_AT_ONCE
            && let Some(opened) = opening.join_next().await
        {
            opened.map_err(|_| Error::Thread)??;
        }
        let count = crowd.options.per_connection().min(subscribers.end - first);
        let crowd = crowd.clone();
        opening.spawn_local(async move { crowd.open(count).await });
    }
    while let Some(opened) = opening.join_next().await {
        opened.map_err(|_| Error::Thread)??;
    }
    Ok(())
}

impl Crowd {
    /// Opens so many subscribers on one connection.
    async fn open(&self, count: usize) -> Result<(), Error> {
        let options = &self.options;
        let mut connection = Connection::open(&options.url, &options.subscribing()).await?;
        for _ in 0..count {
            let subscriber = Subscriber::open(&mut connection, options).await?;
            let tally = Tally::new(self.run.clone(), options.messages, self.latencies.clone());
            let tally = Rc::new(RefCell::new(tally));
            self.tallies.borrow_mut().push(tally.clone());
            let errors = self.errors.clone();
            spawn_local(async move {
                let error = subscriber.receive(tally).await;
                errors.borrow_mut().push(error);
            });
        }
        Ok(())
    }
}
