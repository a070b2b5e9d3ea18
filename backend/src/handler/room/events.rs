//! `GET /api/rooms/{room}/events`: a room as an event stream.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream as streams;
use http::request::Parts;
use http::{HeaderName, Method, StatusCode};
use http_body::Frame;
use roomcast_shared::event_stream;
use serde::Deserialize;
use tokio::time::{Instant, Sleep, sleep};

use super::{
    Refused, RoomPath, RoomService, Visitor, check_query, query, sentence, stream_headers,
};
use crate::defaults::HEARTBEAT_INTERVAL;
use crate::handler::problem::Problem;
use crate::shutdown::Shutdown;
use crate::subscriber::{Start, Subscriber};
use crate::transport::Format;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Parameters of streams and WebSockets: some of them matter to the one alone, and pages give them to both.
const PARAMETERS: [&str; 5] = ["from", "name", "attempt", "welcome", "heartbeat"];

/// Extracts where a stream is to begin: after `Last-Event-ID` if the request has it, else where
/// `?from=` says.
#[derive(Clone, Copy, Debug)]
pub struct Beginning(pub Start);

#[derive(Deserialize)]
struct StreamQuery {
    from: Option<String>,
}

/// What a page asks for that reads a room over an event stream in the place of a WebSocket.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageOptions {
    /// The stream begins with a `welcome` event, as over a WebSocket.
    welcome: bool,
    /// After so much silence comes an event: comments are invisible to scripts.
    heartbeat: Option<Duration>,
}

#[derive(Deserialize)]
struct PageQuery {
    #[serde(default)]
    welcome: bool,
    heartbeat: Option<u64>,
}

impl<S: Sync> FromRequestParts<S> for PageOptions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let PageQuery { welcome, heartbeat } = query(&parts.uri)?;
        let max = HEARTBEAT_INTERVAL.as_secs();
        if heartbeat.is_some_and(|seconds| !(1..=max).contains(&seconds)) {
            let detail = format!("Ask for a heartbeat of 1 to {max} seconds.");
            return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
        }
        Ok(Self {
            welcome,
            heartbeat: heartbeat.map(Duration::from_secs),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Beginning {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let bad = |detail| Problem::new(StatusCode::BAD_REQUEST, detail);
        check_query(&parts.uri, &PARAMETERS)?;
        let id = parts.headers.get(LAST_EVENT_ID);
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            let start = id.to_str().map_or(Start::Lost, Start::after_last_event_id);
            return Ok(Self(start));
        }
        let Some(from) = query::<StreamQuery>(&parts.uri)?.from else {
            return Ok(Self(Start::default()));
        };
        let start = Start::parse(&from).map_err(|error| bad(sentence(&error)))?;
        Ok(Self(start))
    }
}

/// Answers with the room's events: some history (`?from=`, `Last-Event-ID`), then live.
///
/// # Errors
/// 400 for a start that nobody understands, 429 when the room is full, 503 when the log cannot
/// be read.
pub async fn events(
    method: Method,
    service: State<Arc<RoomService>>,
    shutdown: State<Shutdown>,
    room: RoomPath,
    visitor: Visitor,
    beginning: Beginning,
    options: PageOptions,
) -> Result<Response, Refused> {
    let format = Format::EventStream;
    let reader = (visitor, beginning, options);
    stream(&method, service, shutdown, room, reader, format).await
}

/// The same as lines of plain text.
///
/// # Errors
/// As [`events`].
pub async fn lines(
    method: Method,
    service: State<Arc<RoomService>>,
    shutdown: State<Shutdown>,
    room: RoomPath,
    visitor: Visitor,
    beginning: Beginning,
) -> Result<Response, Refused> {
    let format = Format::Lines;
    let reader = (visitor, beginning, PageOptions::default());
    stream(&method, service, shutdown, room, reader, format).await
}

