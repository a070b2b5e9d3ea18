//! Files with a certificate chain or a private key in PEM (RFC 7468), and what else people give for one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use der::asn1::ObjectIdentifier;
use der::{Any, Decode as _, Encode as _, Tag, Tagged as _};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::{CertificateError, Content, Wanted};

/// No chain is longer, in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The beginning of a section.
const BEGIN: &str = "-----BEGIN ";

/// Object identifiers of what people mistake for a certificate (RFC 7292, RFC 5652).
const PKCS7_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const PKCS7_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// The bytes of a file.
///
/// # Errors
/// [`CertificateError::File`] and [`Content::TooLarge`].
pub(super) fn read(path: &Path, wanted: Wanted) -> Result<Vec<u8>, CertificateError> {
    let unreadable = |source| CertificateError::File {
        path: path.to_owned(),
        act: "read",
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(wrong(path, wanted, Content::TooLarge));
    }
    Ok(bytes)
}

/// Whether a file is one that can be read again: a pipe, such as a shell's `<(…)`, is not.
///
/// # Errors
/// What the system says.
pub(super) fn is_regular(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.is_file())
}

/// The certificates in the bytes of a file, at least one.
///
/// # Errors
/// [`CertificateError::Content`].
pub(super) fn chain(
    path: &Path,
    bytes: &[u8],
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let wrong = |content| wrong(path, Wanted::Chain, content);
    let text = text(bytes).map_err(wrong)?;
    let chain = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| wrong(Content::DamagedPem(damage(&error))))?;
    if chain.is_empty() {
        return Err(wrong(instead_of_chain(&text)));
    }
    Ok(chain)
}

/// The private key in the bytes of a file.
///
/// # Errors
/// [`CertificateError::Content`].
pub(super) fn key(path: &Path, bytes: &[u8]) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let wrong = |content| wrong(path, Wanted::Key, content);
    let text = text(bytes).map_err(wrong)?;
    if is_encrypted(&text) {
        return Err(wrong(Content::EncryptedKey));
    }
    match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) => Err(wrong(instead_of_key(&text))),
        Err(error) => Err(wrong(Content::DamagedPem(damage(&error)))),
    }
}

fn wrong(path: &Path, wanted: Wanted, content: Content) -> CertificateError {
    CertificateError::Content {
        path: path.to_owned(),
        wanted,
        content,
    }
}

fn damage(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no line that ends it".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "a section begins with a wrong line".to_owned(),
        pem::Error::Base64Decode(_) => "a section is no text in base64".to_owned(),
        error => error.to_string(),
    }
}

/// The text of a file, without a byte order mark: editors of Windows write UTF-8 with one, and UTF-16.
fn text(bytes: &[u8]) -> Result<String, Content> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    };
    if text.trim().is_empty() {
        return Err(Content::Empty);
    }
    if text.contains(BEGIN) {
        return Ok(text);
    }
    Err(of_der(bytes).unwrap_or(Content::NoPem))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The labels of all sections.
fn labels(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let label = line.trim().strip_prefix(BEGIN)?;
        label.strip_suffix("-----")
    })
}

/// Whether the only keys are encrypted, by the section's label (RFC 5958) or its header (RFC 1421).
fn is_encrypted(text: &str) -> bool {
    let is_plain = |label: &str| label.ends_with("PRIVATE KEY") && label != "ENCRYPTED PRIVATE KEY";
    let mut labels = labels(text);
    text.contains("Proc-Type: 4,ENCRYPTED")
        || labels.any(|label| label == "ENCRYPTED PRIVATE KEY") && !self::labels(text).any(is_plain)
}

fn instead_of_chain(text: &str) -> Content {
    let first = labels(text).find(|label| !label.ends_with("PARAMETERS"));
    match first.unwrap_or_default() {
        "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => Content::TrustedCertificate,
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Content::CertificateRequest,
        "PKCS7" | "CMS" => Content::Pkcs7 { is_der: false },
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Content::PublicKey,
        label if label.ends_with("PRIVATE KEY") => Content::KeyInsteadOfChain,
        label => Content::OtherPem {
            label: label.to_owned(),
        },
    }
}

fn instead_of_key(text: &str) -> Content {
    let first = labels(text).find(|label| !label.ends_with("PARAMETERS"));
    match first.or_else(|| labels(text).next()).unwrap_or_default() {
        "OPENSSH PRIVATE KEY" => Content::OpenSshKey,
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Content::PublicKey,
        label if label.contains("CERTIFICATE") => Content::ChainInsteadOfKey,
        label => Content::OtherPem {
            label: label.to_owned(),
        },
    }
}

/// What bytes in DER are (X.690); `None` if they are something else.
fn of_der(bytes: &[u8]) -> Option<Content> {
    let parts = sequence(bytes)?;
    if x509_cert::Certificate::from_der(bytes).is_ok() {
        return Some(Content::DerCertificate);
    }
    let contains = |parts: &[Any], id: ObjectIdentifier| {
        parts.iter().any(|part| {
            part.decode_as::<ObjectIdentifier>()
                .is_ok_and(|found| found == id)
        })
    };
    if contains(&parts, PKCS7_SIGNED_DATA) {
        return Some(Content::Pkcs7 { is_der: true });
    }
    let inner = |index: usize| sequence(&parts.get(index)?.to_der().ok()?);
    if inner(1).is_some_and(|parts| contains(&parts, PKCS7_DATA)) {
        return Some(Content::Pkcs12);
    }
    match (parts.first()?.tag(), parts.get(1)?.tag()) {
        // PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915).
        (Tag::Integer, Tag::Sequence | Tag::Integer | Tag::OctetString) => Some(Content::DerKey),
        // RFC 5958, section 3.
        (Tag::Sequence, Tag::OctetString) => Some(Content::DerEncryptedKey),
        _ => None,
    }
}

/// The parts of a SEQUENCE, of whatever type they are.
pub(super) fn sequence(der: &[u8]) -> Option<Vec<Any>> {
    Vec::<Any>::from_der(der).ok()
}
