//! A server inside the test's own process.

use std::net::SocketAddr;
use std::sync::Arc;

use roomcast::config::Config;
use roomcast::prime::Primes;
use roomcast::server::Server;
use roomcast::shutdown::Shutdown;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{fixture, within};

/// A whole server on a free port of this machine, with a data folder of its own. Dropping it
/// ends it at once.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    /// Tells how many searches there are.
    pub(crate) primes: Arc<Primes>,
    /// Its data, gone with it.
    _folder: TempDir,
    shutdown: Shutdown,
    running: JoinHandle<()>,
}

impl TestServer {
    /// Serves over TLS with everything at its default.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Serves without TLS.
    pub(crate) async fn plain() -> Self {
        Self::start_with(|config| config.plain = true).await
    }

    /// Serves the browser client of the fixture.
    pub(crate) async fn with_page() -> Self {
        let page = tempfile::tempdir().unwrap();
        fixture::write(page.path());
        Self::start_with(|config| config.assets = Some(page.path().to_owned())).await
    }

    /// Serves with what `choose` changes.
    pub(crate) async fn start_with(choose: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)).into(),
            data: folder.path().join("data"),
            ..Config::default()
        };
        choose(&mut config);
        let shutdown = Shutdown::new();
        let server = Server::bind(config, shutdown.clone()).await.unwrap();
        Self {
            address: server.address(),
            primes: server.primes().clone(),
            _folder: folder,
            shutdown,
            running: tokio::spawn(server.run()),
        }
    }

    /// Asks the server to stop, as SIGTERM does.
    pub(crate) fn request_shutdown(&self) {
        self.shutdown.request();
    }

    /// Waits until the server has ended by itself.
    pub(crate) async fn ended(&mut self) {
        within("the end of the server", &mut self.running)
            .await
            .unwrap();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}
