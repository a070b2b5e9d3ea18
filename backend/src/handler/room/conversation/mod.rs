//! A room's WebSocket once it is open: events to the client, its messages to the room.
//!
//! As a rule events do not pass the task of a conversation: see [`desk`]. The task opens and closes, reads what
//! the client says, keeps it alive, and writes to those whose socket is full or who read history.

mod client;
mod desk;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use roomcast_shared::server_message::ServerMessage;
use roomcast_websocket::{CloseCode, CloseFrame, EncodedFrames, Error, Message};
use tokio::time::sleep_until;

use super::pace::Pace;
use crate::event_log::LogError;
use crate::room::Outlet;
use crate::shutdown::Shutdown;
use crate::subscriber::Subscriber;
use crate::transport::Format;
use crate::transport::websocket::ServerWebSocket;
pub(super) use client::Client;
use desk::{Desk, Talk};

/// How many pieces are written before the client is listened to again: a room that is never quiet would keep it
/// waiting for ever.
const WRITTEN_IN_A_ROW: u32 = 4;

/// One client in one room.
pub(super) struct Conversation {
    desk: Arc<Desk>,
    client: Client,
    pace: Pace,
    /// What the client asked for last. It is not read further until that is done.
    doing: Option<Doing>,
}

/// Ends with what the client is answered, if anything.
type Doing = Pin<Box<dyn Future<Output = Option<ServerMessage>> + Send>>;

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
    /// A conversation with `client`.
    pub(super) fn new(socket: ServerWebSocket, mut subscriber: Subscriber, client: Client) -> Self {
        let desk = Arc::new_cyclic(|desk: &Weak<Desk>| {
            let outlet: Weak<dyn Outlet> = desk.clone();
            subscriber.deliver_to(outlet);
            Desk::new(socket, subscriber)
        });
        Self {
            desk,
            client,
            pace: Pace::new(),
            doing: None,
        }
    }

    /// Holds it until either side ends it.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn keeps what it is given twice"
    )]
    pub(super) fn hold(mut self, shutdown: Shutdown) -> impl Future<Output = ()> + Send {
        async move {
            let end = tokio::select! {
                biased;
                end = poll_fn(|cx| self.poll_end(cx)) => end,
                () = shutdown.requested() => End::Shutdown,
            };
            // In a box: for as long as a conversation lasts, it needs no room for its end.
            let closing = self.desk.clear().map(|talk| Box::pin(close(talk, end)));
            if let Some(closing) = closing {
                closing.await;
            }
        }
    }

    /// Goes on until there is nothing to do, or the conversation ends.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let Self {
            desk,
            client,
            pace,
            doing,
        } = self;
        let end = desk.poll(cx, |talk, cx| {
            loop {
                match talk.poll_step(cx, doing) {
                    Poll::Ready(Ok(Some(message))) => {
                        *doing = Some(hear(client.clone(), pace, message));
                    }
                    Poll::Ready(Ok(None)) => {}
                    Poll::Ready(Err(end)) => return Poll::Ready(end),
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        end.map(|end| end.unwrap_or(End::Closed(None)))
    }
}

/// Tells the client why the conversation ends, as far as it still listens.
async fn close(talk: Talk, end: End) {
    let Talk {
        mut socket,
        subscriber,
        ..
    } = talk;
    let closing = match end {
        End::Closed(None) => {
            let goodbye = socket.peer_close().map(CloseFrame::code);
            if goodbye == Some(CloseCode::NORMAL) {
                subscriber.say_goodbye();
            }
            return;
        }
        End::Closed(Some(error)) => Err(error),
        End::Log(error) => {
            let room = subscriber.room().name();
            tracing::warn!(%room, %error, "a WebSocket is closed: its events cannot be read");
            let reason = "events cannot be read now; come back later";
            socket.close(CloseCode::TRY_AGAIN_LATER, reason).await
        }
        End::NotText => {
            let reason = "send JSON as text";
            socket.close(CloseCode::UNSUPPORTED_DATA, reason).await
        }
        End::Shutdown => {
            let reason = "the server stops; come back";
            socket.close(CloseCode::SERVICE_RESTART, reason).await
        }
    };
    if let Err(error) = closing {
        tracing::debug!(%error, "a WebSocket ended");
    }
}

/// What a message asks for, at the pace that is left to its sender.
fn hear(client: Client, pace: &mut Pace, message: String) -> Doing {
    let until = pace.count();
    Box::pin(async move {
        if let Some(until) = until {
            sleep_until(until).await;
        }
        client.hear(message).await
    })
}

impl Talk {
    /// Answers what was done, writes some events, and reads a message. Ready when something came of it.
    fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        doing: &mut Option<Doing>,
    ) -> Poll<Result<Option<String>, End>> {
        if let Some(done) = doing
            && let Poll::Ready(answer) = done.as_mut().poll(cx)
        {
            *doing = None;
            if let Some(answer) = answer {
                let answer = EncodedFrames::new(Format::WebSocket.encode(&answer));
                self.socket.push(answer.into())?;
            }
        }
        let is_quiet = self.write_events(cx)?;
        if doing.is_some() {
            // Only what waits to be written is looked after meanwhile.
            if let Poll::Ready(Err(error)) = self.socket.poll_flush(cx) {
                return Poll::Ready(Err(error.into()));
            }
        } else if let Poll::Ready(message) = self.socket.poll_recv(cx) {
            return Poll::Ready(match message? {
                Some(Message::Text(text)) => Ok(Some(text)),
                Some(Message::Binary(_)) => Err(End::NotText),
                None => Err(End::Closed(None)),
            });
        }
        if is_quiet {
            Poll::Pending
        } else {
            Poll::Ready(Ok(None))
        }
    }

    /// Writes as many pieces as it may in a row; says whether there are no more, or the socket takes none.
    fn write_events(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        for _ in 0..WRITTEN_IN_A_ROW {
            match self.socket.poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Err(error.into()),
                Poll::Pending => return Ok(true),
            }
            let Poll::Ready(events) = self.subscriber.poll_next(cx) else {
                return Ok(true);
            };
            let events = EncodedFrames::new(events.map_err(End::Log)?);
            self.socket.write_through(cx, &events)?;
        }
        Ok(false)
    }
}
