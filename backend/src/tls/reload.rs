//! The certificate that is shown now, and how a renewed one takes its place.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::time::{MissedTickBehavior, interval};

use super::certificate::{Certificate, Fingerprint};
use crate::defaults;

/// Hands out the certificate of the moment to each handshake.
#[derive(Debug)]
pub(super) struct CurrentCertificate(RwLock<Certificate>);

impl CurrentCertificate {
    pub(super) fn new(certificate: Certificate) -> Self {
        Self(RwLock::new(certificate))
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.get().fingerprint
    }

    fn get(&self) -> Certificate {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn replace(&self, certificate: Certificate) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    /// Looks at the files for ever; open connections keep the certificate they began with.
    ///
    /// Files that do not fit together are left alone until they do: who renews them writes one
    /// after the other.
    pub(super) async fn follow(&self, cert: &Path, key: &Path) {
        let mut ticks = interval(defaults::CERTIFICATE_CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = None;
        loop {
            ticks.tick().await;
            let changed = modified(cert).await.zip(modified(key).await);
            if changed == seen || changed.is_none() {
                continue;
            }
            seen = changed;
            let files = (cert.to_owned(), key.to_owned());
            let read = tokio::task::spawn_blocking(move || Certificate::read(&files.0, &files.1));
            match read.await {
                Ok(Ok(certificate)) if certificate.fingerprint != self.fingerprint() => {
                    tracing::info!(fingerprint = %certificate.fingerprint, "took up a new certificate");
                    self.replace(certificate);
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "kept the old certificate");
                }
                Ok(Ok(_)) | Err(_) => {}
            }
        }
    }
}

async fn modified(path: &Path) -> Option<SystemTime> {
    tokio::fs::metadata(path).await.ok()?.modified().ok()
}

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().key)
    }
}
