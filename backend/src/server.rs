//! The server as a whole: from its configuration to a running listener.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use roomcast_shared::event_stream::Decoder;
use roomcast_shared::limits::MAX_EVENT_BYTES;
use roomcast_shared::prime::PrimeEvent;

use crate::assets::{Assets, AssetsError, Deployment, Origin};
use crate::config::Config;
use crate::connection_refusal::ConnectionRefusal;
use crate::defaults;
use crate::event_log::sqlite::SqliteLog;
use crate::handler::echo::HoldingRoom;
use crate::handler::redirect_to_tls;
use crate::handler::room::{OpenRoomsError, RoomService};
use crate::listen_sockets::{ListenError, ListenSockets};
use crate::listener::{Listener, TlsPort};
use crate::middleware::origin::AllowedOrigins;
use crate::network::Machine;
use crate::prime::Primes;
use crate::router;
use crate::server_urls::{others_open, own_url};
use crate::shutdown::Shutdown;
use crate::start_message::{Created, StartMessage};
use crate::state::AppState;
use crate::tls::{CertificateError, CertificateSource, Tls, wanted_names};
use crate::transport::websocket::watch::Handshakes;

/// Events of the default stream that the client's document holds: the one that the stream sends
/// at once. The next one is due a second later.
const EVENTS_IN_DOCUMENT: u64 = 1;

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// There is no certificate to show.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no browser client to serve.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// The folder of the browser client holds the data folder.
    #[error(
        "{} would serve everything in {}; choose another folder with --assets or --data",
        assets.display(), data.display()
    )]
    DataInAssets {
        /// The folder of the browser client.
        assets: PathBuf,
        /// The data folder.
        data: PathBuf,
    },
    /// There is nowhere to keep what is said in rooms.
    #[error(transparent)]
    Rooms(#[from] OpenRoomsError),
}

impl StartError {
    /// The options whose values it is about, by their long names.
    pub fn options(&self) -> &'static [&'static str] {
        match self {
            Self::Listen(_) => &["listen"],
            Self::Certificate(_) => &["cert", "key", "data", "tls-key-log"],
            Self::Assets(_) => &["assets"],
            // It names them itself.
            Self::DataInAssets { .. } => &[],
            Self::Rooms(_) => &["data"],
        }
    }
}

/// A server that listens and does not serve yet.
pub struct Server {
    listener: Listener,
    address: SocketAddr,
    certificates: Option<(Arc<Tls>, CertificateSource)>,
    message: StartMessage,
    rooms: Arc<RoomService>,
    primes: Arc<Primes>,
}

