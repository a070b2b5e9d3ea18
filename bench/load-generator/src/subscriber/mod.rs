//! Those who receive: each a task that does as little as it can.

mod event_stream;
mod websocket;

use std::cell::RefCell;
use std::rc::Rc;

use http::{Method, Request};
use roomcast_client::http::{ByteStream, Connection, ResponseBody, Upgrade, empty};
use roomcast_websocket::handshake;

use crate::error::Error;
use crate::options::{Options, Road};
use crate::tally::Tally;

/// A subscriber whose stream is open.
pub(crate) enum Subscriber {
    WebSocket(ByteStream),
    EventStream(ResponseBody),
}

impl Subscriber {
    /// Subscribes on a connection.
    pub(crate) async fn open(
        connection: &mut Connection,
        options: &Options,
    ) -> Result<Self, Error> {
        let request = Request::builder()
            .method(Method::GET)
            .uri(&options.subscribe);
        if options.road == Road::Websocket {
            let key = handshake::generate_key().map_err(std::io::Error::other)?;
            let request = request
                .header("sec-websocket-version", handshake::VERSION)
                .header("sec-websocket-key", key)
                .body(())?;
            return match connection.upgrade(request, "websocket").await? {
                Upgrade::Accepted(_, stream) => Ok(Self::WebSocket(stream)),
                Upgrade::Refused(response) => Err(Error::Refused {
                    what: "a WebSocket",
                    status: response.status(),
                }),
            };
        }
        let request = request
            .header("accept", "text/event-stream")
            .body(empty())?;
        let response = connection.send(request).await?;
        if !response.status().is_success() {
            return Err(Error::Refused {
                what: "an event stream",
                status: response.status(),
            });
        }
        Ok(Self::EventStream(response.into_body()))
    }

    /// Receives until the server ends it, which is an error: nobody asked it to.
    pub(crate) async fn receive(self, tally: Rc<RefCell<Tally>>) -> Error {
        let ended = match self {
            Self::WebSocket(stream) => websocket::receive(stream, &tally).await,
            Self::EventStream(body) => event_stream::receive(body, &tally).await,
        };
        ended.err().unwrap_or(Error::Ended)
    }
}
