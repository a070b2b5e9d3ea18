//! A certificate for this machine, for those who have none: made once and kept, so that a
//! browser needs to be told only once that it may be trusted.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use super::certificate::Certificate;
use super::error::CertificateError;
use crate::private_file;

/// The names and addresses by which a machine reaches itself.
pub(super) const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long a certificate is valid. Apple's systems trust none of more than 398 days.
const VALIDITY: Duration = Duration::from_hours(397 * 24);

/// How long before its end a certificate is made anew: whoever has to be told again that it may be
/// trusted has a month for it.
const RENEWAL_MARGIN: Duration = Duration::from_hours(30 * 24);

/// Clocks differ: the certificate is valid from a day before it was made.
const CLOCK_DIFFERENCE: Duration = Duration::from_hours(24);

/// Why a certificate was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeBecause {
    /// There was none.
    Missing,
    /// The kept one is not for these names and addresses.
    NotFor(Vec<String>),
}

impl fmt::Display for MadeBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there was none"),
            Self::NotFor(names) => {
                write!(f, "the one before it was not for {}", names.join(", "))
            }
        }
    }
}

/// Reads `cert.pem` and `key.pem` in `directory`, made at the time `now` if they are missing or not
/// for all of `names`. Files that are about to end are left as they are: one reading of the clock is
/// not enough to throw away a certificate that people trust. Blocks on the file system.
///
/// # Errors
/// [`CertificateError`] when the folder cannot be written or its files are damaged.
pub(super) fn load_or_make(
    directory: &Path,
    names: &[String],
    now: SystemTime,
) -> Result<(Certificate, Option<MadeBecause>), CertificateError> {
    let cert = directory.join("cert.pem");
    let key = directory.join("key.pem");
    let mut because = MadeBecause::Missing;
    if cert.exists() && key.exists() {
        let kept = Certificate::read(&cert, &key).map_err(|error| kept_error(directory, error))?;
        let kept_names = kept.names();
        let lacking = names.iter().filter(|name| !kept_names.contains(name));
        let lacking: Vec<_> = lacking.cloned().collect();
        if lacking.is_empty() {
            return Ok((kept, None));
        }
        because = MadeBecause::NotFor(lacking);
    }
    Ok((make(directory, names, now)?, Some(because)))
}

/// What was made here and is wrong can be made again; what cannot be read may be right.
fn kept_error(directory: &Path, error: CertificateError) -> CertificateError {
    match error {
        CertificateError::File { .. } => error,
        error => CertificateError::Kept {
            folder: directory.to_owned(),
            reason: Box::new(error),
        },
    }
}

/// Returns `true` if a certificate ends within [`RENEWAL_MARGIN`], is not valid yet since it was made
/// under a wrong clock, or does not say when it is valid.
pub(super) fn is_due(certificate: &Certificate, now: SystemTime) -> bool {
    certificate
        .validity()
        .is_none_or(|(begin, end)| end <= now + RENEWAL_MARGIN || begin > now + CLOCK_DIFFERENCE)
}

