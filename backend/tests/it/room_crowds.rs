//! More readers in one room than any one structure holds at once.

use h2::RecvStream;
use h2::client::Builder;

use crate::support::client::{Client, get};
use crate::support::room::post;
use crate::support::server::TestServer;
use crate::support::within;

const EVENTS: &str = "/api/rooms/lobby/events?from=now";
const MESSAGES: &str = "/api/rooms/lobby/messages";

const CONNECTIONS: usize = 3;
const STREAMS: usize = 100;

/// One event stream of many.
struct Reader {
    stream: RecvStream,
    text: String,
}

impl Reader {
    /// Reads until `wanted` is there.
    async fn read_to(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            let data = within("an event", self.stream.data()).await;
            let data = data.expect("the stream goes on").unwrap();
            self.stream
                .flow_control()
                .release_capacity(data.len())
                .unwrap();
            self.text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    /// The texts of the messages, in the order in which they came.
    fn texts(&self) -> Vec<&str> {
        let messages = self.text.split(r#""text":""#).skip(1);
        messages
            .map(|rest| rest.split('"').next().unwrap())
            .collect()
    }
}

#[tokio::test]
async fn each_of_three_hundred_readers_gets_each_message_once() {
    let server = TestServer::start().await;
    let (mut clients, mut readers) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        // They are read one after the other, so all that comes has to have room meanwhile.
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .initial_window_size(1 << 20)
            .initial_connection_window_size(1 << 28);
        let mut client = Client::connect_with(server.address, &builder).await;
        for _ in 0..STREAMS {
            let (response, _) = client.begin(get(EVENTS, &[]), true).await;
            let response = within("a response", response).await.unwrap();
            readers.push(Reader {
                stream: response.into_body(),
                text: String::new(),
            });
        }
        clients.push(client);
    }
    for reader in &mut readers {
        reader.read_to("caught-up").await;
    }
    for text in ["one", "two", "three"] {
        let (head, published) = post(server.address, MESSAGES, &[], text).await;
        assert_eq!(head.status(), 201);
        assert_eq!(published["readers"], CONNECTIONS * STREAMS);
    }
    for reader in &mut readers {
        reader.read_to(r#""text":"three""#).await;
        assert_eq!(reader.texts(), ["one", "two", "three"]);
    }
}
