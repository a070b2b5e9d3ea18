//! Which step failed, and why.

use std::time::Duration;

use roomcast_client::http::{Error, Step};

use crate::failure::connection_sentence;

/// Why there is no report, or not a good one.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProbeFailure {
    /// The connection was not opened, or the request failed.
    #[error("{}", connection_sentence(.0))]
    Client(Error),
    /// The server did not answer the request.
    #[error("no answer to the request within {0:?}; --timeout gives it more time")]
    NoAnswer(Duration),
    /// The body broke off.
    #[error("the body broke off after {bytes} bytes: {error}")]
    Body {
        /// How much of it had come.
        bytes: u64,
        /// How it broke off.
        error: Error,
    },
    /// The answer says that something is wrong, and that was to be a failure.
    #[error("it answered {0}")]
    Status(http::StatusCode),
}

impl ProbeFailure {
    /// The step at which it failed, for programs.
    pub(super) fn step(&self) -> &'static str {
        match self {
            Self::Client(error) => match error {
                Error::Url { .. } => "url",
                Error::Resolve { .. } => "dns",
                Error::Connect { .. } => "connect",
                Error::Tls { .. } => "tls",
                Error::Alpn { .. } | Error::Http2SwitchedOff => "alpn",
                Error::NoAnswer { .. } => "answer",
                Error::Timeout { step, .. } => match step {
                    Step::Resolve => "dns",
                    Step::Connect => "connect",
                    Step::Tls => "tls",
                    Step::Protocol => "http",
                },
                _ => "http",
            },
            Self::NoAnswer(_) => "answer",
            Self::Body { .. } => "body",
            Self::Status(_) => "status",
        }
    }
}
