//! Whether to come back, by how a connection ended.

use std::time::Duration;

use ::http::StatusCode;
use roomcast_websocket::{CloseCode, CloseFrame};

use crate::http::Error;
use crate::websocket::OpenError;

/// How long the server may take from the opened WebSocket to its welcome, which it sends at once: longer
/// than a busy server takes, shorter than the patience of somebody who mistyped an address.
pub(super) const WELCOME_TIMEOUT: Duration = Duration::from_secs(10);

/// How a connection to a room ended, or why there was none.
#[derive(Debug, thiserror::Error)]
pub enum Loss {
    /// The server closed it.
    #[error("the server closed the connection ({}{})", .0.code(), reason(.0))]
    Closed(CloseFrame),
    /// The server closed it without saying why.
    #[error("the server closed the connection")]
    ClosedSilently,
    /// It broke.
    #[error(transparent)]
    Broken(#[from] roomcast_websocket::Error),
    /// It was not opened.
    #[error(transparent)]
    NotOpened(#[from] OpenError),
    /// The server sent what this protocol does not have.
    #[error(
        "the server does not speak {}: {detail}",
        roomcast_shared::limits::ROOM_PROTOCOL
    )]
    Protocol {
        /// What is wrong.
        detail: String,
    },
    /// A WebSocket was opened and no welcome came, here or ever before: something else answers.
    #[error(
        "this is no room of Roomcast: a WebSocket was opened, but no welcome came within {} s",
        WELCOME_TIMEOUT.as_secs()
    )]
    NoRoom,
    /// The welcome did not come this time.
    #[error("the server sent no welcome within {} s", WELCOME_TIMEOUT.as_secs())]
    NoWelcome,
}

/// What to do after a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Come back.
    ComeBack,
    /// It would happen again.
    StayAway,
}

impl Loss {
    /// Whether to come back.
    pub fn verdict(&self) -> Verdict {
        let comes_back = match self {
            Self::Closed(close) => !matches!(
                close.code(),
                CloseCode::PROTOCOL_ERROR
                    | CloseCode::UNSUPPORTED_DATA
                    | CloseCode::INVALID_PAYLOAD
                    | CloseCode::POLICY_VIOLATION
                    | CloseCode::MESSAGE_TOO_BIG
            ),
            Self::ClosedSilently | Self::NoWelcome => true,
            Self::Broken(error) => !matches!(error, roomcast_websocket::Error::Protocol(_)),
            Self::NotOpened(OpenError::Http(error)) => !is_lasting(error),
            Self::NotOpened(OpenError::Refused { status, .. }) => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
                    )
            }
            Self::NotOpened(_) | Self::Protocol { .. } | Self::NoRoom => false,
        };
        if comes_back {
            Verdict::ComeBack
        } else {
            Verdict::StayAway
        }
    }
}

fn is_lasting(error: &Error) -> bool {
    error.is_lasting()
}

fn reason(close: &CloseFrame) -> String {
    if close.reason().is_empty() {
        String::new()
    } else {
        format!(": {}", close.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_is_as_the_protocol_has_it() {
        for (code, verdict) in [
            (1002, Verdict::StayAway),
            (1003, Verdict::StayAway),
            (1007, Verdict::StayAway),
            (1008, Verdict::StayAway),
            (1009, Verdict::StayAway),
            (1001, Verdict::ComeBack),
            (1011, Verdict::ComeBack),
            (1012, Verdict::ComeBack),
            (1013, Verdict::ComeBack),
        ] {
            let code = CloseCode::try_from(code).unwrap();
            let loss = Loss::Closed(CloseFrame::new(code, "why"));
            assert_eq!(loss.verdict(), verdict, "{code}");
        }
        assert_eq!(Loss::ClosedSilently.verdict(), Verdict::ComeBack);
        assert_eq!(Loss::NoWelcome.verdict(), Verdict::ComeBack);
        assert_eq!(Loss::NoRoom.verdict(), Verdict::StayAway);
    }

    #[test]
    fn a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
        for (status, verdict) in [
            (400, Verdict::StayAway),
            (403, Verdict::StayAway),
            (404, Verdict::StayAway),
            (408, Verdict::ComeBack),
            (429, Verdict::ComeBack),
            (502, Verdict::ComeBack),
            (503, Verdict::ComeBack),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let loss = Loss::NotOpened(OpenError::Refused {
                status,
                detail: None,
                redirect: None,
            });
            assert_eq!(loss.verdict(), verdict, "{status}");
        }
    }
}
