//! The server is killed in the midst of writing, and everything that it acknowledged is there.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::support::process::ServerProcess;
use crate::support::room::{json, request};
use crate::support::within;

/// How often the server is killed, unless this variable says another number.
const CRASHES: u64 = 200;
const CRASHES_VARIABLE: &str = "ROOMCAST_TEST_CRASHES";

const WRITERS: usize = 4;
const MESSAGES: &str = "/api/rooms/crash/messages";

/// Who publishes until the server is gone, and knows what was acknowledged.
struct Writer {
    name: usize,
    next: u64,
    /// The position of each acknowledged text.
    acknowledged: HashMap<String, String>,
}

impl Writer {
    /// Publishes until there is no answer. What had no answer is sent again, first of all, by the
    /// next call.
    async fn write(
        mut self,
        address: SocketAddr,
        count: Arc<AtomicU64>,
        wake: Arc<Notify>,
    ) -> Self {
        loop {
            let text = format!("{}-{}", self.name, self.next);
            let Some(position) = publish(address, &text).await else {
                return self;
            };
            self.acknowledged.insert(text, position);
            self.next += 1;
            count.fetch_add(1, Ordering::Relaxed);
            wake.notify_one();
        }
    }
}

/// Publishes `text` under a key that is the text itself; `None` when the server is gone.
async fn publish(address: SocketAddr, text: &str) -> Option<String> {
    use roomcast_client::http::{Connection, Options, Trust, full};
    let url = format!("http://{address}").parse().unwrap();
    let options = Options::new(Trust::Anyone);
    let mut connection = Connection::open(&url, &options).await.ok()?;
    let message = http::Request::post(MESSAGES)
        .header("idempotency-key", text)
        .body(full(text.to_owned()))
        .unwrap();
    let response = within("an answer or none", connection.send(message))
        .await
        .ok()?;
    assert_eq!(response.status(), 201);
    let body = response.into_body().bytes().await.ok()?;
    let published: serde_json::Value = serde_json::from_slice(&body).unwrap();
    Some(published["position"].as_str().unwrap().to_owned())
}

/// Every text by its position, after checking that there is no hole.
async fn history(address: SocketAddr) -> HashMap<String, String> {
    let mut texts = HashMap::new();
    let mut from = "start".to_owned();
    loop {
        let path = format!("{MESSAGES}?limit=200&from={from}");
        let response = request("http", address, "GET", &path, &[], "").await;
        let (_, page) = json(response).await;
        for message in page["messages"].as_array().unwrap() {
            let position = message["position"].as_str().unwrap();
            let expected = texts.len() + 1;
            assert!(
                position.ends_with(&format!("-{expected}")),
                "{position} is not {expected}"
            );
            texts.insert(
                position.to_owned(),
                message["text"].as_str().unwrap().to_owned(),
            );
        }
        match page["newer"].as_str() {
            Some(newer) => newer.clone_into(&mut from),
            None => return texts,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_in_order_and_once_after_every_crash() {
    let crashes = std::env::var(CRASHES_VARIABLE).map_or(CRASHES, |text| text.parse().unwrap());
    let options = [
        "--plain",
        "--messages-per-second",
        "1000000",
        "--message-burst",
        "1000000",
    ];
    let mut server = ServerProcess::start(&options).await;
    let mut writers: Vec<Writer> = (0..WRITERS)
        .map(|name| Writer {
            name,
            next: 0,
            acknowledged: HashMap::new(),
        })
        .collect();
    for crash in 0..crashes {
        let (count, wake) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let writing: Vec<_> = writers
            .drain(..)
            .map(|writer| tokio::spawn(writer.write(server.address, count.clone(), wake.clone())))
            .collect();
        // At another moment each time.
        let enough = 1 + crash * 7 % 23;
        while count.load(Ordering::Relaxed) < enough {
            within("an acknowledgement", wake.notified()).await;
        }
        server.crash().await;
        for writer in writing {
            writers.push(within("a writer", writer).await.unwrap());
        }
        let texts = history(server.address).await;
        for (text, position) in writers.iter().flat_map(|writer| &writer.acknowledged) {
            assert_eq!(texts.get(position), Some(text), "acknowledged and gone");
        }
        let mut once: Vec<_> = texts.values().collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), texts.len(), "a text is there twice");
    }
}