/// Makes a certificate and its key at the time `now`, in the place of those in `directory`. Blocks
/// on the file system.
///
/// # Errors
/// [`CertificateError`] when the folder cannot be written.
pub(super) fn make(
    directory: &Path,
    names: &[String],
    now: SystemTime,
) -> Result<Certificate, CertificateError> {
    let (cert, key) = (&directory.join("cert.pem"), &directory.join("key.pem"));
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| CertificateError::File {
            path,
            act: "written",
            source,
        }
    };
    let key_pair = KeyPair::generate().map_err(CertificateError::SelfSigned)?;
    let mut params = CertificateParams::new(names).map_err(CertificateError::SelfSigned)?;
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
    fs::write(cert, certificate.pem()).map_err(unwritable(cert))?;
    Certificate::read(cert, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The certificate in a folder at a time, for what a machine alone needs.
    fn certificate_in(directory: &Path, now: SystemTime) -> Certificate {
        kept_for(directory, &NAMES, now).0
    }

    fn kept_for(
        directory: &Path,
        names: &[&str],
        now: SystemTime,
    ) -> (Certificate, Option<MadeBecause>) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        load_or_make(directory, &names, now).unwrap()
    }

    /// One moment for all that a test does.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
    }

    #[test]
    fn the_certificate_stays_the_same_across_starts() {
        let directory = tempfile::tempdir().unwrap();
        let first = certificate_in(directory.path(), now());
        let second = certificate_in(directory.path(), now());
        assert_eq!(first.fingerprint, second.fingerprint);
    }

    #[test]
    fn a_certificate_is_due_a_month_before_its_end_and_not_earlier() {
        let directory = tempfile::tempdir().unwrap();
        let first = certificate_in(directory.path(), now());
        // What is written down has whole seconds.
        let (_, end) = first.validity().unwrap();
        let lost = (now() + VALIDITY).duration_since(end).unwrap();
        assert!(lost < Duration::from_secs(1));

        let early = end - RENEWAL_MARGIN - Duration::from_secs(1);
        assert!(!is_due(&first, early));
        let due = end - RENEWAL_MARGIN;
        assert!(is_due(&first, due));
        let second = make(directory.path(), &[], due).unwrap();
        assert_ne!(second.fingerprint, first.fingerprint);
        assert!(!is_due(&second, due));
    }

    #[test]
    fn a_start_under_a_wrong_clock_keeps_the_certificate() {
        let directory = tempfile::tempdir().unwrap();
        let first = certificate_in(directory.path(), now());
        let years = Duration::from_hours(3 * 365 * 24);
        for wrong in [now() + years, now() - years] {
            let kept = certificate_in(directory.path(), wrong);
            assert_eq!(kept.fingerprint, first.fingerprint);
        }
    }

    #[test]
    fn a_certificate_from_the_future_is_due() {
        let directory = tempfile::tempdir().unwrap();
        let years = Duration::from_hours(3 * 365 * 24);
        let made = certificate_in(directory.path(), now() + years);
        assert!(is_due(&made, now()));
    }

    #[test]
    fn copying_the_files_makes_no_certificate_younger() {
        let directory = tempfile::tempdir().unwrap();
        let made = now() - VALIDITY + RENEWAL_MARGIN;
        // The files are from this moment.
        let first = certificate_in(directory.path(), made);
        assert!(is_due(&first, now()));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        certificate_in(directory.path(), now());
        let key = fs::metadata(directory.path().join("key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_in_the_error() {
        let directory = tempfile::tempdir().unwrap();
        certificate_in(directory.path(), now());
        fs::write(directory.path().join("key.pem"), "no key").unwrap();
        let error = load_or_make(directory.path(), &[], now())
            .unwrap_err()
            .to_string();
        assert!(error.contains("key.pem"), "{error}");
        let remedy = format!("delete {} to let it make", directory.path().display());
        assert!(error.contains(&remedy), "{error}");
    }

    #[test]
    fn a_certificate_that_lacks_a_wanted_name_is_made_anew_and_one_with_more_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let all = [
            "localhost",
            "127.0.0.1",
            "192.0.2.7",
            "2001:db8::7",
            "chat.lan",
        ];
        let (first, because) = kept_for(directory.path(), &["localhost", "127.0.0.1"], now());
        assert_eq!(because, Some(MadeBecause::Missing));
        let (second, because) = kept_for(directory.path(), &all, now());
        let lacked = ["192.0.2.7", "2001:db8::7", "chat.lan"].map(str::to_owned);
        assert_eq!(because, Some(MadeBecause::NotFor(lacked.to_vec())));
        assert_ne!(first.fingerprint, second.fingerprint);
        assert_eq!(second.names(), all);
        let (third, because) = kept_for(directory.path(), &["localhost"], now());
        assert_eq!(because, None);
        assert_eq!(third.fingerprint, second.fingerprint);
    }
}