async fn stream(
    method: &Method,
    State(service): State<Arc<RoomService>>,
    State(shutdown): State<Shutdown>,
    RoomPath(name): RoomPath,
    (visitor, Beginning(start), options): (Visitor, Beginning, PageOptions),
    format: Format,
) -> Result<Response, Refused> {
    let content_type = match format {
        Format::Lines => "text/plain; charset=utf-8",
        Format::EventStream | Format::WebSocket => event_stream::MEDIA_TYPE,
    };
    if method == Method::HEAD {
        // Who only asks what there would be has not entered. A stream has no length, nor does this.
        let nothing = Body::from_stream(streams::empty::<Result<Bytes, Infallible>>());
        return Ok((stream_headers(content_type), nothing).into_response());
    }
    let room = service.rooms.open(&name).await?;
    // `curl` in a terminal reads, and is no guest whom others would greet.
    let only_reads = matches!(format, Format::Lines) && visitor.is_nobody();
    let (lease, you) = if only_reads {
        room.watch(visitor.id)?
    } else {
        room.enter(visitor.id, visitor.name.clone())?
    };
    let subscriber = if options.welcome {
        Subscriber::with_welcome(lease, you, start, format).await?
    } else {
        Subscriber::new(lease, you, start, format).await?
    };
    let body = body(subscriber, Heartbeat::new(format, options), shutdown);
    let mut response = (stream_headers(content_type), body).into_response();
    if !only_reads {
        visitor.remember(&service, &mut response);
    }
    Ok(response)
}

/// Whatever the subscriber has, and heartbeats when it has nothing. Ends when the server stops;
/// readers then come back with the id that they have.
fn body(subscriber: Subscriber, heartbeat: Heartbeat, shutdown: Shutdown) -> Body {
    Body::new(Events {
        subscriber,
        heartbeat,
        stopped: Box::pin(async move { shutdown.requested().await }),
        due: Box::pin(sleep(heartbeat.interval)),
        quiet_since: Instant::now(),
    })
}

/// What is sent after some silence.
#[derive(Clone, Copy, Debug)]
struct Heartbeat {
    interval: Duration,
    format: Format,
    /// It is an event, and no comment.
    is_event: bool,
}

impl Heartbeat {
    fn new(format: Format, options: PageOptions) -> Self {
        Self {
            interval: options.heartbeat.unwrap_or(HEARTBEAT_INTERVAL),
            format,
            is_event: options.heartbeat.is_some(),
        }
    }

    /// `None` where the format has nothing for it.
    fn bytes(self) -> Option<Bytes> {
        if self.is_event {
            Some(Bytes::from_static(PONG_EVENT))
        } else {
            self.format.heartbeat()
        }
    }
}

/// A heartbeat that scripts see.
const PONG_EVENT: &[u8] = b"event: pong\ndata: {\"type\":\"pong\"}\n\n";

/// What a stream is made of. The signal to stop and the timer are waited for all the time, not
/// anew for each event: readers share what waiting takes.
struct Events<Stopped> {
    subscriber: Subscriber,
    heartbeat: Heartbeat,
    stopped: Pin<Box<Stopped>>,
    /// When the next heartbeat may be due, or earlier: setting it back at each event would cost
    /// more than waking once too often.
    due: Pin<Box<Sleep>>,
    quiet_since: Instant,
}

impl<Stopped: Future<Output = ()>> Events<Stopped> {
    /// The next piece; `None` when the stream ends.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        match self.subscriber.poll_next(cx) {
            Poll::Ready(Ok(bytes)) => {
                self.quiet_since = Instant::now();
                return Poll::Ready(Some(bytes));
            }
            Poll::Ready(Err(error)) => {
                let room = self.subscriber.room().name();
                tracing::warn!(%room, %error, "a stream ended: its events cannot be read");
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        while self.due.as_mut().poll(cx).is_ready() {
            let (now, interval) = (Instant::now(), self.heartbeat.interval);
            let is_due = now >= self.quiet_since + interval;
            if is_due {
                self.quiet_since = now;
            }
            let due = self.quiet_since + interval;
            self.due.as_mut().reset(due);
            if is_due && let Some(heartbeat) = self.heartbeat.bytes() {
                return Poll::Ready(Some(heartbeat));
            }
        }
        Poll::Pending
    }
}

