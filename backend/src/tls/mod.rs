//! TLS: which certificate is shown, and what is agreed on (RFC 8446, RFC 7301).

mod certificate;
mod reload;
mod self_signed;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::ServerConfig;

use certificate::Certificate;
pub use certificate::{CertificateError, Fingerprint};
use reload::CurrentCertificate;

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub(crate) enum CertificateSource {
    /// Files in PEM, re-read when they change.
    Files {
        /// The certificate chain.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// One for this machine, kept in this folder: made when there is none, and before it ends.
    SelfSigned {
        /// The folder.
        directory: PathBuf,
    },
}

/// TLS as the server speaks it.
#[derive(Debug)]
pub(crate) struct Tls {
    current: Arc<CurrentCertificate>,
    config: Arc<ServerConfig>,
}

/// Protocol name that means HTTP/2 over TLS.
pub(crate) const ALPN_HTTP2: &[u8] = b"h2";

/// Protocol name that means HTTP/1.1.
const ALPN_HTTP1: &[u8] = b"http/1.1";

impl Tls {
    /// Reads or makes the certificate, and offers HTTP/2 if it is spoken. Blocks on the file system.
    ///
    /// # Errors
    /// [`CertificateError`] says which file is wrong and why.
    pub(crate) fn new(source: &CertificateSource, http2: bool) -> Result<Self, CertificateError> {
        let certificate = match source {
            CertificateSource::Files { cert, key } => Certificate::read(cert, key)?,
            CertificateSource::SelfSigned { directory } => {
                self_signed::load_or_make(directory, SystemTime::now())?
            }
        };
        let current = Arc::new(CurrentCertificate::new(certificate));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(CertificateError::Tls)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        if http2 {
            config.alpn_protocols.push(ALPN_HTTP2.to_vec());
        }
        config.alpn_protocols.push(ALPN_HTTP1.to_vec());
        if let Ok(ticketer) = rustls::crypto::ring::Ticketer::new() {
            config.ticketer = ticketer;
        }
        Ok(Self {
            current,
            config: Arc::new(config),
        })
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }

    /// The fingerprint of the certificate that is shown now.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.current.fingerprint()
    }

    /// Looks at the certificate for ever: takes up given files that changed, and renews one of our
    /// own before it ends.
    pub(crate) async fn keep_current(&self, source: &CertificateSource) {
        match source {
            CertificateSource::Files { cert, key } => self.current.follow(cert, key).await,
            CertificateSource::SelfSigned { directory } => self.current.renew(directory).await,
        }
    }
}
