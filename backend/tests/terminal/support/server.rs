//! Our server inside the test's own process.

use std::net::SocketAddr;

use roomcast::config::Config;
use roomcast::server::Server;
use roomcast::shutdown::Shutdown;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A whole server on a free port of this machine, with a page and a data folder of its own. Dropping
/// it ends it at once.
pub(crate) struct OurServer {
    pub(crate) address: SocketAddr,
    /// Where it keeps its data and where its page is, gone with it.
    _folder: TempDir,
    running: JoinHandle<()>,
}

/// A page that needs a script.
const DOCUMENT: &str = "<!DOCTYPE html><html lang=en><head><title>Page</title>\
    <link rel=\"modulepreload\" href=\"/app-0123456789abcdef.js\"></head><body>Hello</body></html>";

impl OurServer {
    /// Serves over TLS with a certificate of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Serves with what `choose` changes.
    pub(crate) async fn start_with(choose: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        std::fs::create_dir(&page).unwrap();
        std::fs::write(page.join("index.html"), DOCUMENT).unwrap();
        std::fs::write(page.join("app-0123456789abcdef.js"), "export {}").unwrap();
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)).into(),
            data: folder.path().join("data"),
            assets: Some(page),
            ..Config::default()
        };
        choose(&mut config);
        let server = Server::bind(config, Shutdown::new()).await.unwrap();
        Self {
            address: server.address(),
            _folder: folder,
            running: tokio::spawn(server.run()),
        }
    }

    /// An address on it.
    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }
}

impl Drop for OurServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}
