//! Any certificate will do, but only from a server that has its key.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// DER's tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// DER's tag of a BIT STRING.
const BIT_STRING: u8 = 0x03;

/// The tag of a certificate's version, which those of version 1 leave out.
const VERSION: u8 = 0xa0;

/// Accepts any certificate, also one that webpki cannot read: of version 1, or with critical
/// extensions that nobody knows. All that has to be read is its key.
#[derive(Debug)]
pub(super) struct AcceptAny(pub(super) Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl AcceptAny {
    fn verify(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = PublicKey::of(certificate)
            .ok_or_else(|| Error::General("its certificate has no key that can be read".into()))?;
        let mapping = self.0.signature_verification_algorithms.mapping.iter();
        let is_valid = mapping
            .filter(|(scheme, _)| *scheme == signature.scheme)
            .flat_map(|(_, algorithms)| algorithms.iter())
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm)
            .any(|algorithm| {
                let verified = algorithm.verify_signature(key.bits, message, signature.signature());
                verified.is_ok()
            });
        if is_valid {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(Error::General(
                "it does not have the key of its certificate, or one of a kind that is not known"
                    .into(),
            ))
        }
    }
}

/// The `SubjectPublicKeyInfo` of a certificate (RFC 5280, section 4.1.2.7).
#[derive(Debug, PartialEq, Eq)]
struct PublicKey<'a> {
    algorithm: &'a [u8],
    bits: &'a [u8],
}

impl<'a> PublicKey<'a> {
    /// `None` when the certificate is none.
    fn of(certificate: &'a [u8]) -> Option<Self> {
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (mut fields, _) = element(certificate, SEQUENCE)?;
        if let Some((_, rest)) = element(fields, VERSION) {
            fields = rest;
        }
        // Serial number, signature, issuer, validity and subject stand before the key.
        for _ in 0..5 {
            (_, _, fields) = any_element(fields)?;
        }
        let (key, _) = element(fields, SEQUENCE)?;
        let (algorithm, key) = element(key, SEQUENCE)?;
        let (bits, _) = element(key, BIT_STRING)?;
        // Its first byte counts the bits that its last one lacks; keys are whole bytes.
        let bits = bits.strip_prefix(&[0])?;
        Some(Self { algorithm, bits })
    }
}

/// The contents of the next element if it has this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, contents, rest) = any_element(der)?;
    (found == tag).then_some((contents, rest))
}

/// Tag and contents of the next element, and what follows it (X.690, section 8.1).
fn any_element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = der else {
        return None;
    };
    let (len, rest) = match first {
        len @ ..0x80 => (usize::from(*len), rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let len = bytes.iter().try_fold(0_usize, |len, byte| {
                len.checked_mul(0x100)?.checked_add(usize::from(*byte))
            })?;
            (len, rest)
        }
    };
    let (contents, rest) = rest.split_at_checked(len)?;
    Some((*tag, contents, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        made.cert.der().to_vec()
    }

    #[test]
    fn a_certificate_of_version_1_has_a_key_that_can_be_read() {
        let version_3 = certificate();
        let (body, _) = element(&version_3, SEQUENCE).unwrap();
        let (fields, signature) = element(body, SEQUENCE).unwrap();
        let (_, fields) = element(fields, VERSION).unwrap();
        let sequence = |contents: &[u8]| {
            let len = u16::try_from(contents.len()).unwrap().to_be_bytes();
            [&[SEQUENCE, 0x82], &len[..], contents].concat()
        };
        let version_1 = sequence(&[&sequence(fields), signature].concat());
        let key = PublicKey::of(&version_1).unwrap();
        assert_eq!(Some(key), PublicKey::of(&version_3));
    }

    proptest! {
        #[test]
        fn what_is_no_certificate_has_no_key(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            cut in 0_usize..200,
        ) {
            let _ = PublicKey::of(&bytes);
            let certificate = certificate();
            prop_assert_eq!(PublicKey::of(&certificate[..cut]), None);
        }
    }
}
