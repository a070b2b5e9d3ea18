//! Logs why opening handshakes failed, and remembers it for the clients that ask.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::response::Response;
use http::header;
use http::request::Parts;
use tokio::time::Instant;

use super::attempts::{Attempt, Attempts, Outcome};
use super::upgrade::{STRIPPED, asks_for_websocket, is_stripped};
use crate::handler::problem::Problem;
use crate::middleware::base_path::as_asked;
use crate::middleware::foreign_origin::ForeignOrigin;
use crate::protocol::upgrade::UpgradeError;
use crate::refusal_log::{Cause, RefusalLog, network_of};

/// What is known of opening handshakes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshakes {
    attempts: Arc<Attempts>,
    log: Arc<RefusalLog>,
}

/// Follows one request from its head to its outcome. Stands in the extensions of a handshake, since an upgrade
/// can still fail after its response.
#[derive(Clone, Debug)]
pub(crate) struct HandshakeWatch {
    handshakes: Handshakes,
    peer: IpAddr,
    path: Box<str>,
    attempt: Option<Attempt>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Handshake,
    /// A handshake that lost its upgrade on the way.
    Stripped,
    Other,
}

impl Default for HandshakeWatch {
    fn default() -> Self {
        Self {
            handshakes: Handshakes::default(),
            peer: Ipv4Addr::UNSPECIFIED.into(),
            path: Box::default(),
            attempt: None,
            kind: Kind::Other,
        }
    }
}

impl Handshakes {
    /// Begins to watch a request of `peer`.
    pub(crate) fn watch(&self, parts: &Parts, peer: IpAddr) -> HandshakeWatch {
        let kind = if asks_for_websocket(parts) {
            Kind::Handshake
        } else if is_stripped(parts) {
            Kind::Stripped
        } else {
            Kind::Other
        };
        HandshakeWatch {
            handshakes: self.clone(),
            peer,
            path: as_asked(parts).path().into(),
            attempt: Attempt::of(&parts.uri).filter(|_| kind != Kind::Other),
            kind,
        }
    }

    /// What came of a handshake; `None` if none with this token has arrived in the last minute.
    pub(crate) fn outcome(&self, attempt: &Attempt) -> Option<Outcome> {
        self.attempts.outcome(attempt, Instant::now())
    }
}

impl HandshakeWatch {
    /// `true` for handshakes, and for those that lost their upgrade on the way.
    pub(crate) fn is_handshake(&self) -> bool {
        self.kind != Kind::Other
    }

    /// Logs and remembers what the request was answered.
    pub(crate) fn answered(&self, response: &Response) {
        let status = response.status();
        let is_accepted = status.is_informational() || status.is_success();
        let foreign = response.extensions().get::<ForeignOrigin>();
        let problem = response.extensions().get::<Problem>();
        if let Some(foreign) = foreign {
            self.log(Cause::Origin, |line| {
                let ForeignOrigin { origin, host, .. } = foreign;
                tracing::warn!(%origin, %host, "{line}: {}", foreign.advice());
            });
        } else if self.kind == Kind::Stripped {
            self.log(Cause::Stripped, |line| tracing::warn!("{line}: {STRIPPED}"));
        } else if self.kind == Kind::Handshake && !is_accepted {
            let why = problem.map_or("no reason was given", Problem::detail);
            self.log(Cause::Handshake(status.as_u16()), |line| {
                tracing::warn!(status = status.as_u16(), "{line}: {why}");
            });
        }
        let Some(attempt) = self.attempt.clone() else {
            return;
        };
        let outcome = match problem {
            Some(problem) if self.kind == Kind::Handshake || foreign.is_some() => {
                Outcome::Refused {
                    problem: problem.clone(),
                    retry_after: response
                        .headers()
                        .get(header::RETRY_AFTER)
                        .and_then(|seconds| seconds.to_str().ok()?.parse().ok()),
                }
            }
            _ if self.kind == Kind::Stripped => Outcome::Stripped,
            _ => Outcome::Accepted,
        };
        let attempts = &self.handshakes.attempts;
        attempts.remember(attempt, outcome, Instant::now());
    }

    /// Logs that the connection of an accepted handshake ended before it became a WebSocket.
    pub(crate) fn not_upgraded(&self, error: &UpgradeError) {
        self.log(Cause::NotUpgraded, |line| tracing::warn!("{line}: {error}"));
    }

    /// Has `write` log a line about this request, unless its network had one like it within a minute.
    fn log(&self, cause: Cause, write: impl FnOnce(&str)) {
        let Some(more) = self.handshakes.log.admit(cause, self.peer, Instant::now()) else {
            return;
        };
        let what = if cause == Cause::Origin {
            "refused a page of another origin"
        } else {
            "refused a WebSocket"
        };
        let (path, network) = (&self.path, network_of(self.peer));
        let more = match more {
            0 => String::new(),
            more => format!(" (and {more} more since the last line)"),
        };
        write(&format!("{what} at {path} from network {network}{more}"));
    }
}
