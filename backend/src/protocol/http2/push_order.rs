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
    /// Holds the pushes of one response back until the response says so or ends.
    pub(super) fn hold(&self) -> Held {
        Held {
            order: self.clone(),
            token: CancellationToken::new(),
            released: false,
        }
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

/// The response that pushes wait for. Dropping it lets them go as well.
#[derive(Debug)]
pub(super) struct Held {
    order: PushOrder,
    token: CancellationToken,
    released: bool,
}

impl Held {
    /// What a push waits for.
    pub(super) fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// The response has nothing more to send for now: once it is written, pushes may go.
    pub(super) fn release(&mut self) {
        if !mem::replace(&mut self.released, true) {
            self.order.release(self.token.clone());
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_push_goes_after_the_pass_that_wrote_its_page() {
        let order = PushOrder::default();
        let mut page = order.hold();
        let push = page.token();
        order.pass(|| ());
        assert!(!push.is_cancelled(), "the page was not ready");
        page.release();
        order.pass(|| assert!(!push.is_cancelled()));
        assert!(push.is_cancelled());
    }

    #[test]
    fn a_page_that_becomes_ready_during_a_pass_waits_for_the_next() {
        let order = PushOrder::default();
        let mut page = order.hold();
        let push = page.token();
        order.pass(|| page.release());
        assert!(!push.is_cancelled());
        order.pass(|| ());
        assert!(push.is_cancelled());
    }

    #[test]
    fn pushes_of_a_page_that_breaks_off_do_not_wait_for_ever() {
        let order = PushOrder::default();
        let push = order.hold().token();
        order.pass(|| ());
        assert!(push.is_cancelled());
    }

    #[test]
    fn whoever_is_ready_asks_the_driver_for_a_pass() {
        let order = PushOrder::default();
        assert_eq!(order.released().now_or_never(), None);
        order.hold().release();
        assert_eq!(order.released().now_or_never(), Some(()));
        assert_eq!(order.released().now_or_never(), None);
    }

    #[test]
    fn nothing_waits_for_a_connection_that_has_ended() {
        let order = PushOrder::default();
        let mut ready = order.hold();
        let mut late = order.hold();
        ready.release();
        order.close();
        assert!(ready.token().is_cancelled());
        assert!(!late.token().is_cancelled());
        late.release();
        assert!(late.token().is_cancelled());
    }
}
