//! A certificate for this machine, for those who have none: made once and kept, so that a
//! browser needs to be told only once that it may be trusted.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use super::certificate::{Certificate, CertificateError};
use crate::private_file;

/// The names and addresses by which a machine reaches itself.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long a certificate is valid. Apple's systems trust none of more than 398 days.
const VALIDITY: Duration = Duration::from_hours(397 * 24);

/// One that is older than this is made anew at the next start, a month before it ends.
const RENEWAL_AGE: Duration = Duration::from_hours(367 * 24);

/// Clocks differ: the certificate is valid from a day before it was made.
const CLOCK_DIFFERENCE: Duration = Duration::from_hours(24);

/// Reads `cert.pem` and `key.pem` in `directory`, made anew if they are missing or old.
///
/// # Errors
/// [`CertificateError`] when the folder cannot be written or its files are damaged.
pub(super) fn load_or_make(directory: &Path) -> Result<Certificate, CertificateError> {
    let cert = directory.join("cert.pem");
    let key = directory.join("key.pem");
    if !is_fresh(&cert) || !key.exists() {
        make(directory, &cert, &key)?;
    }
    Certificate::read(&cert, &key)
}

fn is_fresh(cert: &Path) -> bool {
    let written = fs::metadata(cert).and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| written.elapsed().unwrap_or_default() < RENEWAL_AGE)
}

fn make(directory: &Path, cert: &Path, key: &Path) -> Result<(), CertificateError> {
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| CertificateError::File {
            path,
            act: "written",
            source,
        }
    };
    let key_pair = KeyPair::generate().map_err(CertificateError::SelfSigned)?;
    let mut params =
        CertificateParams::new(NAMES.map(str::to_owned)).map_err(CertificateError::SelfSigned)?;
    let now = SystemTime::now();
    params.not_before = (now - CLOCK_DIFFERENCE).into();
    params.not_after = (now + VALIDITY).into();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Roomcast on this machine");
    let certificate = params
        .self_signed(&key_pair)
        .map_err(CertificateError::SelfSigned)?;
    fs::create_dir_all(directory).map_err(unwritable(directory))?;
    // The key first: a certificate that is there means that its key is.
    private_file::write(key, key_pair.serialize_pem().as_bytes()).map_err(unwritable(key))?;
    fs::write(cert, certificate.pem()).map_err(unwritable(cert))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_stays_the_same_across_starts() {
        let directory = tempfile::tempdir().unwrap();
        let first = load_or_make(directory.path()).unwrap();
        let second = load_or_make(directory.path()).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
    }

    #[test]
    fn a_certificate_about_to_end_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let first = load_or_make(directory.path()).unwrap();
        let old = SystemTime::now() - RENEWAL_AGE;
        let file = fs::File::options()
            .write(true)
            .open(directory.path().join("cert.pem"))
            .unwrap();
        file.set_modified(old).unwrap();
        let second = load_or_make(directory.path()).unwrap();
        assert_ne!(first.fingerprint, second.fingerprint);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        load_or_make(directory.path()).unwrap();
        let key = fs::metadata(directory.path().join("key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_in_the_error() {
        let directory = tempfile::tempdir().unwrap();
        load_or_make(directory.path()).unwrap();
        fs::write(directory.path().join("key.pem"), "no key").unwrap();
        let error = load_or_make(directory.path()).unwrap_err().to_string();
        assert!(error.contains("key.pem"), "{error}");
    }
}
