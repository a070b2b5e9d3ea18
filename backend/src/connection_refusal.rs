//! Tells a connection too many why it is refused, in the HTTP that it speaks, and ends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use tokio::pin;
use tokio::time::{Instant, sleep, timeout};

use crate::config::Limits;
use crate::connection_limit::{ConnectionLimit, ConnectionPermit, ConnectionRefused};
use crate::handler::refusal::OneTooMany;
use crate::protocol::Context;
use crate::refusal_log::{Cause, RefusalLog, network_of};
use crate::shutdown::Shutdown;

/// How many refused connections are told so at a time; whoever comes beyond is closed without a word.
const MAX_TOLD: usize = 64;

/// How many of them one address may have: as many as a program opens side by side.
const MAX_TOLD_PER_ADDRESS: usize = 4;

/// How long each step of such a connection may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(3);

/// How long it may last in all.
const LONGEST: Duration = Duration::from_secs(8);

/// How long its place is taken at least. Under TLS every answer costs a handshake, and so a peer that comes
/// again and again costs [`MAX_TOLD_PER_ADDRESS`] handshakes a second, however fast it is.
const PACE: Duration = Duration::from_secs(1);

/// What is there for connections beyond the limits.
#[derive(Debug)]
pub(crate) struct ConnectionRefusal {
    places: Arc<ConnectionLimit>,
    /// Answers everything by [`refuse`](crate::handler::refusal::refuse).
    router: Router,
    log: RefusalLog,
    limits: Arc<Limits>,
}

/// A place for a connection that is told why it is refused.
#[derive(Debug)]
pub(crate) struct Telling {
    /// What the connection is served with, as if it were any other.
    pub(crate) context: Context,
    place: ConnectionPermit,
}

impl ConnectionRefusal {
    pub(crate) fn new(router: Router, limits: &Limits) -> Self {
        Self {
            places: ConnectionLimit::new(MAX_TOLD, MAX_TOLD_PER_ADDRESS),
            router,
            log: RefusalLog::default(),
            limits: Arc::new(Limits {
                handshake_timeout: limits.handshake_timeout.min(STEP_TIMEOUT),
                header_timeout: limits.header_timeout.min(STEP_TIMEOUT),
                idle_timeout: limits.idle_timeout.min(STEP_TIMEOUT),
                body_timeout: limits.body_timeout.min(STEP_TIMEOUT),
                write_timeout: limits.write_timeout.min(STEP_TIMEOUT),
                drain_timeout: limits.drain_timeout.min(STEP_TIMEOUT),
                ..limits.clone()
            }),
        }
    }

    /// A place for the connection from `remote`; `None` when it is to be closed at once. Logs the refusal, at
    /// most once a minute for each network.
    pub(crate) fn admit(&self, remote: SocketAddr, refused: ConnectionRefused) -> Option<Telling> {
        if let Some(more) = self
            .log
            .admit(Cause::Connection, remote.ip(), Instant::now())
        {
            let network = network_of(remote.ip());
            tracing::warn!(%network, more, "refused a connection: {refused}");
        }
        let place = self.places.admit(remote.ip()).ok()?;
        let end = Shutdown::new();
        let one_too_many = OneTooMany {
            refused,
            end: end.clone(),
        };
        let context = Context {
            router: self.router.clone().layer(Extension(one_too_many)),
            remote,
            limits: self.limits.clone(),
            shutdown: end,
        };
        Some(Telling { context, place })
    }
}

impl Telling {
    /// Waits until the connection has been served, or the server `stop`s.
    pub(crate) async fn told(self, serving: impl Future<Output = ()>, stop: Shutdown) {
        let end = self.context.shutdown.clone();
        let pace = sleep(PACE);
        let told = async {
            pin!(serving);
            tokio::select! {
                () = &mut serving => {}
                () = stop.requested() => {
                    end.request();
                    serving.await;
                }
            }
        };
        // Whatever is left of a connection that took longer is dropped with it.
        let _ = timeout(LONGEST, told).await;
        tokio::select! {
            () = pace => {}
            () = stop.requested() => {}
        }
        drop(self.place);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const REFUSED: ConnectionRefused = ConnectionRefused::Total { max: 1 };

    fn refusal() -> ConnectionRefusal {
        ConnectionRefusal::new(Router::new(), &Limits::default())
    }

    fn admit(refusal: &ConnectionRefusal, host: usize) -> Option<Telling> {
        let host = u8::try_from(host).unwrap();
        refusal.admit(([192, 0, 2, host], 1024).into(), REFUSED)
    }

    #[test]
    fn one_address_does_not_take_all_places() {
        let refusal = refusal();
        let told: Vec<_> = (0..MAX_TOLD_PER_ADDRESS)
            .map(|_| admit(&refusal, 1).unwrap())
            .collect();
        assert!(admit(&refusal, 1).is_none());
        assert!(admit(&refusal, 2).is_some());
        drop(told);
        assert!(admit(&refusal, 1).is_some());
    }

    #[test]
    fn there_are_so_many_places_and_no_more() {
        let refusal = refusal();
        let told: Vec<_> = (0..MAX_TOLD)
            .map(|host| admit(&refusal, host).unwrap())
            .collect();
        assert!(admit(&refusal, MAX_TOLD).is_none());
        drop(told);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_is_gone_at_once_has_its_place_for_a_while() {
        let begin = Instant::now();
        let telling = admit(&refusal(), 1).unwrap();
        telling.told(ready(()), Shutdown::new()).await;
        assert_eq!(begin.elapsed(), PACE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_holds_on_is_left() {
        let begin = Instant::now();
        let telling = admit(&refusal(), 1).unwrap();
        telling.told(pending(), Shutdown::new()).await;
        assert_eq!(begin.elapsed(), LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_asks_the_connection_to_end_and_waits_for_nothing_else() {
        let begin = Instant::now();
        let telling = admit(&refusal(), 1).unwrap();
        let end = telling.context.shutdown.clone();
        let stop = Shutdown::new();
        stop.request();
        telling
            .told(async move { end.requested().await }, stop)
            .await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }
}
