//! Servers that do one thing, right or wrong.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

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
    (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
    alpn: &[&str],
) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(io) = acceptor.accept(tcp).await {
                answer(io, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            }
        }
    })
    .await
}
