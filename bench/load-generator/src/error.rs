//! Why a run fails.

use http::StatusCode;

/// Why a run fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A connection was not opened, or broke.
    #[error(transparent)]
    Http(#[from] roomcast_client::http::Error),
    /// A request cannot be made of the options.
    #[error("--url, --subscribe and --publish do not make a request: {0}")]
    Request(#[from] http::Error),
    /// The server does not agree.
    #[error("the server answered {status} to {what}")]
    Refused {
        /// What was asked of it.
        what: &'static str,
        /// Its status.
        status: StatusCode,
    },
    /// A byte stream broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What came is no WebSocket.
    #[error(transparent)]
    WebSocket(#[from] roomcast_websocket::ProtocolError),
    /// The server ended a stream that goes on for ever.
    #[error("the server ended the stream")]
    Ended,
    /// A thread stopped.
    #[error("a thread of the load generator stopped early")]
    Thread,
}
