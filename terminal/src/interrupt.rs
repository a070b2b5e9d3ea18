//! Being asked to stop, by Ctrl-C or by a signal.

use std::time::Duration;

use tokio::sync::watch;

/// How long a client may take to say good-bye after it was asked to stop. Whoever asked waits for it.
pub const FAREWELL_TIMEOUT: Duration = Duration::from_millis(300);

/// Tells when the client is to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// One that is requested when `true` is sent.
    pub fn new(requested: watch::Receiver<bool>) -> Self {
        Self(requested)
    }

    /// Waits until it is requested; for ever if it never will be.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn requested(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
