//! The stop signal that every connection and every stream listens to.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use tokio_util::sync::CancellationToken;

/// Tells the parts of a server that it is to stop.
///
/// Clones share one signal. An open stream must not hold up a graceful stop, so everything
/// that may wait for longer than a request takes selects on [`Shutdown::requested`].
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
    /// Set before the token is cancelled. To look at the token takes a lock that all connections share, and
    /// thousands of them look whenever a room has something new.
    requested: Arc<AtomicBool>,
}

impl Shutdown {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody to finish. Asking again changes nothing.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Release);
        self.token.cancel();
    }

    /// Whether the stop was asked for.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Waits until the stop is asked for; at once if it was already.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn requested(&self) {
        let mut cancelled = pin!(self.token.cancelled());
        let mut registered: Option<Waker> = None;
        poll_fn(|cx| {
            let waits = registered
                .as_ref()
                .is_some_and(|waker| waker.will_wake(cx.waker()));
            if waits && !self.is_requested() {
                return Poll::Pending;
            }
            registered = Some(cx.waker().clone());
            cancelled.as_mut().poll(cx)
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn everybody_who_waits_hears_of_it_and_who_comes_later_at_once() {
        let shutdown = Shutdown::new();
        let waiting = shutdown.clone();
        let mut task = tokio::spawn(async move { waiting.requested().await });
        tokio::task::yield_now().await;
        assert!((&mut task).now_or_never().is_none());
        assert!(!shutdown.is_requested());

        shutdown.request();

        task.await.unwrap();
        assert!(shutdown.is_requested());
        assert!(shutdown.requested().now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_wait_that_moves_to_another_task_is_woken_there() {
        let shutdown = Shutdown::new();
        let waiting = shutdown.clone();
        let mut wait = Box::pin(async move { waiting.requested().await });
        assert!((&mut wait).now_or_never().is_none());
        let task = tokio::spawn(wait);
        tokio::task::yield_now().await;

        shutdown.request();

        task.await.unwrap();
    }
}
