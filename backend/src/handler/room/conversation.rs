//! A room's WebSocket once it is open: events to the client, its messages to the room.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::{Person, PersonId, PersonName};
use roomcast_shared::server_message::{Refusal, RefusalCode, ServerMessage};
use roomcast_websocket::{CloseCode, CloseFrame, EncodedFrames, Error, Message};

use super::pace::Pace;
use crate::event_log::LogError;
use crate::room::Rooms;
use crate::room::presence::guest_name;
use crate::room::publish::{Nonce, PublishError, Sender};
use crate::shutdown::Shutdown;
use crate::subscriber::Subscriber;
use crate::transport::Format;
use crate::transport::websocket::ServerWebSocket;

/// How many pieces are queued before the client is listened to again. Four of them share a write
/// when a room is busy.
const FED_IN_A_ROW: u32 = 4;

/// One client in one room.
pub(super) struct Conversation {
    socket: ServerWebSocket,
    subscriber: Subscriber,
    rooms: Arc<Rooms>,
    sender: Sender,
    person: PersonId,
    pace: Pace,
}

/// Why a conversation ends.
enum End {
    /// The connection is closed already, or broken.
    Closed(Option<Error>),
    /// Older events cannot be read.
    Log(LogError),
    /// The client sent something else than text.
    NotText,
    /// The server stops.
    Shutdown,
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Closed(Some(error))
    }
}

impl Conversation {
    /// A conversation of `person`, whose messages are counted with those of `sender`. In a box:
    /// futures copy what they are given, and there are as many as there are readers.
    pub(super) fn new(
        socket: ServerWebSocket,
        subscriber: Subscriber,
        rooms: Arc<Rooms>,
        sender: Sender,
        person: PersonId,
    ) -> Box<Self> {
        Box::new(Self {
            socket,
            subscriber,
            rooms,
            sender,
            person,
            pace: Pace::new(),
        })
    }

    /// Holds it until either side ends it.
    pub(super) async fn hold(mut self: Box<Self>, shutdown: Shutdown) {
        let end = tokio::select! {
            end = self.converse() => end,
            () = shutdown.requested() => End::Shutdown,
        };
        let closing = match end {
            End::Closed(None) => {
                let goodbye = self.socket.peer_close().map(CloseFrame::code);
                if goodbye == Some(CloseCode::NORMAL) {
                    self.subscriber.say_goodbye();
                }
                return;
            }
            End::Closed(Some(error)) => Err(error),
            End::Log(error) => {
                let room = self.subscriber.room().name();
                tracing::warn!(%room, %error, "a WebSocket is closed: its events cannot be read");
                let reason = "events cannot be read now; come back later";
                self.socket.close(CloseCode::TRY_AGAIN_LATER, reason).await
            }
            End::NotText => {
                let reason = "send JSON as text";
                self.socket.close(CloseCode::UNSUPPORTED_DATA, reason).await
            }
            End::Shutdown => {
                let reason = "the server stops; come back";
                self.socket.close(CloseCode::SERVICE_RESTART, reason).await
            }
        };
        if let Err(error) = closing {
            tracing::debug!(%error, "a WebSocket ended");
        }
    }

    async fn converse(&mut self) -> End {
        let mut fed = 0;
        loop {
            let step = tokio::select! {
                // Events first: what is fed by one wake-up is written at once by the other branch.
                biased;
                events = self.subscriber.next() => {
                    fed = (fed + 1) % FED_IN_A_ROW;
                    self.feed(events, fed == 0).await
                }
                message = self.socket.recv() => self.received(message).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Queues events. Now and then it is the client's `turn`, and what is queued is written: a room
    /// that is never quiet would keep it waiting for ever.
    async fn feed(&mut self, events: Result<Bytes, LogError>, turn: bool) -> Result<(), End> {
        let events = events.map_err(End::Log)?;
        self.socket.feed(EncodedFrames::new(events)).await?;
        if turn && let Some(message) = self.socket.recv().now_or_never() {
            self.received(message).await?;
        }
        Ok(())
    }

    async fn received(&mut self, message: Result<Option<Message>, Error>) -> Result<(), End> {
        match message {
            // In a box: most readers are never here.
            Ok(Some(message)) => Box::pin(self.take(message)).await,
            Ok(None) => Err(End::Closed(None)),
            Err(error) => Err(error.into()),
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), End> {
        let Message::Text(text) = message else {
            return Err(End::NotText);
        };
        self.pace.keep().await;
        let answer = match serde_json::from_str(&text) {
            Ok(ClientMessage::Say { nonce, text }) => Some(self.say(nonce, &text).await),
            Ok(ClientMessage::Typing) => {
                self.subscriber.room().type_on(self.person);
                None
            }
            Ok(ClientMessage::Rename { name }) => self.rename(&name),
            Err(error) => {
                let detail = format!("Send what the protocol knows: {error}.");
                Some(refuse(RefusalCode::Invalid, detail, None))
            }
        };
        if let Some(answer) = answer {
            let answer = EncodedFrames::new(Format::WebSocket.encode(&answer));
            self.socket.feed(answer).await?;
        }
        Ok(())
    }

    async fn say(&mut self, nonce: String, text: &str) -> ServerMessage {
        let refuse = |code, error: &dyn std::error::Error, nonce| {
            refuse(code, format!("Not sent: {error}."), Some(nonce))
        };
        let key = match Nonce::parse(&nonce) {
            Ok(key) => key,
            Err(error) => return refuse(RefusalCode::InvalidNonce, &error, nonce),
        };
        let text = match MessageText::parse(text) {
            Ok(text) => text,
            Err(error) => return refuse(RefusalCode::InvalidText, &error, nonce),
        };
        let room = self.subscriber.room();
        let person = room.person(self.person).unwrap_or_else(|| Person {
            id: self.person,
            name: guest_name(self.person),
        });
        let published = self
            .rooms
            .publish(room.name(), self.sender, &person, &text, Some(&key))
            .await;
        match published {
            Ok(published) => {
                room.stop_typing(self.person);
                let position = published.position;
                ServerMessage::Said { nonce, position }
            }
            Err(PublishError::TooFast(error)) => {
                let mut message = refuse(RefusalCode::TooFast, &error, nonce);
                if let ServerMessage::Error(refusal) = &mut message {
                    let milliseconds = error.retry_after.as_millis();
                    refusal.retry_after = u64::try_from(milliseconds).ok();
                }
                message
            }
            Err(error @ PublishError::NonceReused) => {
                refuse(RefusalCode::NonceReused, &error, nonce)
            }
            Err(PublishError::Log(error)) => refuse(RefusalCode::Unavailable, &error, nonce),
        }
    }

    fn rename(&self, name: &str) -> Option<ServerMessage> {
        match PersonName::parse(name) {
            Ok(name) => {
                self.subscriber.room().rename(self.person, name);
                None
            }
            Err(error) => {
                let detail = format!("Not renamed: {error}.");
                Some(refuse(RefusalCode::InvalidName, detail, None))
            }
        }
    }
}

fn refuse(code: RefusalCode, detail: String, nonce: Option<String>) -> ServerMessage {
    ServerMessage::Error(Refusal {
        code,
        detail,
        nonce,
        retry_after: None,
    })
}