impl<Stopped: Future<Output = ()>> http_body::Body for Events<Stopped> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.poll_next(cx);
        next.map(|next| next.map(|piece| Ok(Frame::data(piece))))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use roomcast_shared::person::PersonId;
    use roomcast_shared::position::Epoch;
    use roomcast_shared::room_name::RoomName;

    use super::*;
    use crate::event_log::memory::MemoryLog;
    use crate::event_log::{EventLog as _, NewEntry};
    use crate::room::Rooms;

    /// A stream in a room, and what it is read from and stopped by.
    struct Stream {
        log: Arc<MemoryLog>,
        name: RoomName,
        shutdown: Shutdown,
        body: Body,
    }

    impl Stream {
        /// Opens one and reads everything up to who is here.
        async fn open(format: Format) -> Self {
            Self::open_with(format, PageOptions::default()).await
        }

        async fn open_with(format: Format, options: PageOptions) -> Self {
            let log = Arc::new(MemoryLog::new(Epoch::from_random([1; 8]), 10));
            let name = RoomName::parse("lobby").unwrap();
            let limits = crate::config::RoomOptions::default().limits();
            let room = Rooms::new(log.clone(), limits).open(&name).await.unwrap();
            let (lease, you) = room.enter(PersonId::from_random([7; 16]), None).unwrap();
            let subscriber = Subscriber::new(lease, you, Start::Now, format)
                .await
                .unwrap();
            let shutdown = Shutdown::new();
            let mut stream = Self {
                log,
                name,
                body: body(
                    subscriber,
                    Heartbeat::new(format, options),
                    shutdown.clone(),
                ),
                shutdown,
            };
            // The announcement of our own coming is gathered for a moment, and is the last one.
            if format == Format::EventStream {
                while !stream
                    .next()
                    .await
                    .unwrap()
                    .ends_with("\"Guest 7777\"}]}\n\n")
                {}
                stream.next().await.unwrap();
            }
            stream
        }

        async fn next(&mut self) -> Option<String> {
            let data = self.body.frame().await?.unwrap().into_data().unwrap();
            Some(String::from_utf8(data.to_vec()).unwrap())
        }

        async fn append(&self) {
            let entry = NewEntry {
                time: 1,
                payload: Bytes::from_static(b"{\"type\":\"other\"}"),
                key: None,
            };
            self.log.append(&self.name, vec![entry]).await.unwrap();
        }
    }

    /// The next thing to come is a comment, after the whole interval.
    async fn expect_comment(stream: &mut Stream) {
        let quiet_since = Instant::now();
        assert_eq!(stream.next().await.unwrap(), ":\n\n");
        assert_eq!(
            quiet_since.elapsed().as_secs(),
            HEARTBEAT_INTERVAL.as_secs()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_stream_has_a_comment_every_fifteen_seconds() {
        let mut stream = Stream::open(Format::EventStream).await;
        for _ in 0..3 {
            expect_comment(&mut stream).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_gets_the_heartbeats_that_it_asked_for_as_events() {
        let options = PageOptions {
            heartbeat: Some(Duration::from_secs(2)),
            ..PageOptions::default()
        };
        let mut stream = Stream::open_with(Format::EventStream, options).await;
        for _ in 0..3 {
            let quiet_since = Instant::now();
            let event = stream.next().await.unwrap();
            assert_eq!(event, "event: pong\ndata: {\"type\":\"pong\"}\n\n");
            assert_eq!(quiet_since.elapsed().as_secs(), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_puts_the_comment_off() {
        let mut stream = Stream::open(Format::EventStream).await;
        tokio::time::advance(HEARTBEAT_INTERVAL / 2).await;
        stream.append().await;
        assert!(stream.next().await.unwrap().starts_with("id: "));
        expect_comment(&mut stream).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_when_the_server_stops() {
        for format in [Format::EventStream, Format::Lines] {
            let mut stream = Stream::open(format).await;
            let shutdown = stream.shutdown.clone();
            let (end, ()) = tokio::join!(stream.next(), async { shutdown.request() });
            assert_eq!(end, None);
        }
    }
}
