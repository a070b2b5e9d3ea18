//! The reasons why the server has no certificate to show, each with what to do.

use std::io;
use std::path::{Path, PathBuf};

use roomcast_shared::io_reason::io_reason;

/// The reason why the server has no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error(
        "{} cannot be {act}: {}; check that it is there and who may use it", path.display(), io_reason(source)
    )]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        act: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds something else than it should.
    #[error("{} {content}; {}", path.display(), content.remedy(path, *wanted))]
    Content {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        wanted: Wanted,
        /// What is in it.
        content: Content,
    },
    /// The key is of a kind that the server cannot use.
    #[error(
        "{} holds {kind}, which this server cannot use; make one that browsers take as well, and have a certificate \
         made for it: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem", path.display()
    )]
    UnsupportedKey {
        /// The file with the key.
        path: PathBuf,
        /// The kind of key.
        kind: String,
    },
    /// The certificate of the key is not the first one of the chain.
    #[error(
        "{} begins with another certificate than the server's, which is number {place}; put it first, then the one \
         of the authority that signed it, and so on", path.display()
    )]
    ChainOrder {
        /// The file with the chain.
        path: PathBuf,
        /// The place of the server's certificate, from 1.
        place: usize,
    },
    /// The key belongs to another certificate.
    #[error(
        "the key in {} belongs to another certificate than the one in {}; give the key with which that certificate \
         was requested: `openssl pkey -in {0} -pubout` and `openssl x509 -in {1} -noout -pubkey` print the same for \
         those that fit", key.display(), cert.display()
    )]
    KeyMismatch {
        /// The file with the key.
        key: PathBuf,
        /// The file with the chain.
        cert: PathBuf,
    },
    /// A certificate of a chain cannot be understood.
    #[error(
        "certificate number {place} in {} is damaged or not of version 3 of X.509, which TLS asks for; copy the file \
         anew from where it was made, or have a new one made", path.display()
    )]
    Damaged {
        /// The file with the chain.
        path: PathBuf,
        /// The place of the certificate, from 1.
        place: usize,
    },
    /// TLS cannot use certificate and key for another reason.
    #[error("the certificate and its key cannot be used: {0}")]
    Tls(#[source] rustls::Error),
    /// The certificate for this machine could not be made.
    #[error("a certificate for this machine cannot be made: {0}")]
    SelfSigned(#[source] rcgen::Error),
    /// What was made for this machine and kept cannot be used.
    #[error("{reason}. The server made these files for itself: delete {} to let it make new ones", folder.display())]
    Kept {
        /// The folder with certificate and key.
        folder: PathBuf,
        /// What is wrong with them.
        reason: Box<CertificateError>,
    },
    /// The file for the keys of connections cannot be written.
    #[error(
        "cannot write the keys of TLS connections to {}: {}; choose another file with --tls-key-log",
        path.display(), io_reason(source)
    )]
    KeyLog {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What a file should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A certificate chain (`--cert`).
    Chain,
    /// A private key (`--key`).
    Key,
}

/// What a file holds instead.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Content {
    /// Nothing.
    #[error("is empty")]
    Empty,
    /// More than any certificate chain has.
    #[error("is larger than any certificate or key")]
    TooLarge,
    /// Something that is neither PEM nor DER.
    #[error("holds no PEM (a text that begins with -----BEGIN)")]
    NoPem,
    /// PEM of another kind.
    #[error("holds a section called {label} and none that is wanted")]
    OtherPem {
        /// The label of its first section.
        label: String,
    },
    /// A section whose text was changed.
    #[error("is damaged: {0}")]
    DamagedPem(String),
    /// A private key where a certificate should be.
    #[error("holds a private key instead of a certificate chain")]
    KeyInsteadOfChain,
    /// A certificate where a private key should be.
    #[error("holds a certificate instead of a private key")]
    ChainInsteadOfKey,
    /// A key that wants a passphrase.
    #[error("holds a key that is encrypted with a passphrase")]
    EncryptedKey,
    /// A key for SSH.
    #[error("holds a key in the format of OpenSSH")]
    OpenSshKey,
    /// The public half of a key.
    #[error("holds a public key instead of a private one")]
    PublicKey,
    /// A request for a certificate.
    #[error("holds a request for a certificate, and no certificate")]
    CertificateRequest,
    /// A certificate with OpenSSL's own additions.
    #[error("holds a certificate in OpenSSL's own form (TRUSTED CERTIFICATE)")]
    TrustedCertificate,
    /// A certificate in DER.
    #[error("holds a certificate in DER instead of PEM")]
    DerCertificate,
    /// A private key in DER.
    #[error("holds a private key in DER instead of PEM")]
    DerKey,
    /// An encrypted private key in DER.
    #[error("holds an encrypted private key in DER instead of PEM")]
    DerEncryptedKey,
    /// A PKCS#12 archive.
    #[error("is a PKCS#12 archive (.p12, .pfx)")]
    Pkcs12,
    /// A PKCS#7 collection of certificates.
    #[error("is a PKCS#7 collection of certificates (.p7b)")]
    Pkcs7 {
        /// Whether it is in DER, and not in PEM.
        is_der: bool,
    },
}

impl Content {
    /// What to do about it.
    fn remedy(&self, path: &Path, wanted: Wanted) -> String {
        let file = path.display();
        let (option, output) = match wanted {
            Wanted::Chain => ("--cert", "chain.pem"),
            Wanted::Key => ("--key", "key.pem"),
        };
        match self {
            Self::Empty | Self::TooLarge | Self::NoPem | Self::OtherPem { .. } => match wanted {
                Wanted::Chain => {
                    "give with --cert the certificate chain in PEM, whose sections are called \
                    CERTIFICATE"
                        .to_owned()
                }
                Wanted::Key => {
                    "give with --key the private key in PEM, whose section is called PRIVATE KEY"
                        .to_owned()
                }
            },
            Self::DamagedPem(_) => "copy the file anew from where it was made".to_owned(),
            Self::KeyInsteadOfChain | Self::ChainInsteadOfKey => {
                "give the certificate chain with --cert and its private key with --key".to_owned()
            }
            Self::EncryptedKey => {
                format!("write it without one: openssl pkey -in {file} -out {output}")
            }
            Self::OpenSshKey => "give the key with which the certificate was requested".to_owned(),
            Self::PublicKey => "give the private key that it was made from".to_owned(),
            Self::CertificateRequest => {
                "give the certificate that the authority made of it".to_owned()
            }
            Self::TrustedCertificate => {
                format!("convert it: openssl x509 -in {file} -out {output}")
            }
            Self::DerCertificate if wanted == Wanted::Key => {
                format!("give the private key with {option}")
            }
            Self::DerKey | Self::DerEncryptedKey if wanted == Wanted::Chain => {
                format!("give the certificate chain with {option}")
            }
            Self::DerCertificate => {
                format!("convert it: openssl x509 -inform der -in {file} -out {output}")
            }
            Self::DerKey | Self::DerEncryptedKey => {
                format!("convert it: openssl pkey -inform der -in {file} -out {output}")
            }
            Self::Pkcs12 => format!(
                "take out chain and key: openssl pkcs12 -in {file} -nokeys -out chain.pem, and openssl pkcs12 -in \
                 {file} -nocerts -nodes -out key.pem"
            ),
            Self::Pkcs7 { is_der } => {
                let form = if *is_der { " -inform der" } else { "" };
                format!("convert it: openssl pkcs7{form} -in {file} -print_certs -out chain.pem")
            }
        }
    }
}
