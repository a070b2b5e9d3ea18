//! The stop signal that every connection and every stream listens to.

use tokio_util::sync::CancellationToken;

/// Tells the parts of a server that it is to stop.
///
/// Clones share one signal. An open stream must not hold up a graceful stop, so everything
/// that may wait for longer than a request takes selects on [`Shutdown::requested`].
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody to finish. Asking again changes nothing.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether the stop was asked for.
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the stop is asked for; at once if it was already.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }
}
