//! A certificate for this machine, for those who have none: made once and kept, so that a
//! browser needs to be told only once that it may be trusted.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use x509_cert::der::Decode;

use super::certificate::{Certificate, CertificateError};
use crate::private_file;

/// The names and addresses by which a machine reaches itself.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long a certificate is valid. Apple's systems trust none of more than 398 days.
const VALIDITY: Duration = Duration::from_hours(397 * 24);

/// How long before its end a certificate is made anew: whoever has to be told again that it may be
/// trusted has a month for it.
const RENEWAL_MARGIN: Duration = Duration::from_hours(30 * 24);

/// Clocks differ: the certificate is valid from a day before it was made.
const CLOCK_DIFFERENCE: Duration = Duration::from_hours(24);

/// Reads `cert.pem` and `key.pem` in `directory`, made anew if they are missing or about to end at
/// the time `now`. Blocks on the file system.
///
/// # Errors
/// [`CertificateError`] when the folder cannot be written or its files are damaged.
pub(super) fn load_or_make(
    directory: &Path,
    now: SystemTime,
) -> Result<Certificate, CertificateError> {
    let cert = directory.join("cert.pem");
    let key = directory.join("key.pem");
    if cert.exists() && key.exists() {
        let kept = Certificate::read(&cert, &key)?;
        if !is_about_to_end(&kept, now) {
            return Ok(kept);
        }
    }
    make(directory, &cert, &key, now)?;
    Certificate::read(&cert, &key)
}

/// Whether a certificate ends within [`RENEWAL_MARGIN`], or does not say when it ends.
pub(super) fn is_about_to_end(certificate: &Certificate, now: SystemTime) -> bool {
    end(certificate).is_none_or(|end| end <= now + RENEWAL_MARGIN)
}

/// The last moment at which a certificate is valid (RFC 5280, section 4.1.2.5).
fn end(certificate: &Certificate) -> Option<SystemTime> {
    let der = certificate.key.cert.first()?;
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let validity = certificate.tbs_certificate().validity();
    Some(SystemTime::UNIX_EPOCH + validity.not_after.to_unix_duration())
}

fn make(
    directory: &Path,
    cert: &Path,
    key: &Path,
    now: SystemTime,
) -> Result<(), CertificateError> {
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
    params.not_before = (now - CLOCK_DIFFERENCE).into();
    params.not_after = (now + VALIDITY).into();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Roomcast on this machine");
    let certificate = params
        .self_signed(&key_pair)
        .map_err(CertificateError::SelfSigned)?;
    private_file::create_folder(directory).map_err(unwritable(directory))?;
    // The key first: a certificate that is there means that its key is.
    private_file::write(key, key_pair.serialize_pem().as_bytes()).map_err(unwritable(key))?;
    fs::write(cert, certificate.pem()).map_err(unwritable(cert))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One moment for all that a test does.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
    }

    #[test]
    fn the_certificate_stays_the_same_across_starts() {
        let directory = tempfile::tempdir().unwrap();
        let first = load_or_make(directory.path(), now()).unwrap();
        let second = load_or_make(directory.path(), now()).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
    }

    #[test]
    fn a_certificate_is_made_anew_a_month_before_its_end_and_not_earlier() {
        let directory = tempfile::tempdir().unwrap();
        let first = load_or_make(directory.path(), now()).unwrap();
        // What is written down has whole seconds.
        let end = end(&first).unwrap();
        let lost = (now() + VALIDITY).duration_since(end).unwrap();
        assert!(lost < Duration::from_secs(1));

        let early = end - RENEWAL_MARGIN - Duration::from_secs(1);
        let kept = load_or_make(directory.path(), early).unwrap();
        assert_eq!(kept.fingerprint, first.fingerprint);

        let due = end - RENEWAL_MARGIN;
        let second = load_or_make(directory.path(), due).unwrap();
        assert_ne!(second.fingerprint, first.fingerprint);
        assert!(!is_about_to_end(&second, due));
    }

    #[test]
    fn copying_the_files_makes_no_certificate_younger() {
        let directory = tempfile::tempdir().unwrap();
        let made = now() - VALIDITY + RENEWAL_MARGIN;
        let first = load_or_make(directory.path(), made).unwrap();
        // The files are from this moment.
        let second = load_or_make(directory.path(), now()).unwrap();
        assert_ne!(second.fingerprint, first.fingerprint);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        load_or_make(directory.path(), now()).unwrap();
        let key = fs::metadata(directory.path().join("key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_in_the_error() {
        let directory = tempfile::tempdir().unwrap();
        load_or_make(directory.path(), now()).unwrap();
        fs::write(directory.path().join("key.pem"), "no key").unwrap();
        let error = load_or_make(directory.path(), now())
            .unwrap_err()
            .to_string();
        assert!(error.contains("key.pem"), "{error}");
    }
}
