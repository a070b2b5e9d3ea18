//! A way to a server that can be cut.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes bytes on to a server, at an address of its own that stays.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    target: watch::Sender<Option<SocketAddr>>,
}

impl Relay {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (target, watched) = watch::channel(Some(server));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, watched.clone()));
            }
        });
        Self { address, target }
    }

    /// Breaks every connection; new ones lead to nowhere.
    pub(crate) fn cut(&self) {
        self.target.send_replace(None);
    }

    /// Leads to a server again.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        self.target.send_replace(Some(server));
    }
}

/// Copies bytes until the target changes.
async fn pass(mut client: TcpStream, mut target: watch::Receiver<Option<SocketAddr>>) {
    let Some(server) = *target.borrow_and_update() else {
        return;
    };
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = target.changed() => {}
    }
}
