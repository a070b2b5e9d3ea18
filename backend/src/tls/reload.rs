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
            self.look(cert, key, &mut seen).await;
        }
    }

    /// Looks once: reads the files if they were written since they were last `seen`.
    async fn look(&self, cert: &Path, key: &Path, seen: &mut Option<(SystemTime, SystemTime)>) {
        let written = modified(cert).await.zip(modified(key).await);
        if written == *seen || written.is_none() {
            return;
        }
        *seen = written;
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

async fn modified(path: &Path) -> Option<SystemTime> {
    tokio::fs::metadata(path).await.ok()?.modified().ok()
}

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::self_signed;
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    /// A folder with a certificate of its own, and the files in it.
    fn folder() -> (tempfile::TempDir, PathBuf, PathBuf, Certificate) {
        let folder = tempfile::tempdir().unwrap();
        let certificate = self_signed::load_or_make(folder.path()).unwrap();
        let (cert, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        (folder, cert, key, certificate)
    }

    #[tokio::test]
    async fn half_a_renewal_is_left_alone_until_the_other_half_is_there() {
        let (_old_folder, cert, key, old) = folder();
        let (_new_folder, new_cert, new_key, new) = folder();
        let current = CurrentCertificate::new(old.clone());

        fs::copy(&new_cert, &cert).unwrap();
        current.look(&cert, &key, &mut None).await;
        assert_eq!(current.fingerprint(), old.fingerprint);

        fs::copy(&new_key, &key).unwrap();
        current.look(&cert, &key, &mut None).await;
        assert_eq!(current.fingerprint(), new.fingerprint);
    }

    #[tokio::test]
    async fn files_that_are_gone_change_nothing() {
        let (folder, cert, key, old) = folder();
        let current = CurrentCertificate::new(old.clone());
        drop(folder);
        current.look(&cert, &key, &mut None).await;
        assert_eq!(current.fingerprint(), old.fingerprint);
    }

    #[tokio::test]
    async fn files_that_were_seen_are_not_read_again() {
        let (_old_folder, cert, key, old) = folder();
        let (_new_folder, new_cert, new_key, _) = folder();
        let current = CurrentCertificate::new(old.clone());
        // Whole seconds, which every file system keeps.
        let seen_at = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        for (new, file) in [(new_cert, &cert), (new_key, &key)] {
            fs::copy(new, file).unwrap();
            let file = fs::File::options().write(true).open(file).unwrap();
            file.set_modified(seen_at).unwrap();
        }
        current
            .look(&cert, &key, &mut Some((seen_at, seen_at)))
            .await;
        assert_eq!(current.fingerprint(), old.fingerprint);
    }
}
