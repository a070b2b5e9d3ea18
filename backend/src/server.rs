//! The server as a whole: from its configuration to a running listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use roomcast_shared::event_stream::Decoder;
use roomcast_shared::limits::MAX_EVENT_BYTES;
use roomcast_shared::prime::PrimeEvent;
use tokio::net::TcpListener;

use crate::assets::{Assets, AssetsError, Origin};
use crate::config::Config;
use crate::connection_refusal::ConnectionRefusal;
use crate::defaults;
use crate::handler::echo::HoldingRoom;
use crate::handler::room::{OpenRoomsError, RoomService};
use crate::listener::Listener;
use crate::middleware::origin::AllowedOrigins;
use crate::prime::Primes;
use crate::router;
use crate::shutdown::Shutdown;
use crate::state::AppState;
use crate::tls::{CertificateError, CertificateSource, Fingerprint, Tls};
use crate::transport::websocket::watch::Handshakes;

/// Events of the default stream that the client's document holds: the one that the stream sends
/// at once. The next one is due a second later.
const EVENTS_IN_DOCUMENT: u64 = 1;

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There is no certificate to show.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no browser client to serve.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// There is nowhere to keep what is said in rooms.
    #[error(transparent)]
    Rooms(#[from] OpenRoomsError),
}

/// A server that listens and does not serve yet.
pub struct Server {
    listener: Listener,
    address: SocketAddr,
    certificates: Option<(Arc<Tls>, CertificateSource)>,
    rooms: Arc<RoomService>,
    primes: Arc<Primes>,
}

impl Server {
    /// Reads what the configuration names and begins to listen.
    ///
    /// # Errors
    /// [`StartError`] says what is missing and what to do.
    pub async fn bind(config: Config, shutdown: Shutdown) -> Result<Self, StartError> {
        let primes = Arc::new(Primes::with_limits(config.limits.searches()));
        let rooms = Arc::new(RoomService::open(&config)?);
        let origin = if config.plain {
            Origin::Plain
        } else {
            Origin::Secure
        };
        let state = AppState {
            shutdown: shutdown.clone(),
            assets: Arc::new(browser_client(&config, &first_events(&primes), origin)?),
            primes: primes.clone(),
            web_sockets: config.limits.web_sockets(),
            holding_room: HoldingRoom::new(defaults::ECHO_HELD_BYTES),
            rooms: rooms.clone(),
            allowed_origins: AllowedOrigins::new(
                origin,
                config.rooms.allow_origins.iter().cloned(),
            ),
            handshakes: Handshakes::default(),
        };
        let certificates = match certificate_source(&config) {
            None => None,
            Some(source) => Some((
                Arc::new(Tls::new(&source, config.debug.http2_server)?),
                source,
            )),
        };
        let unable = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let tcp = TcpListener::bind(config.listen).await.map_err(unable)?;
        let address = tcp.local_addr().map_err(unable)?;
        let listener = Listener {
            tcp,
            tls: certificates.as_ref().map(|(tls, _)| tls.clone()),
            refusal: ConnectionRefusal::new(
                router::of_refused_connections(state.assets.clone()),
                &config.limits,
            ),
            router: router::router(state),
            limits: Arc::new(config.limits),
            debug: config.debug,
            shutdown,
        };
        Ok(Self {
            listener,
            address,
            certificates,
            rooms,
            primes,
        })
    }

    /// The logs of primes, which tell how many searches there are.
    pub fn primes(&self) -> &Arc<Primes> {
        &self.primes
    }

    /// Where the server listens; the port is the real one even if 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to point a browser.
    pub fn url(&self) -> String {
        let scheme = match self.certificates {
            Some(_) => "https",
            None => "http",
        };
        let port = self.address.port();
        match self.address.ip() {
            ip if ip.is_loopback() || ip.is_unspecified() => {
                format!("{scheme}://localhost:{port}/")
            }
            _ => format!("{scheme}://{}/", self.address),
        }
    }

    /// The fingerprint of the certificate, if there is TLS.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        let (tls, _) = self.certificates.as_ref()?;
        Some(tls.fingerprint())
    }

    /// Serves until the shutdown is requested and every connection has ended.
    pub async fn run(self) {
        let keep_current = async {
            match &self.certificates {
                Some((tls, source)) => tls.keep_current(source).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.listener.run() => {}
            () = keep_current => {}
            () = self.rooms.keep_tidy() => {}
        }
    }
}

/// The first events of the default stream, decoded as a client decodes them.
fn first_events(primes: &Primes) -> Vec<PrimeEvent> {
    let mut events = Vec::new();
    Decoder::new(MAX_EVENT_BYTES)
        .decode(&primes.first_events(EVENTS_IN_DOCUMENT), &mut events)
        .expect("the first events are short");
    events
        .iter()
        .map(|event| serde_json::from_str(&event.data).expect("our own events can be read"))
        .collect()
}

/// The browser client that the configuration names.
fn browser_client(
    config: &Config,
    first_events: &[PrimeEvent],
    origin: Origin,
) -> Result<Assets, AssetsError> {
    match &config.assets {
        Some(directory) => Assets::from_dir(directory, first_events, origin),
        None => Assets::embedded(first_events, origin),
    }
}

/// `None` means without TLS.
fn certificate_source(config: &Config) -> Option<CertificateSource> {
    if config.plain {
        return None;
    }
    Some(match (&config.cert, &config.key) {
        (Some(cert), Some(key)) => CertificateSource::Files {
            cert: cert.clone(),
            key: key.clone(),
        },
        _ => CertificateSource::SelfSigned {
            directory: config.data.join("tls"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_holds_the_event_that_the_default_stream_sends_at_once() {
        let first = PrimeEvent {
            id: 1,
            number: 2.into(),
        };
        assert_eq!(first_events(&Primes::new()), [first]);
    }
}
