//! Reading an event stream that comes back by itself (WHATWG HTML, section 9.2).

pub(crate) mod back_off;
mod connect;
mod error;

use std::collections::VecDeque;
use std::time::Duration;

use ::http::{HeaderMap, Uri, Version};
use http_body_util::BodyExt as _;
use roomcast_shared::event_stream::{Decoder, Event};
use tokio::time::{Instant, timeout};

use crate::http::{Connection, ContentDecoder, Options, ResponseBody};

pub use back_off::{MAX_DELAY, MIN_RETRY};
use connect::ConnectError;
pub use error::{Loss, ReadError};

/// How long to wait before a reconnect when the server does not say so by `retry`.
pub const RETRY: Duration = Duration::from_secs(1);

/// How long a stream may be silent by default before it counts as lost: three heartbeats.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(45);

/// Longest wait that a server can ask for, by `Retry-After` or by `retry`. A longer one is a mistake, and
/// one beyond 2^53 milliseconds would be for ever.
pub const MAX_RETRY_AFTER: Duration = Duration::from_mins(5);

/// Limit of what one chunk of a compressed stream may decode to, in bytes.
const MAX_DECODED_CHUNK_BYTES: usize = 16 * 1024 * 1024;

/// How to read a stream.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Header fields of each request.
    pub headers: HeaderMap,
    /// The id of the last event that was seen before; empty for none.
    pub last_event_id: String,
    /// After so many failures in a row to give up; `None` for never.
    pub max_failures: Option<u32>,
    /// How long the stream may be silent before it counts as lost. Default [`SILENCE_TIMEOUT`].
    pub silence_timeout: Duration,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            headers: HeaderMap::new(),
            last_event_id: String::new(),
            max_failures: None,
            silence_timeout: SILENCE_TIMEOUT,
        }
    }
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
    /// Failures in a row, after some of which it gives up.
    failures: u32,
    /// Attempts in a row that brought no event, whether they failed or not: they are made ever more
    /// seldom.
    fruitless: u32,
}

