//! Pushed responses come after the response that they are pushed for.
//!
//! h2 serves streams in turn, a frame each. If a pushed body were handed to it at once, a frame
//! of each push would go out between any two frames of the page that needs them.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The pushes of one connection that wait for their page to be written.
///
/// Invariant: what is let go at the end of a pass was added before the pass began. The frames of
/// its page were queued before that, so the pass has written them. Once the order is closed nothing
/// waits any longer, as there is no pass to come.
#[derive(Clone, Debug, Default)]
pub(super) struct PushOrder(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Wakes the driver: without anything else to do it would make no pass.
    released: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<CancellationToken>,
    is_closed: bool,
}

impl PushOrder {
    /// Holds the pushes of one response back until the response says so or ends: they wait for the
    /// token.
    pub(super) fn hold(&self) -> (Held, CancellationToken) {
        let token = CancellationToken::new();
        let held = Held {
            order: self.clone(),
            token: token.clone(),
        };
        (held, token)
    }

    /// Waits until pushes were released since the last call: a pass is due.
    ///
    /// # Cancel safety
    /// Safe.
    pub(super) async fn released(&self) {
        self.0.released.notified().await;
    }

    /// Lets the driver write what is queued, then the pushes that waited for it go.
    pub(super) fn pass<T>(&self, write: impl FnOnce() -> T) -> T {
        let waiting = mem::take(&mut self.state().waiting);
        let result = write();
        for token in waiting {
            token.cancel();
        }
        result
    }

    /// The connection has ended: lets go what waits now and whatever is released later.
    pub(super) fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.is_closed = true;
            mem::take(&mut state.waiting)
        };
        for token in waiting {
            token.cancel();
        }
    }

    fn release(&self, token: CancellationToken) {
        let mut state = self.state();
        if state.is_closed {
            drop(state);
            token.cancel();
        } else {
            state.waiting.push(token);
            drop(state);
            self.0.released.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The response that pushes wait for. Dropping it, when it has nothing more to send for now or has
/// ended, lets them go once it is written.
#[derive(Debug)]
pub(super) struct Held {
    order: PushOrder,
    token: CancellationToken,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.order.release(self.token.clone());
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_push_goes_after_the_pass_that_wrote_its_page() {
        let order = PushOrder::default();
        let (page, push) = order.hold();
        order.pass(|| ());
        assert!(!push.is_cancelled(), "the page was not ready");
        drop(page);
        order.pass(|| assert!(!push.is_cancelled()));
        assert!(push.is_cancelled());
    }

    #[test]
    fn a_page_that_becomes_ready_during_a_pass_waits_for_the_next() {
        let order = PushOrder::default();
        let (page, push) = order.hold();
        order.pass(|| drop(page));
        assert!(!push.is_cancelled());
        order.pass(|| ());
        assert!(push.is_cancelled());
    }

    #[test]
    fn whoever_is_ready_asks_the_driver_for_a_pass() {
        let order = PushOrder::default();
        assert_eq!(order.released().now_or_never(), None);
        drop(order.hold());
        assert_eq!(order.released().now_or_never(), Some(()));
        assert_eq!(order.released().now_or_never(), None);
    }

    #[test]
    fn nothing_waits_for_a_connection_that_has_ended() {
        let order = PushOrder::default();
        let (ready, its_push) = order.hold();
        let (late, late_push) = order.hold();
        drop(ready);
        order.close();
        assert!(its_push.is_cancelled());
        assert!(!late_push.is_cancelled());
        drop(late);
        assert!(late_push.is_cancelled());
    }
}
