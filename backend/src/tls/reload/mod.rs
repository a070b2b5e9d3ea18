//! The certificate that is shown now, and how a renewed one takes its place.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use ring::digest;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::time::{MissedTickBehavior, interval};

use super::certificate::{Certificate, Fingerprint};
use super::error::{CertificateError, Wanted};
use super::{pem_file, self_signed};
use crate::clock::{Clock as _, Reading, Steadiness, SystemClock};
use crate::defaults;

/// Hands out the certificate of the moment to each handshake.
#[derive(Debug)]
pub(super) struct CurrentCertificate(RwLock<Certificate>);

/// Given files, and what of them was judged already.
#[derive(Debug)]
pub(super) struct Files {
    cert: PathBuf,
    key: PathBuf,
    /// SHA-256 of the content that was read last. The time of a change says too little: a copy may keep it,
    /// and two changes may share it.
    judged: Option<[u8; 32]>,
    said: Said,
}

/// What was said in the log, so that it is said once.
#[derive(Debug, Default)]
struct Said {
    error: Option<String>,
    warnings: Vec<String>,
}

/// The bytes of a chain and of its key.
type Bytes = (Vec<u8>, Vec<u8>);

impl Files {
    pub(super) fn new(cert: &Path, key: &Path) -> Self {
        Self {
            cert: cert.to_owned(),
            key: key.to_owned(),
            judged: None,
            said: Said::default(),
        }
    }

    /// Whether both can be read again and again.
    fn are_regular(&self) -> bool {
        // What cannot be told now may be a file later.
        [&self.cert, &self.key]
            .into_iter()
            .all(|path| pem_file::is_regular(path).unwrap_or(true))
    }

    async fn read(&self) -> Option<Result<Bytes, CertificateError>> {
        let (cert, key) = (self.cert.clone(), self.key.clone());
        let read = move || {
            Ok((
                pem_file::read(&cert, Wanted::Chain)?,
                pem_file::read(&key, Wanted::Key)?,
            ))
        };
        tokio::task::spawn_blocking(read).await.ok()
    }
}

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

    /// Looks at the files for ever; open connections keep the certificate they began with.
    ///
    /// Files that do not fit together are left alone until they do: who renews them writes one
    /// after the other.
    pub(super) async fn follow(&self, mut files: Files) {
        if !files.are_regular() {
            tracing::warn!(
                cert = %files.cert.display(), key = %files.key.display(),
                "certificate and key are read once: they do not both come from regular files"
            );
            self.warn(&mut files.said, SystemTime::now());
            return std::future::pending().await;
        }
        let mut ticks = interval(defaults::CERTIFICATE_CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look(&mut files, SystemTime::now()).await;
        }
    }

    /// Looks for ever at the certificate that was made for this machine and makes it anew in
    /// `directory` before it ends.
    pub(super) async fn renew(&self, directory: &Path, names: &[String]) {
        let mut ticks = interval(defaults::CERTIFICATE_END_CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said = Said::default();
        let mut steadiness = Steadiness::default();
        loop {
            ticks.tick().await;
            let reading = SystemClock.read();
            let is_settled = self
                .renew_if_due(directory, names, reading, &mut steadiness)
                .await;
            if is_settled {
                self.warn(&mut said, SystemTime::now());
            }
        }
    }

    /// Looks once; `false` while it waits. A certificate that people were told to trust is thrown away only when
    /// the clock by which it ends has been steady for a while.
    async fn renew_if_due(
        &self,
        directory: &Path,
        names: &[String],
        reading: Reading,
        steadiness: &mut Steadiness,
    ) -> bool {
        let steady = steadiness.observe(reading);
        let Some(now) = reading.wall.map(|wall| SystemTime::UNIX_EPOCH + wall) else {
            return false;
        };
        if !self_signed::is_due(&self.get(), now) {
            return true;
        }
        if steady < defaults::CERTIFICATE_CLOCK_STEADY_TIME {
            tracing::warn!(
                "the certificate for this machine is about to end, or not valid yet, by the clock: \
                 clients may refuse it until it is made anew, once the clock has been steady for an hour"
            );
            return false;
        }
        let (directory, names) = (directory.to_owned(), names.to_owned());
        let made = move || self_signed::make(&directory, &names, now);
        match tokio::task::spawn_blocking(made).await {
            Ok(Ok(certificate)) => self.take_up(certificate),
            Ok(Err(error)) => tracing::warn!(%error, "kept the certificate that is in use"),
            Err(_) => {}
        }
        true
    }

    /// Looks once: takes up what is in the files if it changed, and warns of what clients refuse at the
    /// time `now`.
    async fn look(&self, files: &mut Files, now: SystemTime) {
        let read = match files.read().await {
            Some(Ok(bytes)) => self.judge(files, &bytes),
            Some(Err(error)) => {
                files.judged = None;
                Err(error)
            }
            None => return,
        };
        let error = read.err().map(|error| error.to_string());
        if let Some(error) = &error
            && files.said.error.as_ref() != Some(error)
        {
            tracing::warn!(%error, "kept the certificate that is in use");
        }
        files.said.error = error;
        self.warn(&mut files.said, now);
    }

    /// Takes up what the files hold, unless the same was judged before.
    fn judge(&self, files: &mut Files, (cert, key): &Bytes) -> Result<(), CertificateError> {
        let content = content(cert, key);
        if files.judged == Some(content) && files.said.error.is_none() {
            return Ok(());
        }
        files.judged = Some(content);
        self.take_up(Certificate::parse((&files.cert, cert), (&files.key, key))?);
        Ok(())
    }

    /// Shows a certificate from now on, if it is another one.
    fn take_up(&self, certificate: Certificate) {
        let Some(changed) = certificate.difference(&self.get()) else {
            return;
        };
        tracing::info!(
            fingerprint = %certificate.fingerprint,
            certificates = certificate.key.cert.len(),
            "took up a new {changed}"
        );
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    /// Warns of what is wrong with the certificate at the time `now`, unless it was said before.
    fn warn(&self, said: &mut Said, now: SystemTime) {
        let warnings = self.get().warnings(now);
        for warning in &warnings {
            if !said.warnings.contains(warning) {
                tracing::warn!("{warning}");
            }
        }
        said.warnings = warnings;
    }
}

/// SHA-256 of both files.
fn content(cert: &[u8], key: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&(cert.len() as u64).to_be_bytes());
    context.update(cert);
    context.update(key);
    let mut array = [0; 32];
    array.copy_from_slice(context.finish().as_ref());
    array
}

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().key)
    }
}

#[cfg(test)]
mod tests;
