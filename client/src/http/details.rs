//! What is known of a connection besides its requests.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use roomcast_http2_debug::{Direction, Frame};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConnection, ProtocolVersion};

/// How a connection came about, and what was agreed on.
#[derive(Clone, Debug)]
pub struct Details {
    /// The server's address.
    pub remote: SocketAddr,
    /// How long each step took.
    pub times: Times,
    /// What TLS agreed on; `None` without TLS.
    pub tls: Option<TlsDetails>,
}

/// How long the steps to a connection took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Looking the name up.
    pub resolve: Duration,
    /// Connecting over TCP.
    pub connect: Duration,
    /// The TLS handshake; nothing without TLS.
    pub tls: Option<Duration>,
}

/// What TLS agreed on.
#[derive(Clone, Debug)]
pub struct TlsDetails {
    /// The version, such as `TLS 1.3`.
    pub version: String,
    /// The cipher suite by its registered name, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher_suite: String,
    /// What the keys were agreed on by, such as `X25519`; unknown for a resumed session.
    pub key_exchange: Option<String>,
    /// The protocol that ALPN chose.
    pub alpn: Option<String>,
    /// The server's certificate and those that it says lead to a root.
    pub certificates: Vec<CertificateDer<'static>>,
}

impl TlsDetails {
    pub(super) fn of(connection: &ClientConnection) -> Self {
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
            other => format!("{other:?}"),
        };
        // rustls adds the version to the registered names of TLS 1.3's cipher suites.
        let cipher_suite = connection.negotiated_cipher_suite().map_or_else(
            || "unknown".to_owned(),
            |suite| format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1),
        );
        Self {
            version,
            cipher_suite,
            key_exchange: connection
                .negotiated_key_exchange_group()
                .map(|group| format!("{:?}", group.name())),
            alpn: connection
                .alpn_protocol()
                .map(|name| String::from_utf8_lossy(name).into_owned()),
            certificates: connection
                .peer_certificates()
                .unwrap_or_default()
                .iter()
                .map(|certificate| certificate.clone().into_owned())
                .collect(),
        }
    }
}

type Observe = dyn Fn(Direction, &Frame) + Send + Sync;

/// Is shown every frame of an HTTP/2 connection, without header fields and bodies.
#[derive(Clone)]
pub struct FrameObserver(Arc<Observe>);

impl FrameObserver {
    /// Calls `observe` for every frame that goes by; it must not block.
    pub fn new(observe: impl Fn(Direction, &Frame) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    pub(super) fn observe(&self, direction: Direction, frame: &Frame) {
        (self.0)(direction, frame);
    }
}

impl fmt::Debug for FrameObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameObserver").finish_non_exhaustive()
    }
}
