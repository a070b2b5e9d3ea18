//! Kinds of private keys by their names, for those that the server cannot use.

use der::asn1::ObjectIdentifier;
use der::{Any, Decode as _, Encode as _};
use rustls::pki_types::PrivateKeyDer;

use super::pem_file::sequence;

/// RSA keys that can be used, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Algorithms and curves by their object identifiers (RFC 3279, RFC 5480, RFC 5639, RFC 8410, SEC 2).
const NAMES: [(&str, &str); 16] = [
    ("1.2.840.113549.1.1.10", "a key for RSA-PSS alone"),
    ("1.2.840.10040.4.1", "a DSA key"),
    ("1.2.840.10045.3.1.1", "a key on the curve P-192"),
    ("1.3.132.0.33", "a key on the curve P-224"),
    (
        "1.2.840.10045.3.1.7",
        "a key on the curve P-256 without its public half",
    ),
    (
        "1.3.132.0.34",
        "a key on the curve P-384 without its public half",
    ),
    ("1.3.132.0.35", "a key on the curve P-521"),
    ("1.3.132.0.10", "a key on the curve secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "a key on the curve brainpoolP256r1"),
    (
        "1.3.36.3.3.2.8.1.1.11",
        "a key on the curve brainpoolP384r1",
    ),
    (
        "1.3.36.3.3.2.8.1.1.13",
        "a key on the curve brainpoolP512r1",
    ),
    ("1.2.156.10197.1.301", "a key on the curve SM2"),
    ("1.3.101.110", "a key for X25519, which signs nothing,"),
    ("1.3.101.111", "a key for X448, which signs nothing,"),
    ("1.3.101.112", "an Ed25519 key in an unusual form"),
    ("1.3.101.113", "an Ed448 key"),
];

/// The kind of a key that TLS could not use, as a noun.
pub(super) fn name(key: &PrivateKeyDer<'_>) -> String {
    let named = match key {
        PrivateKeyDer::Pkcs1(key) => rsa(key.secret_pkcs1_der()),
        PrivateKeyDer::Sec1(key) => curve_of_sec1(key.secret_sec1_der()).map(named),
        PrivateKeyDer::Pkcs8(key) => pkcs8(key.secret_pkcs8_der()),
        _ => None,
    };
    named.unwrap_or_else(|| "a key of an unknown kind".to_owned())
}

/// `PrivateKeyInfo` (RFC 5958): version, algorithm with parameters, key.
fn pkcs8(der: &[u8]) -> Option<String> {
    /// `rsaEncryption` (RFC 8017, appendix C).
    const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    let parts = sequence(der)?;
    let algorithm = sequence(&parts.get(1)?.to_der().ok()?)?;
    let id = identifier(algorithm.first()?)?;
    if id == RSA {
        return rsa(parts.get(2)?.value());
    }
    // The algorithm of elliptic curves has its curve as a parameter.
    let curve = algorithm.get(1).and_then(identifier);
    Some(named(curve.unwrap_or(id)))
}

/// `RSAPrivateKey` (RFC 8017, appendix A.1.2): version, modulus, and more.
fn rsa(der: &[u8]) -> Option<String> {
    let parts = sequence(der)?;
    let modulus = parts.get(1)?.value();
    let leading = modulus.iter().take_while(|&&byte| byte == 0).count();
    let modulus = &modulus[leading..];
    let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
    Some(if RSA_BITS.contains(&bits) {
        "a damaged RSA key".to_owned()
    } else {
        let (min, max) = RSA_BITS.into_inner();
        format!("an RSA key of {bits} bits instead of {min} to {max}")
    })
}

/// `ECPrivateKey` (RFC 5915): version, key, and the curve behind the tag 0.
fn curve_of_sec1(der: &[u8]) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_der(sequence(der)?.get(2)?.value()).ok()
}

fn identifier(part: &Any) -> Option<ObjectIdentifier> {
    part.decode_as().ok()
}

fn named(id: ObjectIdentifier) -> String {
    let id = id.to_string();
    match NAMES.iter().find(|(known, _)| *known == id) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("a key of an unknown kind ({id})"),
    }
}