/// What happens to a stream.
#[derive(Debug)]
pub enum Change {
    /// It is connected.
    Opened {
        /// The address that answered, after redirects.
        url: Uri,
        /// The version of HTTP that is spoken.
        version: Version,
    },
    /// An event came.
    Event(Event),
    /// It is not connected, and tries again.
    Lost {
        /// Why.
        loss: Loss,
        /// When it tries again, from now.
        retry_in: Duration,
    },
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
    coding: ContentDecoder,
    decoder: Decoder,
    has_brought_event: bool,
    has_ended: bool,
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
            fruitless: 0,
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
            match self.next_change().await? {
                Some(Change::Event(event)) => return Ok(Some(event)),
                Some(Change::Opened { .. } | Change::Lost { .. }) => {}
                None => return Ok(None),
            }
        }
    }

    /// The next event, or what happens to the connection before it comes; `None` when the server
    /// said by 204 that there will be no more.
    ///
    /// # Errors
    /// [`ReadError`] when trying again is no use. The stream has then ended.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has lost no event, at most an attempt to connect.
    pub async fn next_change(&mut self) -> Result<Option<Change>, ReadError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(Change::Event(event)));
            }
            let result = match &mut self.state {
                State::Ended => return Ok(None),
                State::Waiting { until } => {
                    tokio::time::sleep_until(*until).await;
                    self.connect().await
                }
                State::Open(open) => {
                    match timeout(self.options.silence_timeout, open.body.frame()).await {
                        Ok(Some(Ok(frame))) => match frame.into_data() {
                            Ok(data) => self.decode(&data).map(|()| None),
                            Err(_trailers) => Ok(None),
                        },
                        Ok(Some(Err(error))) => self.lost(Loss::Failed(error)).map(Some),
                        Ok(None) => self.ended(),
                        Err(_) => self.lost(Loss::Silent).map(Some),
                    }
                }
            };
            if result.is_err() {
                self.state = State::Ended;
            }
            if let Some(change) = result? {
                return Ok(Some(change));
            }
        }
    }

    async fn connect(&mut self) -> Result<Option<Change>, ReadError> {
        match connect::connect(&self.url, &self.http, &self.options).await {
            Ok(None) => {
                self.state = State::Ended;
                Ok(None)
            }
            Ok(Some(opened)) => {
                let version = opened.connection.version();
                self.state = State::Open(Box::new(Open {
                    _connection: opened.connection,
                    body: opened.body,
                    coding: opened.coding,
                    decoder: Decoder::resuming_after(&self.options.last_event_id),
                    has_brought_event: false,
                    has_ended: false,
                }));
                let url = opened.url;
                Ok(Some(Change::Opened { url, version }))
            }
            Err(ConnectError::Retry(loss)) => self.lost(loss).map(Some),
            Err(ConnectError::Final(error)) => Err(error),
        }
    }

    fn decode(&mut self, data: &[u8]) -> Result<(), ReadError> {
        let State::Open(open) = &mut self.state else {
            return Ok(());
        };
        let data = open.coding.decode(data)?;
        self.read(&data)
    }

    /// The body has ended: what its coding still held comes first.
    fn ended(&mut self) -> Result<Option<Change>, ReadError> {
        if let State::Open(open) = &mut self.state
            && !std::mem::replace(&mut open.has_ended, true)
        {
            return match open.coding.finish() {
                Ok(rest) => self.read(&rest).map(|()| None),
                Err(_) => self.lost(Loss::Damaged).map(Some),
            };
        }
        self.lost(Loss::Ended).map(Some)
    }

    /// Reads events out of decoded bytes.
    fn read(&mut self, data: &[u8]) -> Result<(), ReadError> {
        let State::Open(open) = &mut self.state else {
            return Ok(());
        };
        let mut events = Vec::new();
        let result = open.decoder.decode(data, &mut events);
        if let Some(milliseconds) = open.decoder.retry_milliseconds() {
            self.retry = Duration::from_millis(milliseconds).min(MAX_RETRY_AFTER);
        }
        let id = open.decoder.last_event_id();
        id.clone_into(&mut self.options.last_event_id);
        if events.is_empty() {
            return Ok(result?);
        }
        open.has_brought_event = true;
        self.failures = 0;
        self.fruitless = 0;
        // What was decoded goes out first: the decoder repeats its error when asked again.
        self.events.extend(events);
        Ok(())
    }

    /// Plans the next attempt. A stream that simply ended does not count as a failure, but it is not
    /// opened again and again in haste if it brings nothing.
    fn lost(&mut self, loss: Loss) -> Result<Change, ReadError> {
        let fruitless_before = self.fruitless;
        let was_fruitful = matches!(&self.state, State::Open(open) if open.has_brought_event);
        if !was_fruitful {
            self.fruitless = self.fruitless.saturating_add(1);
        }
        if loss.is_failure() {
            self.failures = self.failures.saturating_add(1);
            if self
                .options
                .max_failures
                .is_some_and(|max| self.failures >= max)
            {
                return Err(ReadError::GaveUp {
                    failures: self.failures,
                    source: loss,
                });
            }
        }
        // Never before the time that the server asked for (WHATWG HTML, "reestablish the connection").
        let jitter = self.retry.min(MAX_DELAY);
        let retry_in = self
            .retry
            .saturating_add(back_off::delay(
                jitter,
                fruitless_before,
                back_off::random(),
            ))
            .max(loss.retry_after().min(MAX_RETRY_AFTER));
        let now = Instant::now();
        self.state = State::Waiting {
            until: now.checked_add(retry_in).unwrap_or(now + MAX_DELAY),
        };
        Ok(Change::Lost { loss, retry_in })
    }
}

#[cfg(test)]
mod tests;
