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

/// The response that pushes wait for. Dropping it, when it has nothing more to send for now or has
/// ended, lets them go once it is written.
#[derive(Debug)]
pub(super) struct Held {
    order: PushOrder,
    token: CancellationToken,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut waiting = self.order.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(self.token.clone());
    }
}

#[cfg(test)]
mod tests {
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
}
