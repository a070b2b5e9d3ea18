//! Servers that do one thing, right or wrong.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Gives every connection to `serve`, one after the other.
pub(crate) async fn serve<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            serve(tcp).await;
        }
    });
    address
}

/// Answers every connection with these bytes, whatever it says, and closes it.
pub(crate) async fn answering(bytes: &'static [u8]) -> SocketAddr {
    serve(async move |tcp| answer(tcp, bytes).await).await
}

/// Reads something and answers with these bytes.
pub(crate) async fn answer(mut io: impl AsyncRead + AsyncWrite + Unpin, bytes: &'static [u8]) {
    let mut request = [0; 4_096];
    // Whether the client is still there makes no difference.
    let _ = io.read(&mut request).await;
    let _ = io.write_all(bytes).await;
    let _ = io.shutdown().await;
}

/// Speaks HTTP/1.1 over TLS with this certificate, agreeing on these protocols.
pub(crate) async fn over_tls(
    certified: (CertificateDer<'static>, PrivateKeyDer<'static>),
    alpn: &[&str],
) -> SocketAddr {
    over_tls_with(certified, alpn, async |io| {
        answer(io, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    })
    .await
}

/// Serves each connection over TLS with this certificate, agreeing on these protocols.
pub(crate) async fn over_tls_with<F>(
    (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
    alpn: &[&str],
    serve_one: impl Fn(TlsStream<TcpStream>) -> F + Clone + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let config = config().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    serve_tls(config, serve_one).await
}

/// Lets nobody in who does not show a certificate of its own authority.
pub(crate) async fn requiring_client_certificate(
    (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let config = config().with_client_cert_verifier(verifier.build().unwrap());
    let mut config = config.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    serve_tls(config, async |_| {}).await
}

fn config() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
}

async fn serve_tls<F>(
    config: ServerConfig,
    serve_one: impl Fn(TlsStream<TcpStream>) -> F + Clone + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |tcp| {
        let (acceptor, serve_one) = (acceptor.clone(), serve_one.clone());
        async move {
            if let Ok(io) = acceptor.accept(tcp).await {
                // Side by side, as some never end.
                tokio::spawn(async move { serve_one(io).await });
            }
        }
    })
    .await
}
