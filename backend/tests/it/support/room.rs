//! People in rooms, with Roomcast's own client.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response};
use http_body_util::BodyExt as _;
use roomcast_client::http::{Connection, Options, ResponseBody, Trust, Versions, full};
use roomcast_client::websocket::{OpenError, OpenOptions, WebSocket, open};
use roomcast_shared::event_stream::{Decoder, Event};
use roomcast_shared::server_message::{Gap, MessageEvent, Refusal, ServerMessage, Welcome};
use roomcast_websocket::{CloseCode, Message};
use serde_json::Value;

use super::within;

/// One tab of a person in a room.
pub(crate) struct Tab {
    pub(crate) socket: WebSocket,
    pub(crate) welcome: Welcome,
    /// The cookie that makes another tab the same person.
    pub(crate) cookie: Option<String>,
}

impl Tab {
    /// Enters over TLS.
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Self {
        Self::open_with(address, path, Versions::Http1, &[])
            .await
            .unwrap()
    }

    /// Enters over one version of HTTP, with these header fields.
    pub(crate) async fn open_with(
        address: SocketAddr,
        path: &str,
        versions: Versions,
        fields: &[(&'static str, &str)],
    ) -> Result<Self, OpenError> {
        Self::open_at(&format!("wss://{address}{path}"), versions, fields).await
    }

    /// Enters without TLS.
    pub(crate) async fn open_plain(address: SocketAddr, path: &str) -> Self {
        let url = format!("ws://{address}{path}");
        Self::open_at(&url, Versions::Http1, &[]).await.unwrap()
    }

    async fn open_at(
        url: &str,
        versions: Versions,
        fields: &[(&'static str, &str)],
    ) -> Result<Self, OpenError> {
        let url = url.parse().unwrap();
        let options = OpenOptions {
            headers: headers(fields),
            protocols: vec!["roomcast.v1".to_owned()],
            ..OpenOptions::default()
        };
        let opened = within("a room", open(&url, &http_options(versions), &options)).await?;
        assert_eq!(opened.protocol.as_deref(), Some("roomcast.v1"));
        let cookie = opened.response.headers().get("set-cookie");
        let cookie = cookie.map(|cookie| {
            let cookie = cookie.to_str().unwrap();
            cookie.split(';').next().unwrap().to_owned()
        });
        let mut socket = opened.socket;
        let ServerMessage::Welcome(welcome) = receive(&mut socket).await else {
            panic!("a welcome comes first");
        };
        Ok(Self {
            socket,
            welcome,
            cookie,
        })
    }

    /// The next thing that the server sends.
    pub(crate) async fn next(&mut self) -> ServerMessage {
        receive(&mut self.socket).await
    }

    /// The next thing that `wanted` wants.
    pub(crate) async fn find<T>(&mut self, wanted: impl Fn(ServerMessage) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next().await) {
                return found;
            }
        }
    }

    /// The next refusal.
    pub(crate) async fn refusal(&mut self) -> Refusal {
        self.find(|message| match message {
            ServerMessage::Error(refusal) => Some(refusal),
            _ => None,
        })
        .await
    }

    /// The next gap.
    pub(crate) async fn gap(&mut self) -> Gap {
        self.find(|message| match message {
            ServerMessage::Gap(gap) => Some(gap),
            _ => None,
        })
        .await
    }

    /// The next message.
    pub(crate) async fn message(&mut self) -> MessageEvent {
        self.find(|message| match message {
            ServerMessage::Message(event) => Some(event),
            ServerMessage::Gap(gap) => panic!("{gap:?}"),
            _ => None,
        })
        .await
    }

    /// Says something, and waits for nothing.
    pub(crate) async fn say(&mut self, nonce: &str, text: &str) {
        let json = serde_json::json!({"type": "say", "nonce": nonce, "text": text});
        self.send(&json.to_string()).await;
    }

    /// Sends anything.
    pub(crate) async fn send(&mut self, text: &str) {
        within("a send", self.socket.send(text)).await.unwrap();
    }

    /// The code with which the server closes.
    pub(crate) async fn close_code(&mut self) -> CloseCode {
        while within("a close", self.socket.recv())
            .await
            .unwrap()
            .is_some()
        {}
        self.socket.peer_close().expect("a code").code()
    }
}

async fn receive(socket: &mut WebSocket) -> ServerMessage {
    match within("a message", socket.recv()).await.unwrap() {
        Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?} is no message of the protocol"),
    }
}

fn http_options(versions: Versions) -> Options {
    Options {
        versions,
        ..Options::new(Trust::Anyone)
    }
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let fields = fields.iter();
    fields
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect()
}

/// Sends a request over a connection of its own; `scheme` is `http` or `https`.
pub(crate) async fn request(
    scheme: &str,
    address: SocketAddr,
    method: &str,
    path: &str,
    fields: &[(&'static str, &str)],
    body: &str,
) -> Response<ResponseBody> {
    let url = format!("{scheme}://{address}").parse().unwrap();
    let options = http_options(Versions::Both);
    let mut connection = within("a connection", Connection::open(&url, &options))
        .await
        .unwrap();
    let mut request = Request::new(full(Bytes::copy_from_slice(body.as_bytes())));
    *request.method_mut() = method.parse().unwrap();
    *request.uri_mut() = path.parse().unwrap();
    *request.headers_mut() = headers(fields);
    within("a response", connection.send(request))
        .await
        .unwrap()
}

/// Publishes text. Returns the response's head and its JSON.
pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    fields: &[(&'static str, &str)],
    text: &str,
) -> (Response<()>, Value) {
    let response = request("https", address, "POST", path, fields, text).await;
    json(response).await
}

/// Gets something in JSON.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (Response<()>, Value) {
    let fields = [("accept", "application/json")];
    json(request("https", address, "GET", path, &fields, "").await).await
}

pub(crate) async fn json(response: Response<ResponseBody>) -> (Response<()>, Value) {
    let (head, body) = response.into_parts();
    let body = within("a body", body.bytes()).await.unwrap();
    let json = serde_json::from_slice(&body).unwrap();
    (Response::from_parts(head, ()), json)
}

/// A reader of an event stream.
pub(crate) struct EventReader {
    body: ResponseBody,
    decoder: Decoder,
    events: std::collections::VecDeque<Event>,
}

impl EventReader {
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        fields: &[(&'static str, &str)],
    ) -> Self {
        let mut all = vec![("accept", "text/event-stream")];
        all.extend_from_slice(fields);
        Self::of(request("https", address, "GET", path, &all, "").await)
    }

    /// Reads the stream of this response.
    pub(crate) fn of(response: Response<ResponseBody>) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(
            response.headers()["cache-control"],
            "no-cache, no-transform"
        );
        Self {
            body: response.into_body(),
            decoder: Decoder::new(1 << 20),
            events: std::collections::VecDeque::new(),
        }
    }

    pub(crate) async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            let frame = within("an event", self.body.frame()).await;
            let frame = frame.expect("the stream goes on").unwrap();
            let mut events = Vec::new();
            let data = frame.into_data().unwrap_or_default();
            self.decoder.decode(&data, &mut events).unwrap();
            self.events.extend(events);
        }
    }

    /// The next event of this type.
    pub(crate) async fn find(&mut self, event_type: &str) -> Event {
        loop {
            let event = self.next().await;
            if event.event_type == event_type {
                return event;
            }
        }
    }
}
