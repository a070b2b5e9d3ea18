//! The certificate that is shown now, and how a renewed one takes its place.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::task::JoinError;
use tokio::time::{MissedTickBehavior, interval};

use super::certificate::{Certificate, CertificateError, Fingerprint};
use super::self_signed;
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

    /// Looks for ever at the certificate that was made for this machine and makes it anew in
    /// `directory` before it ends.
    pub(super) async fn renew(&self, directory: &Path) {
        let mut ticks = interval(defaults::CERTIFICATE_END_CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.renew_if_due(directory, SystemTime::now()).await;
        }
    }

    /// Looks once, at the time `now`.
    async fn renew_if_due(&self, directory: &Path, now: SystemTime) {
        if !self_signed::is_about_to_end(&self.get(), now) {
            return;
        }
        let directory = directory.to_owned();
        let made = move || self_signed::load_or_make(&directory, now);
        self.take_up(tokio::task::spawn_blocking(made).await);
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
        self.take_up(read.await);
    }

    /// Shows a certificate from now on, if there is one.
    fn take_up(&self, read: Result<Result<Certificate, CertificateError>, JoinError>) {
        match read {
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
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    /// A folder with a certificate of its own, and the files in it.
    fn folder() -> (tempfile::TempDir, PathBuf, PathBuf, Certificate) {
        let folder = tempfile::tempdir().unwrap();
        let certificate = self_signed::load_or_make(folder.path(), SystemTime::now()).unwrap();
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

    #[tokio::test]
    async fn a_certificate_for_this_machine_is_renewed_while_the_server_runs() {
        let (folder, cert, key, old) = folder();
        let current = CurrentCertificate::new(old.clone());

        let now = SystemTime::now();
        current.renew_if_due(folder.path(), now).await;
        assert_eq!(current.fingerprint(), old.fingerprint);

        let in_a_year = now + Duration::from_hours(370 * 24);
        current.renew_if_due(folder.path(), in_a_year).await;
        assert_ne!(current.fingerprint(), old.fingerprint);
        // The next start shows the same one.
        let kept = Certificate::read(&cert, &key).unwrap();
        assert_eq!(current.fingerprint(), kept.fingerprint);
    }
}
