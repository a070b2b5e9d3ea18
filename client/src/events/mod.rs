//! Reading an event stream that comes back by itself (WHATWG HTML, section 9.2).

mod back_off;

use std::collections::VecDeque;
use std::time::Duration;

use ::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use roomcast_shared::event_stream::{DecodeError, Decoder, Event, MEDIA_TYPE};
use tokio::time::{Instant, timeout};

use crate::http::{Connection, Error, Options, ResponseBody, empty};

pub use back_off::MAX_DELAY;

/// How long to wait before a reconnect when the server does not say so by `retry`.
pub const RETRY: Duration = Duration::from_secs(1);

/// How long a stream may be silent before it counts as lost: three heartbeats.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(45);

/// How to read a stream.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Header fields of each request.
    pub headers: HeaderMap,
    /// The id of the last event that was seen before; empty for none.
    pub last_event_id: String,
    /// After so many failures in a row to give up; `None` for never.
    pub max_failures: Option<u32>,
}

/// A stream of events that reconnects when it is lost, and resumes after the last event.
#[derive(Debug)]
pub struct EventStream {
    url: Uri,
    http: Options,
    options: ReadOptions,
    state: State,
    /// Decoded and not yet handed out.
    events: VecDeque<Event>,
    retry: Duration,
    failures: u32,
}

#[derive(Debug)]
enum State {
    Waiting { until: Instant },
    Open(Box<Open>),
    Ended,
}

#[derive(Debug)]
struct Open {
    /// Held while its response is read.
    _connection: Connection,
    body: ResponseBody,
    decoder: Decoder,
}

/// Why a stream of events ended for good.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server answered with an error that trying again does not change.
    #[error("the server answered {status} instead of events")]
    Refused {
        /// Its status.
        status: StatusCode,
    },
    /// The answer is something else than an event stream.
    #[error("the server answered {content_type:?} instead of events")]
    NotAnEventStream {
        /// What it says to be.
        content_type: String,
    },
    /// An event is too long.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It failed too often in a row.
    #[error("gave up after {failures} failures: {source}")]
    GaveUp {
        /// How often.
        failures: u32,
        /// The last failure.
        source: Error,
    },
}

/// A failure to connect: worth another try, or not.
enum ConnectError {
    Retry(Error),
    Final(ReadError),
}

impl From<Error> for ConnectError {
    fn from(error: Error) -> Self {
        match error {
            Error::Url { .. } | Error::Alpn => Self::Final(ReadError::GaveUp {
                failures: 1,
                source: error,
            }),
            error => Self::Retry(error),
        }
    }
}

impl EventStream {
    /// A stream that connects when its first event is asked for.
    pub fn new(url: Uri, http: Options, options: ReadOptions) -> Self {
        Self {
            url,
            http,
            options,
            state: State::Waiting {
                until: Instant::now(),
            },
            events: VecDeque::new(),
            retry: RETRY,
            failures: 0,
        }
    }

    /// The id after which the next connection resumes; empty when there is none.
    pub fn last_event_id(&self) -> &str {
        &self.options.last_event_id
    }

    /// Whether the stream is connected at this moment.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// The next event, however many reconnects it takes; `None` when the server said by 204 that
    /// there will be no more.
    ///
    /// # Errors
    /// [`ReadError`] when trying again is no use. The stream has then ended.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has lost no event, at most an attempt to connect.
    pub async fn next(&mut self) -> Result<Option<Event>, ReadError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            let result = match &mut self.state {
                State::Ended => return Ok(None),
                State::Waiting { until } => {
                    tokio::time::sleep_until(*until).await;
                    self.connect().await
                }
                State::Open(open) => match timeout(SILENCE_TIMEOUT, open.body.frame()).await {
                    Ok(Some(Ok(frame))) => match frame.into_data() {
                        Ok(data) => self.decode(&data),
                        Err(_trailers) => Ok(()),
                    },
                    Ok(Some(Err(error))) => self.lost(Some(error)),
                    Ok(None) | Err(_) => self.lost(None),
                },
            };
            if result.is_err() {
                self.state = State::Ended;
            }
            result?;
        }
    }

    async fn connect(&mut self) -> Result<(), ReadError> {
        match self.try_connect().await {
            Ok(state) => {
                self.state = state;
                Ok(())
            }
            Err(ConnectError::Retry(error)) => self.lost(Some(error)),
            Err(ConnectError::Final(error)) => Err(error),
        }
    }

    async fn try_connect(&self) -> Result<State, ConnectError> {
        let mut connection = Connection::open(&self.url, &self.http).await?;
        let response = connection.send(self.request()).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT => return Ok(State::Ended),
            // What a proxy says while the server behind it restarts.
            status @ (StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT) => {
                let error = ReadError::Refused { status };
                return Err(ConnectError::Retry(Error::protocol(error)));
            }
            status => return Err(ConnectError::Final(ReadError::Refused { status })),
        }
        check_media_type(response.headers()).map_err(ConnectError::Final)?;
        Ok(State::Open(Box::new(Open {
            _connection: connection,
            body: response.into_body(),
            decoder: Decoder::default(),
        })))
    }

    fn request(&self) -> Request<http_body_util::Empty<bytes::Bytes>> {
        let mut request = Request::new(empty());
        *request.uri_mut() = self.url.clone();
        let headers = request.headers_mut();
        headers.clone_from(&self.options.headers);
        headers.insert(header::ACCEPT, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // An id that no header field can carry, for want of a better rule, is not sent.
        if let Ok(id) = HeaderValue::try_from(self.last_event_id())
            && !id.is_empty()
        {
            headers.insert("last-event-id", id);
        }
        request
    }

    fn decode(&mut self, data: &[u8]) -> Result<(), ReadError> {
        let State::Open(open) = &mut self.state else {
            return Ok(());
        };
        let mut events = Vec::new();
        let result = open.decoder.decode(data, &mut events);
        if let Some(milliseconds) = open.decoder.retry_milliseconds() {
            self.retry = Duration::from_millis(milliseconds);
        }
        // A fresh decoder knows no id until the stream names one.
        let id = open.decoder.last_event_id();
        if !id.is_empty() || !events.is_empty() {
            id.clone_into(&mut self.options.last_event_id);
        }
        if !events.is_empty() {
            self.failures = 0;
        }
        if events.is_empty() {
            return Ok(result?);
        }
        // What was decoded goes out first: the decoder repeats its error when asked again.
        self.events.extend(events);
        Ok(())
    }

    /// Plans the next attempt. A stream that simply ended does not count as a failure.
    fn lost(&mut self, error: Option<Error>) -> Result<(), ReadError> {
        let failures_before = self.failures;
        if let Some(source) = error {
            self.failures = self.failures.saturating_add(1);
            if self
                .options
                .max_failures
                .is_some_and(|max| self.failures >= max)
            {
                return Err(ReadError::GaveUp {
                    failures: self.failures,
                    source,
                });
            }
        }
        let delay = back_off::delay(self.retry, failures_before, random());
        let now = Instant::now();
        self.state = State::Waiting {
            until: now.checked_add(delay).unwrap_or(now + MAX_DELAY),
        };
        Ok(())
    }
}

fn check_media_type(headers: &HeaderMap) -> Result<(), ReadError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(MEDIA_TYPE) {
        Ok(())
    } else {
        Err(ReadError::NotAnEventStream { content_type })
    }
}

/// A random number, or none when the system has none: the worst is a reconnect at once.
fn random() -> u64 {
    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests;
