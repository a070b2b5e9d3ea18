//! Pushed responses come after the response that they are pushed for.
//!
//! h2 serves streams in turn, a frame each. If a pushed body were handed to it at once, a frame
//! of each push would go out between any two frames of the page that needs them.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// The pushes of one connection that wait for their page to be written.
///
/// Invariant: what is let go at the end of a pass was added before the pass began. The frames of
/// its page were queued before that, so the pass has written them.
#[derive(Clone, Debug, Default)]
pub(super) struct PushOrder(Arc<Mutex<Vec<CancellationToken>>>);

impl PushOrder {
    /// Holds the pushes of one response back until the response says so or ends.
    pub(super) fn hold(&self) -> Held {
        Held {
            order: self.clone(),
            token: CancellationToken::new(),
            released: false,
        }
    }

    /// Lets the driver write what is queued, then the pushes that waited for it go.
    pub(super) fn pass<T>(&self, write: impl FnOnce() -> T) -> T {
        let waiting = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let result = write();
        for token in waiting {
            token.cancel();
        }
        result
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
            let mut waiting = self.order.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(self.token.clone());
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
}
