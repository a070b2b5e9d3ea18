//! What the tests share: servers to talk to, and peers that say exactly what a test wants.

pub(crate) mod client;
pub(crate) mod fixture;
pub(crate) mod frame;
pub(crate) mod peer;
pub(crate) mod process;
pub(crate) mod room;
pub(crate) mod server;
pub(crate) mod text_peer;
pub(crate) mod tls;
pub(crate) mod web_socket;

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection, with or without TLS.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// How long anything that a test waits for may take on a busy machine. A test that needs it
/// has failed; none asserts how fast something is.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Awaits an event that must come.
pub(crate) async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, event).await {
        Ok(value) => value,
        Err(elapsed) => panic!("waited {PATIENCE:?} in vain for {what}: {elapsed}"),
    }
}
