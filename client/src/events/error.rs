//! Why a stream was lost, or ended for good.

use std::time::Duration;

use ::http::StatusCode;
use roomcast_shared::event_stream::DecodeError;

use crate::http::problem::because;
use crate::http::redirect::TooManyRedirects;
use crate::http::{CodingError, Error};

/// Why a stream is not connected at the moment.
#[derive(Debug, thiserror::Error)]
pub enum Loss {
    /// The server ended it.
    #[error("the server ended the stream")]
    Ended,
    /// It ended in the middle of its gzip or brotli, or what came does not fit its checksum.
    #[error("the compressed stream broke off or is damaged")]
    Damaged,
    /// Nothing came for longer than allowed.
    #[error("the stream fell silent")]
    Silent,
    /// The connection was not opened, or it broke.
    #[error(transparent)]
    Failed(Error),
    /// The server, or a proxy before it, cannot answer now.
    #[error("the server answered {status}{}", because(.detail.as_ref()))]
    Unavailable {
        /// Its status.
        status: StatusCode,
        /// Why, in the server's words.
        detail: Option<String>,
        /// How long it asks to be left alone.
        retry_after: Duration,
    },
}

impl Loss {
    /// Whether this counts as one of the failures after which a reader gives up: a stream that was
    /// open and ended does not.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Damaged | Self::Failed(_) | Self::Unavailable { .. }
        )
    }

    pub(super) fn retry_after(&self) -> Duration {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => Duration::ZERO,
        }
    }
}

/// Why a stream of events ended for good.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server answered with an error that trying again does not change.
    #[error("the server answered {status} instead of events{}", because(.detail.as_ref()))]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Why, in the server's words.
        detail: Option<String>,
    },
    /// The answer is something else than an event stream.
    #[error(
        "the server answered with {content_type} instead of an event stream (text/event-stream)"
    )]
    NotAnEventStream {
        /// What it says to be, quoted.
        content_type: String,
    },
    /// The stream is compressed in a way that cannot be decoded.
    #[error("the stream cannot be decoded: {0}")]
    Coded(#[from] CodingError),
    /// The server sends readers from one address to the next.
    #[error(transparent)]
    Redirects(#[from] TooManyRedirects),
    /// An event is too long.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There is no way to the server, and trying again does not change that.
    #[error(transparent)]
    Connect(Error),
    /// It failed too often in a row.
    #[error("gave up after {failures} failures: {source}")]
    GaveUp {
        /// How often.
        failures: u32,
        /// The last failure.
        source: Loss,
    },
}
