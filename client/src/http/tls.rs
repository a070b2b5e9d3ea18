//! Whom to trust.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::{ClientConfig, Error, RootCertStore};

use super::accept_any::AcceptAny;

/// Which certificates a client accepts.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Those that lead to one of these roots.
    Roots(Arc<RootCertStore>),
    /// Any certificate at all: the connection is encrypted, and nobody knows with whom.
    Anyone,
}

/// The configuration of TLS that offers the protocols by ALPN.
pub(super) fn client_config(trust: &Trust, alpn: &[&[u8]]) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Roots(roots) if roots.is_empty() => {
            let sentence =
                "this system has no certificate authorities to trust; install ca-certificates";
            return Err(Error::General(sentence.to_owned()));
        }
        Trust::Roots(roots) => WebPkiServerVerifier::builder_with_provider(roots.clone(), provider)
            .build()
            .map_err(|error| Error::General(error.to_string()))?,
        Trust::Anyone => Arc::new(AcceptAny(provider)),
    };
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}
