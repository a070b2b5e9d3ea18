//! Publishes by POST, which every server takes, over connections that stay open.

use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{Method, Request};
use roomcast_client::http::{Connection, full};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::mark::Mark;
use crate::options::Options;
use crate::tally::Run;

/// Publishes every message, at the rate that is asked for or as fast as they are answered.
pub(crate) fn publish(options: &Options, run: &Run) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let next = Rc::new(AtomicU32::new(0));
    let everybody = async {
        let mut publishers = JoinSet::new();
        let start = Instant::now();
        for _ in 0..options.at_once {
            let publisher = publish_some(options.clone(), run.clone(), next.clone(), start);
            publishers.spawn_local(publisher);
        }
        while let Some(published) = publishers.join_next().await {
            published.map_err(|_| Error::Thread)??;
        }
        Ok(())
    };
    LocalSet::new().block_on(&runtime, everybody)
}

/// One of several who share the messages.
async fn publish_some(
    options: Options,
    run: Run,
    next: Rc<AtomicU32>,
    start: Instant,
) -> Result<(), Error> {
    let mut connection = Connection::open(&options.url, &Options::publishing()).await?;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= options.messages {
            return Ok(());
        }
        if options.rate > 0 {
            sleep_until(start + Duration::from_secs(1) * number / options.rate).await;
        }
        let sent_at = run.now();
        let text = Mark { number, sent_at }.to_text(options.bytes);
        let request = Request::builder()
            .method(Method::POST)
            .uri(&options.publish)
            .header("content-type", "text/plain")
            .body(full(text))?;
        let response = connection.send(request).await?;
        if !response.status().is_success() {
            let status = response.status();
            return Err(Error::Refused {
                what: "a message",
                status,
            });
        }
        response.into_body().bytes().await?;
    }
}
