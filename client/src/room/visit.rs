//! A session with its hands: WebSockets, timers, random numbers.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use ::http::{HeaderValue, Version, header};
use roomcast_shared::limits::ROOM_PROTOCOL;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::{PERSON_COOKIE, PersonName};
use roomcast_websocket::handshake::RandomnessUnavailable;
use roomcast_websocket::{CloseCode, Message};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::address::RoomAddress;
use super::outbox::Nonce;
use super::reconnect::{Loss, Verdict, WELCOME_TIMEOUT};
use super::session::{Session, Update};
use crate::events::back_off;
use crate::http::Options;
use crate::websocket::{self, OpenError, OpenOptions, Opened, WebSocket};

/// The longest wait before the first try to come back; it doubles with each failure.
const FIRST_WINDOW: Duration = Duration::from_secs(1);

/// How to enter a room.
#[derive(Clone, Debug)]
pub struct EnterOptions {
    /// How to connect.
    pub http: Options,
    /// The cookie of an earlier visit, as `name=value`: with it one is the same person.
    pub cookie: Option<String>,
    /// The name to go by.
    pub name: Option<PersonName>,
    /// How many events of history to begin with.
    pub history: u64,
}

/// What happens during a visit.
#[derive(Debug)]
pub enum Change {
    /// Connected; the welcome follows.
    Connected {
        /// The version of HTTP that carries the WebSocket.
        version: Version,
    },
    /// The server gave us an identity: keep this cookie, as `name=value`, for the next visit.
    Cookie(String),
    /// The server told something.
    Update(Update),
    /// Not connected.
    Lost {
        /// Why.
        loss: Loss,
        /// When the next try is, from now; `None` when there will be none.
        retry_in: Option<Duration>,
    },
}

/// A person's visit to a room: comes back by itself when the connection is lost, resumes after
/// the last event, and says what was not said yet.
pub struct Room {
    address: RoomAddress,
    options: EnterOptions,
    session: Session,
    state: State,
    changes: VecDeque<Change>,
    failures: u32,
}

type Opening = Pin<Box<dyn Future<Output = Result<Opened, OpenError>> + Send>>;

enum State {
    Waiting {
        until: Instant,
    },
    Opening(Opening),
    Open {
        socket: Box<WebSocket>,
        /// When the welcome must have come.
        welcome_by: Instant,
    },
    Left,
}

impl Room {
    /// Begins a visit; connects when the first change is asked for.
    pub fn enter(address: RoomAddress, options: EnterOptions) -> Self {
        Self {
            session: Session::new(options.name.clone()),
            address,
            options,
            state: State::Waiting {
                until: Instant::now(),
            },
            changes: VecDeque::new(),
            failures: 0,
        }
    }

    /// What is known.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The address.
    pub fn address(&self) -> &RoomAddress {
        &self.address
    }

    /// How to ask the server for history, as the same person.
    pub fn options(&self) -> &EnterOptions {
        &self.options
    }

    /// Says something, now or when there is a connection again, and gives it a mark. The messages
    /// go out while [`Room::next`] is awaited.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when the system has no random numbers.
    pub fn say(&mut self, text: MessageText) -> Result<Nonce, RandomnessUnavailable> {
        let nonce = Nonce::random()?;
        self.session.say(nonce.clone(), text);
        Ok(nonce)
    }

    /// Tells others that something is being written, if there is a connection.
    pub fn typing(&mut self) {
        self.session.typing();
    }

    /// Goes by another name.
    pub fn rename(&mut self, name: PersonName) {
        self.session.rename(name);
    }

    /// Tries at once instead of after the wait.
    pub fn retry_now(&mut self) {
        if let State::Waiting { until } = &mut self.state {
            *until = Instant::now();
        }
    }

    /// What happens next; also sends what was said. `None` after [`Room::leave`] or a loss that
    /// has no next try.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has lost nothing, not even an attempt to connect.
    pub async fn next(&mut self) -> Option<Change> {
        loop {
            if let Some(change) = self.changes.pop_front() {
                return Some(change);
            }
            match &mut self.state {
                State::Left => return None,
                State::Waiting { until } => {
                    sleep_until(*until).await;
                    self.state = match self.open() {
                        Some(opening) => State::Opening(opening),
                        None => State::Left,
                    };
                }
                State::Opening(opening) => match opening.await {
                    Ok(opened) => self.opened(opened),
                    Err(error) => self.lost(error.into()),
                },
                State::Open { socket, welcome_by } => {
                    let is_welcome = self.session.is_welcome();
                    let conversation = converse(socket, &mut self.session);
                    let received = if is_welcome {
                        Ok(conversation.await)
                    } else {
                        timeout_at(*welcome_by, conversation).await
                    };
                    match received {
                        Ok(Ok(Some(Message::Text(text)))) => self.received(&text),
                        // There are none in this protocol.
                        Ok(Ok(Some(Message::Binary(_)))) => {}
                        Ok(Ok(None)) => {
                            let close = socket.peer_close().cloned();
                            self.lost(close.map_or(Loss::ClosedSilently, Loss::Closed));
                        }
                        Ok(Err(error)) => self.lost(error.into()),
                        Err(_) if self.session.position().is_some() => self.lost(Loss::NoWelcome),
                        Err(_) => self.lost(Loss::NoRoom),
                    }
                }
            }
        }
    }

    /// Closes the connection so that others see at once that we left.
    ///
    /// # Errors
    /// What broke the connection meanwhile.
    pub async fn leave(&mut self) -> Result<(), roomcast_websocket::Error> {
        match std::mem::replace(&mut self.state, State::Left) {
            State::Open { mut socket, .. } => socket.close(CloseCode::NORMAL, "").await,
            _ => Ok(()),
        }
    }

