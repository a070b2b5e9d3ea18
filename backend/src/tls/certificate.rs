//! A certificate chain with its private key.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use ring::digest;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{Error, InconsistentKeys};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::error::{CertificateError, Wanted};
use super::{key_kind, pem_file};

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
    /// SHA-256 of the private key in DER.
    key_digest: [u8; 32],
}

impl Certificate {
    /// Reads a chain and its key from files.
    ///
    /// # Errors
    /// [`CertificateError`] names the file that is wrong and what to do.
    pub(super) fn read(cert: &Path, key: &Path) -> Result<Self, CertificateError> {
        let chain = pem_file::read(cert, Wanted::Chain)?;
        let private_key = pem_file::read(key, Wanted::Key)?;
        Self::parse((cert, &chain), (key, &private_key))
    }

    /// The same from the files' bytes.
    ///
    /// # Errors
    /// [`CertificateError`] names the file that is wrong and what to do.
    pub(super) fn parse(
        (cert, chain): (&Path, &[u8]),
        (key, private_key): (&Path, &[u8]),
    ) -> Result<Self, CertificateError> {
        let chain = pem_file::chain(cert, chain)?;
        let private_key = pem_file::key(key, private_key)?;
        let signing_key = signing_key(key, &private_key)?;
        check_order(cert, key, &chain, &signing_key)?;
        let fingerprint = Fingerprint(sha256(&chain[0]));
        Ok(Self {
            key: Arc::new(CertifiedKey::new(chain, signing_key)),
            fingerprint,
            key_digest: sha256(private_key.secret_der()),
        })
    }

    /// What differs between two certificates, in words; `None` if nothing does.
    pub(super) fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.fingerprint != other.fingerprint {
            Some("certificate")
        } else if self.key.cert != other.key.cert {
            Some("chain of authorities")
        } else if self.key_digest != other.key_digest {
            Some("private key")
        } else {
            None
        }
    }

    /// A sentence for each certificate of the chain that clients do not accept at the time `now`, and for
    /// each that did not sign the one before it.
    pub(super) fn warnings(&self, now: SystemTime) -> Vec<String> {
        let read = |der: &CertificateDer<'_>| x509_cert::Certificate::from_der(der).ok();
        let chain: Vec<_> = self.key.cert.iter().map(read).collect();
        let mut warnings = Vec::new();
        for (index, certificate) in chain.iter().enumerate() {
            let Some(certificate) = certificate else {
                continue;
            };
            let name = match index {
                0 => "the certificate".to_owned(),
                _ => format!("certificate number {} of the chain", index + 1),
            };
            let (begin, end) = validity(certificate);
            if now < begin {
                let begin = httpdate::fmt_http_date(begin);
                warnings.push(format!(
                    "{name} is not valid before {begin}, and until then clients refuse it: check this machine's \
                     clock, or wait"
                ));
            } else if end < now {
                let end = httpdate::fmt_http_date(end);
                warnings.push(format!(
                    "{name} expired on {end}, and clients refuse it: renew it"
                ));
            }
            let before = index
                .checked_sub(1)
                .and_then(|before| chain[before].as_ref());
            if before.is_some_and(|before| !has_issuer(before, certificate)) {
                warnings.push(format!(
                    "{name} is not of the authority that signed the one before it, and clients may refuse the \
                     chain: put each certificate before that of its authority"
                ));
            }
        }
        warnings
    }

    /// The first and the last moment at which the certificate is valid (RFC 5280, section 4.1.2.5).
    pub(super) fn validity(&self) -> Option<(SystemTime, SystemTime)> {
        Some(validity(&self.leaf()?))
    }

    /// The names and addresses that the certificate is for (RFC 5280, section 4.2.1.6).
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.leaf().and_then(|leaf| {
            let names = leaf.tbs_certificate().get_extension::<SubjectAltName>();
            Some(names.ok()??.1.0)
        });
        names.iter().flatten().filter_map(shown_name).collect()
    }

    fn leaf(&self) -> Option<x509_cert::Certificate> {
        x509_cert::Certificate::from_der(self.key.cert.first()?).ok()
    }
}

/// The key as TLS uses it.
fn signing_key(
    path: &Path,
    key: &PrivateKeyDer<'static>,
) -> Result<Arc<dyn SigningKey>, CertificateError> {
    rustls::crypto::ring::sign::any_supported_type(key).map_err(|_| {
        CertificateError::UnsupportedKey {
            path: path.to_owned(),
            kind: key_kind::name(key),
        }
    })
}

/// Checks that the chain begins with the certificate of the key.
fn check_order(
    cert: &Path,
    key: &Path,
    chain: &[CertificateDer<'static>],
    signing_key: &Arc<dyn SigningKey>,
) -> Result<(), CertificateError> {
    let mut own = None;
    for (index, certificate) in chain.iter().enumerate() {
        let pair = CertifiedKey::new(vec![certificate.clone()], signing_key.clone());
        match pair.keys_match() {
            // A key that does not tell its public half is taken at its word.
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {
                own.get_or_insert(index);
            }
            Err(Error::InconsistentKeys(_)) => {}
            Err(Error::InvalidCertificate(_)) => {
                return Err(CertificateError::Damaged {
                    path: cert.to_owned(),
                    place: index + 1,
                });
            }
            Err(error) => return Err(CertificateError::Tls(error)),
        }
    }
    match own {
        Some(0) => Ok(()),
        Some(index) => Err(CertificateError::ChainOrder {
            path: cert.to_owned(),
            place: index + 1,
        }),
        None => Err(CertificateError::KeyMismatch {
            key: key.to_owned(),
            cert: cert.to_owned(),
        }),
    }
}

fn validity(certificate: &x509_cert::Certificate) -> (SystemTime, SystemTime) {
    let validity = certificate.tbs_certificate().validity();
    let time = |time: x509_cert::time::Time| SystemTime::UNIX_EPOCH + time.to_unix_duration();
    (time(validity.not_before), time(validity.not_after))
}

fn has_issuer(certificate: &x509_cert::Certificate, authority: &x509_cert::Certificate) -> bool {
    certificate.tbs_certificate().issuer() == authority.tbs_certificate().subject()
}

fn shown_name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            let v6 = || <[u8; 16]>::try_from(octets).map(IpAddr::from);
            Some(v4.or_else(|_| v6()).ok()?.to_string())
        }
        _ => None,
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    array
}
