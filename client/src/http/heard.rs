//! What a server said first, so that a failure can be told in words: hyper and `h2` only know that they
//! did not understand it.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use ::http::Version;
use roomcast_shared::io_reason::io_reason;
use rustls::AlertDescription;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::error::Error;

/// As many bytes as tell the protocols apart: the head of an HTTP/2 frame (RFC 9113, section 4.1).
const FIRST_BYTES: usize = 9;

/// The type of SETTINGS, the first frame of a server (RFC 9113, sections 3.4 and 6.5).
const SETTINGS_TYPE: u8 = 4;

/// The type of GOAWAY, with which some servers begin that are about to end (section 6.8).
const GOAWAY_TYPE: u8 = 7;

/// What begins an alert of TLS, with the major version of all its versions (RFC 8446, section 5.1).
const TLS_ALERT: &[u8] = &[21, 3];

/// How a server answered that does not speak the version of HTTP in which it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It ended the connection without a word.
    Nothing,
    /// It answered in HTTP/1.
    Http1,
    /// It began HTTP/2.
    Http2,
    /// It speaks TLS.
    Tls,
    /// It said something that does not begin HTTP/2, such as a page without a head.
    Other,
}

/// What was heard on a connection; its clones are about the same one.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    asked: Version,
    /// Whether ALPN agreed on that version, so that it is spoken in any case.
    is_agreed: bool,
    host: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    first: Vec<u8>,
    /// That the connection ended, and why if it did not end by itself.
    end: Option<String>,
    /// The server refused the TLS handshake after it had ended for us, as it may in TLS 1.3.
    alert: Option<AlertDescription>,
}

impl Heard {
    pub(super) fn new(asked: Version, is_agreed: bool, host: &str) -> Self {
        Self {
            asked,
            is_agreed,
            host: host.to_owned(),
            state: Arc::default(),
        }
    }

    /// The error of a request on this connection, in words where they are known.
    pub(super) fn error(&self, error: impl StdError + Send + Sync + 'static) -> Error {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(alert) = state.alert.or_else(|| alert_in(&error)) {
            return Error::Tls {
                host: self.host.clone(),
                source: io::Error::other(rustls::Error::AlertReceived(alert)),
            };
        }
        match state.answer() {
            Some(Answer::Nothing) if self.is_agreed => {
                let why = state.end.as_deref().unwrap_or_default();
                Error::protocol(format!(
                    "the server ended the connection without an answer{why}"
                ))
            }
            Some(answer) if !self.is_agreed && !answer.is_in(self.asked) => Error::NotSpoken {
                version: self.asked,
                answer,
            },
            _ => Error::protocol(error),
        }
    }

    fn hear(&self, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.is_empty() {
            state.end.get_or_insert_default();
        }
        let room = FIRST_BYTES.saturating_sub(state.first.len());
        state.first.extend(bytes.iter().take(room));
    }

    fn hear_failure(&self, error: &io::Error) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Later a server may have other reasons.
        if state.first.is_empty() {
            state.alert = state.alert.or_else(|| alert_in(error));
            state
                .end
                .get_or_insert_with(|| format!(": {}", io_reason(error)));
        }
    }
}

impl State {
    fn answer(&self) -> Option<Answer> {
        match self.first.as_slice() {
            // Otherwise it is we who failed.
            [] => self.end.is_some().then_some(Answer::Nothing),
            first if first.starts_with(b"HTTP/") => Some(Answer::Http1),
            first if first.starts_with(TLS_ALERT) => Some(Answer::Tls),
            [_, _, _, SETTINGS_TYPE | GOAWAY_TYPE, _, 0, 0, 0, 0] => Some(Answer::Http2),
            first => (first.len() == FIRST_BYTES).then_some(Answer::Other),
        }
    }
}

impl Answer {
    fn is_in(self, version: Version) -> bool {
        match self {
            Self::Nothing | Self::Tls => false,
            // Garbage is for hyper to judge.
            Self::Http1 | Self::Other => version != Version::HTTP_2,
            Self::Http2 => version == Version::HTTP_2,
        }
    }
}

/// The alert of TLS that led to an error.
fn alert_in(error: &(dyn StdError + 'static)) -> Option<AlertDescription> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(|error| error.get_ref())
            .and_then(|error| error.downcast_ref());
        if let Some(rustls::Error::AlertReceived(alert)) = inner.or(error.downcast_ref()) {
            return Some(*alert);
        }
        cause = error.source();
    }
    None
}

/// Listens to what comes in.
pub(super) struct Listening<T> {
    io: T,
    heard: Heard,
    /// Bytes that are still to be heard.
    missing: usize,
}

impl<T> Listening<T> {
    pub(super) fn new(io: T, heard: Heard) -> Self {
        Self {
            io,
            heard,
            missing: FIRST_BYTES,
        }
    }
}

impl<T: AsyncRead + Unpin> Listening<T> {
    /// A server that refuses says why and closes, and what we write meanwhile fails: looks for the
    /// reason, which is there already. What is read by that is lost, as is the connection.
    fn look_for_reason(&mut self, cx: &mut Context<'_>) {
        let mut bytes = [0; FIRST_BYTES];
        let mut buf = ReadBuf::new(&mut bytes);
        drop(Pin::new(self).poll_read(cx, &mut buf));
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Listening<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.io).poll_read(cx, buf));
        if self.missing > 0 {
            let new = buf.filled().get(before..).unwrap_or_default();
            self.heard.hear(new);
            if let Err(error) = &result {
                self.heard.hear_failure(error);
            }
            self.missing = self.missing.saturating_sub(new.len());
        }
        Poll::Ready(result)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Listening<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.io).poll_write(cx, buf));
        if let Err(error) = &result {
            self.look_for_reason(cx);
            self.heard.hear_failure(error);
        }
        Poll::Ready(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, bufs));
        if let Err(error) = &result {
            self.look_for_reason(cx);
            self.heard.hear_failure(error);
        }
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.io).poll_flush(cx));
        if let Err(error) = &result {
            self.look_for_reason(cx);
            self.heard.hear_failure(error);
        }
        Poll::Ready(result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
