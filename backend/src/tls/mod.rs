//! TLS: which certificate is shown, and what is agreed on (RFC 8446, RFC 7301).

mod certificate;
mod error;
#[cfg(test)]
mod foreign_files;
mod key_kind;
mod key_log;
mod names;
mod pem_file;
mod reload;
mod self_signed;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::ServerConfig;

use certificate::Certificate;
pub use certificate::Fingerprint;
pub use error::{CertificateError, Content, Wanted};
use key_log::KeyLogFile;
pub(crate) use names::wanted_names;
use reload::{CurrentCertificate, Files};
pub use self_signed::MadeBecause;

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
    /// One for this machine, kept in this folder: made when there is none for these names, and before it
    /// ends.
    SelfSigned {
        /// The folder.
        directory: PathBuf,
        /// The names and addresses.
        names: Vec<String>,
    },
}

/// A certificate that the server made for its machine.
#[derive(Clone, Debug)]
pub struct MadeCertificate {
    /// Why it was made.
    pub because: MadeBecause,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// The folder with it and its key.
    pub directory: PathBuf,
}

/// TLS as the server speaks it.
#[derive(Debug)]
pub(crate) struct Tls {
    current: Arc<CurrentCertificate>,
    config: Arc<ServerConfig>,
    made: Option<MadeCertificate>,
}

/// Protocol name that means HTTP/2 over TLS.
pub(crate) const ALPN_HTTP2: &[u8] = b"h2";

/// Protocol name that means HTTP/1.1.
const ALPN_HTTP1: &[u8] = b"http/1.1";

impl Tls {
    /// Reads or makes the certificate, and offers HTTP/2 if it is spoken. Writes the keys of connections to
    /// `key_log`, if there is one. Blocks on the file system.
    ///
    /// # Errors
    /// [`CertificateError`] says which file is wrong and why.
    pub(crate) fn new(
        source: &CertificateSource,
        http2: bool,
        key_log: Option<&PathBuf>,
    ) -> Result<Self, CertificateError> {
        let mut made = None;
        let certificate = match source {
            CertificateSource::Files { cert, key } => Certificate::read(cert, key)?,
            CertificateSource::SelfSigned { directory, names } => {
                let (certificate, because) =
                    self_signed::load_or_make(directory, names, SystemTime::now())?;
                made = because.map(|because| MadeCertificate {
                    because,
                    names: certificate.names(),
                    directory: directory.clone(),
                });
                certificate
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
        if let Some(path) = key_log {
            config.key_log = Arc::new(KeyLogFile::open(path)?);
        }
        Ok(Self {
            current,
            config: Arc::new(config),
            made,
        })
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }

    /// The fingerprint of the certificate that is shown now.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.current.fingerprint()
    }

    /// The certificate that was made at the start, if one was.
    pub(crate) fn made(&self) -> Option<&MadeCertificate> {
        self.made.as_ref()
    }

    /// Looks at the certificate for ever: takes up given files that changed, renews one of our own before
    /// it ends, and warns of one that clients refuse.
    pub(crate) async fn keep_current(&self, source: &CertificateSource) {
        match source {
            CertificateSource::Files { cert, key } => {
                self.current.follow(Files::new(cert, key)).await;
            }
            CertificateSource::SelfSigned { directory, names } => {
                self.current.renew(directory, names).await;
            }
        }
    }
}