impl Server {
    /// Reads what the configuration names and begins to listen.
    ///
    /// # Errors
    /// [`StartError`] says what is missing and what to do.
    pub async fn bind(config: Config, shutdown: Shutdown) -> Result<Self, StartError> {
        let sockets = ListenSockets::bind(&config.listen).await?;
        let machine = Machine::this();
        let existing = Existing::of(&config);
        let primes = Arc::new(Primes::with_limits(config.limits.searches()));
        keep_data_out_of_assets(&config)?;
        let rooms = Arc::new(RoomService::open(&config)?);
        let origin = if config.plain {
            Origin::Plain
        } else {
            Origin::Secure
        };
        let deployment = deployment(&config, origin, &rooms);
        let others = config.rooms.allow_origins.iter().cloned();
        let state = AppState {
            shutdown: shutdown.clone(),
            assets: Arc::new(browser_client(
                &config,
                &first_events(&primes),
                &deployment,
            )?),
            primes: primes.clone(),
            web_sockets: config.limits.web_sockets(),
            holding_room: HoldingRoom::new(defaults::ECHO_HELD_BYTES),
            rooms: rooms.clone(),
            allowed_origins: AllowedOrigins::new(origin, others),
            handshakes: Handshakes::default(),
        };
        let certificates = match certificate_source(&config, &machine, &sockets) {
            None => None,
            Some(source) => {
                let key_log = config.tls_key_log.as_ref();
                let tls = Tls::new(&source, config.debug.http2_server, key_log)?;
                Some((Arc::new(tls), source))
            }
        };
        let tls = certificates.as_ref().map(|(tls, _)| tls.clone());
        let message = StartMessage {
            url: own_url(&config, sockets.addresses()[0]),
            fingerprint: tls.as_ref().map(|tls| tls.fingerprint()),
            created: existing.created_since(&config, tls.as_deref()),
            others_open: others_open(&config, &machine, sockets.addresses()),
            tls_key_log: config.tls_key_log,
        };
        let address = sockets.addresses()[0];
        let listener = Listener {
            sockets,
            tls: tls.map(|tls| TlsPort {
                tls,
                cleartext: redirect_to_tls::router(address.port(), config.base_path),
            }),
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
            message,
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
    pub fn url(&self) -> &str {
        &self.message.url
    }

    /// What to tell the operator when the server begins to serve.
    pub fn start_message(&self) -> &StartMessage {
        &self.message
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
        self.rooms.close().await;
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

/// Refuses to serve the data folder: keys, messages, and a store that must not be read beside SQLite.
fn keep_data_out_of_assets(config: &Config) -> Result<(), StartError> {
    let Some(assets) = &config.assets else {
        return Ok(());
    };
    // A folder that is not there yet has no links to follow.
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    if matches!((real(&config.data), real(assets)),
        (Ok(data), Ok(assets)) if data.starts_with(&assets))
    {
        return Err(StartError::DataInAssets {
            assets: assets.clone(),
            data: config.data.clone(),
        });
    }
    Ok(())
}

/// Deployment that the configuration describes, of the server that knows these people.
fn deployment(config: &Config, origin: Origin, rooms: &RoomService) -> Deployment {
    Deployment {
        origin,
        server_id: rooms.people.server_id(),
        has_self_signed_certificate: !config.plain && config.cert.is_none(),
        base_path: config.base_path.clone(),
    }
}

/// The browser client that the configuration names.
fn browser_client(
    config: &Config,
    first_events: &[PrimeEvent],
    deployment: &Deployment,
) -> Result<Assets, AssetsError> {
    match &config.assets {
        Some(directory) => Assets::from_dir(directory, first_events, deployment),
        None => Assets::embedded(first_events, deployment),
    }
}

/// What was there before the server started, of what it would make.
struct Existing {
    data: bool,
    store: bool,
}

impl Existing {
    fn of(config: &Config) -> Self {
        Self {
            data: config.data.exists(),
            store: SqliteLog::file_in(&config.data).exists(),
        }
    }

    /// What is there now and was not.
    fn created_since(&self, config: &Config, tls: Option<&Tls>) -> Vec<Created> {
        let now = Self::of(config);
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let data = (now.data && !self.data).then(|| Created::Data(absolute(config.data.clone())));
        let store = (now.store && !self.store)
            .then(|| Created::Store(absolute(SqliteLog::file_in(&config.data))));
        let certificate = tls.and_then(Tls::made).cloned().map(|mut made| {
            made.directory = absolute(made.directory);
            Created::Certificate(made)
        });
        data.into_iter().chain(store).chain(certificate).collect()
    }
}

/// `None` means without TLS.
fn certificate_source(
    config: &Config,
    machine: &Machine,
    sockets: &ListenSockets,
) -> Option<CertificateSource> {
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
            names: wanted_names(&config.names, machine, &config.listen, sockets.addresses()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_data_folder_among_the_files_that_are_served_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for data in ["data", "", "deep/in/data"] {
            let config = Config {
                data: folder.path().join(data),
                assets: Some(folder.path().to_owned()),
                plain: true,
                ..Config::default()
            };
            let error = Server::bind(config, Shutdown::new()).await.err().unwrap();
            assert!(matches!(error, StartError::DataInAssets { .. }), "{error}");
        }
    }

    #[test]
    fn the_document_holds_the_event_that_the_default_stream_sends_at_once() {
        let first = PrimeEvent {
            id: 1,
            number: 2.into(),
        };
        assert_eq!(first_events(&Primes::new()), [first]);
    }
}
