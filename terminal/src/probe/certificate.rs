//! What a certificate says (RFC 5280).

use std::fmt::Write as _;
use std::net::IpAddr;

use der::Decode as _;
use ring::digest::{SHA256, digest};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The parts of a certificate that people look at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Whom it is for, as in RFC 4514.
    pub(super) subject: String,
    /// Who vouches for that.
    pub(super) issuer: String,
    /// From when it is valid, as in RFC 3339.
    pub(super) not_before: String,
    /// Until when.
    pub(super) not_after: String,
    /// The names and addresses that it is for.
    pub(super) names: Vec<String>,
    /// Its SHA-256 fingerprint, in hexadecimal with colons.
    pub(super) sha256: String,
    /// Whether it vouches for itself.
    pub(super) is_self_signed: bool,
}

impl Certificate {
    /// Reads one in DER; `None` if it is none.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let certificate = x509_cert::Certificate::from_der(der).ok()?;
        let certificate = certificate.tbs_certificate();
        let names = certificate.get_extension::<SubjectAltName>();
        let names = names.ok().flatten().map(|(_, names)| names.0);
        Some(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            not_before: certificate.validity().not_before.to_string(),
            not_after: certificate.validity().not_after.to_string(),
            names: names.iter().flatten().filter_map(name).collect(),
            sha256: fingerprint(der),
            is_self_signed: certificate.subject() == certificate.issuer(),
        })
    }
}

/// A name by which a server can be asked.
fn name(name: &GeneralName) -> Option<String> {
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

fn fingerprint(der: &[u8]) -> String {
    let mut text = String::new();
    for (nth, octet) in digest(&SHA256, der).as_ref().iter().enumerate() {
        let colon = if nth > 0 { ":" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{colon}{octet:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read() {
        let mut params =
            rcgen::CertificateParams::new(["localhost".to_owned(), "::1".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 2);
        params.not_after = rcgen::date_time_ymd(2060, 3, 4);
        params.distinguished_name = rcgen::DistinguishedName::new();
        let name = &mut params.distinguished_name;
        name.push(rcgen::DnType::CommonName, "Ada, of \u{1b}[2J");
        name.push(rcgen::DnType::OrganizationName, "Engines");
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();

        let read = Certificate::read(made.der()).unwrap();

        assert!(read.subject.contains("CN=Ada\\, of "), "{}", read.subject);
        assert!(read.subject.contains("O=Engines"), "{}", read.subject);
        assert!(read.is_self_signed);
        assert_eq!(read.not_before, "2020-01-02T00:00:00Z");
        assert_eq!(read.not_after, "2060-03-04T00:00:00Z");
        assert_eq!(read.names, ["localhost", "::1"]);
        assert_eq!(read.sha256.len(), 32 * 3 - 1);
    }

    #[test]
    fn what_is_no_certificate_is_not_read() {
        assert_eq!(Certificate::read(b"no certificate"), None);
    }
}
