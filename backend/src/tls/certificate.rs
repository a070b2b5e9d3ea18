//! A certificate chain with its private key, from files in PEM (RFC 7468).

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// Why the server has no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("{} cannot be {act}: {source}; check that it is there and who may use it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        act: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A file has not what it should have.
    #[error("{} holds no {expected} in PEM: {source}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What is wrong.
        source: pem::Error,
    },
    /// The key does not fit the certificate, or TLS cannot use them.
    #[error("the certificate and its key cannot be used: {0}")]
    Tls(#[source] rustls::Error),
    /// The certificate for this machine could not be made.
    #[error("a certificate for this machine cannot be made: {0}")]
    SelfSigned(#[source] rcgen::Error),
}

/// SHA-256 of a certificate in DER, by which a person can recognise it. Shown as browsers
/// show it: `AB:CD:…`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A chain and a key that belong together.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) fingerprint: Fingerprint,
}

impl Certificate {
    /// Reads a chain and its key.
    ///
    /// # Errors
    /// [`CertificateError`] names the file that is wrong.
    pub(super) fn read(cert: &Path, key: &Path) -> Result<Self, CertificateError> {
        let chain_pem = read_file(cert)?;
        let key_pem = read_file(key)?;
        let wrong = |path: &Path, expected| {
            let path = path.to_owned();
            move |source| CertificateError::Pem {
                path,
                expected,
                source,
            }
        };
        let chain = CertificateDer::pem_slice_iter(&chain_pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(wrong(cert, "certificate"))?;
        let Some(first) = chain.first() else {
            return Err(wrong(cert, "certificate")(pem::Error::NoItemsFound));
        };
        let digest = digest::digest(&digest::SHA256, first);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest.as_ref());
        let private_key =
            PrivateKeyDer::from_pem_slice(&key_pem).map_err(wrong(key, "private key"))?;
        let provider = rustls::crypto::ring::default_provider();
        let key =
            CertifiedKey::from_der(chain, private_key, &provider).map_err(CertificateError::Tls)?;
        Ok(Self {
            key: Arc::new(key),
            fingerprint: Fingerprint(fingerprint),
        })
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|source| CertificateError::File {
        path: path.to_owned(),
        act: "read",
        source,
    })
}