    /// Where the stream is to start.
    fn start(&self) -> String {
        match (self.session.position(), self.options.history) {
            (Some(position), _) => position.to_string(),
            (None, 0) => "now".to_owned(),
            (None, events) => format!("last:{events}"),
        }
    }

    fn open(&self) -> Option<Opening> {
        let url = self.address.socket(&self.start(), self.session.name())?;
        let http = self.options.http.clone();
        let mut options = OpenOptions {
            protocols: vec![ROOM_PROTOCOL.to_owned()],
            ..OpenOptions::default()
        };
        if let Some(cookie) = &self.options.cookie
            && let Ok(cookie) = HeaderValue::from_str(cookie)
        {
            options.headers.insert(header::COOKIE, cookie);
        }
        if let Some(authorization) = self.address.authorization() {
            let authorization = authorization.clone();
            options.headers.insert(header::AUTHORIZATION, authorization);
        }
        Some(Box::pin(async move {
            websocket::open(&url, &http, &options).await
        }))
    }

    fn opened(&mut self, opened: Opened) {
        for value in opened.response.headers().get_all(header::SET_COOKIE) {
            if let Some(cookie) = person_cookie(value) {
                self.options.cookie = Some(cookie.clone());
                self.changes.push_back(Change::Cookie(cookie));
            }
        }
        let version = opened.version;
        self.changes.push_back(Change::Connected { version });
        self.state = State::Open {
            socket: Box::new(opened.socket),
            welcome_by: Instant::now() + WELCOME_TIMEOUT,
        };
    }

    fn received(&mut self, text: &str) {
        match self.session.received(text, Instant::now()) {
            Ok(updates) => {
                if updates
                    .iter()
                    .any(|update| matches!(update, Update::Welcome(_)))
                {
                    self.failures = 0;
                }
                self.changes.extend(updates.into_iter().map(Change::Update));
            }
            Err(error) => self.lost(Loss::Protocol {
                detail: error.to_string(),
            }),
        }
    }

    fn lost(&mut self, loss: Loss) {
        self.session.lost();
        let retry_in = match loss.verdict() {
            Verdict::StayAway => None,
            Verdict::ComeBack => Some(back_off::delay(
                FIRST_WINDOW,
                self.failures,
                back_off::random(),
            )),
        };
        self.failures = self.failures.saturating_add(1);
        self.state = match retry_in {
            Some(retry_in) => State::Waiting {
                until: Instant::now() + retry_in,
            },
            None => State::Left,
        };
        self.changes.push_back(Change::Lost { loss, retry_in });
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room")
            .field("address", &self.address)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Sends what the session has to say, and waits for a message.
async fn converse(
    socket: &mut WebSocket,
    session: &mut Session,
) -> Result<Option<Message>, roomcast_websocket::Error> {
    loop {
        let now = Instant::now();
        // What the session gives out is small and answered one by one: the socket has room.
        while let Some(message) = session.next_outgoing(now) {
            let json = serde_json::to_string(&message).map_err(std::io::Error::other)?;
            socket.feed(json.as_str()).await?;
        }
        let ready_at = session.ready_at();
        let mut timer = pin!(sleep_until(ready_at.unwrap_or(now)));
        let received = std::future::poll_fn(|cx| {
            if let Poll::Ready(received) = pin!(socket.recv()).poll(cx) {
                return Poll::Ready(Some(received));
            }
            if ready_at.is_some() && timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            Poll::Pending
        })
        .await;
        if let Some(received) = received {
            return received;
        }
    }
}

/// Cookie that says who we are, as it is sent back. Its name begins with [`PERSON_COOKIE`] and ends with the
/// server's id, of which a client knows nothing.
fn person_cookie(set_cookie: &HeaderValue) -> Option<String> {
    let pair = set_cookie.to_str().ok()?.split(';').next()?.trim();
    let (name, _) = pair.split_once('=')?;
    name.starts_with(PERSON_COOKIE).then(|| pair.to_owned())
}

#[cfg(test)]
mod tests {
    use roomcast_websocket::handshake::accept_key;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::http::Trust;

    /// Opens the WebSocket that is asked for, and says no more.
    async fn open_in_silence(listener: TcpListener) -> BufStream<TcpStream> {
        let mut io = BufStream::new(listener.accept().await.unwrap().0);
        let (mut key, mut line) = (String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            io.read_line(&mut line).await.unwrap();
            if let Some(value) = line.strip_prefix("sec-websocket-key: ") {
                value.trim().clone_into(&mut key);
            }
        }
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {}\r\n\r\n",
            accept_key(key.as_bytes())
        );
        io.write_all(response.as_bytes()).await.unwrap();
        io.flush().await.unwrap();
        io
    }

    #[tokio::test]
    async fn a_websocket_that_never_says_welcome_is_no_room() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rooms/a", listener.local_addr().unwrap());
        let server = tokio::spawn(open_in_silence(listener));
        let options = EnterOptions {
            http: Options::new(Trust::Anyone),
            cookie: None,
            name: None,
            history: 0,
        };
        let mut room = Room::enter(RoomAddress::parse(&url).unwrap(), options);
        assert!(matches!(room.next().await, Some(Change::Connected { .. })));
        let _io = server.await.unwrap();
        tokio::time::pause();
        let connected_at = Instant::now();
        let change = room.next().await;
        let lost = matches!(
            change,
            Some(Change::Lost {
                loss: Loss::NoRoom,
                retry_in: None
            })
        );
        assert!(lost, "{change:?}");
        assert!(connected_at.elapsed() <= WELCOME_TIMEOUT + Duration::from_millis(10));
        assert!(room.next().await.is_none());
    }
}
