use std::future::poll_fn;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::RootCertStore;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::pending::MAX_INFORMATIONAL;
use super::*;

fn options(versions: Versions) -> Options {
    Options {
        versions,
        ..Options::new(Trust::Anyone)
    }
}

async fn listen(scheme: &str) -> (TcpListener, Uri) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("{scheme}://localhost:{port}/").parse().unwrap();
    (listener, url)
}

/// Answers one HTTP/1.1 request with these bytes and yields the head that came.
async fn answer_http1(
    mut io: impl AsyncRead + AsyncWrite + Unpin,
    response: &'static str,
) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    io.write_all(response.as_bytes()).await.unwrap();
    io.flush().await.unwrap();
    String::from_utf8(head).unwrap()
}

/// An HTTP/2 server that pushes, hints, and sends request bodies back with a trailer.
async fn serve_http2(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let builder = h2::server::Builder::new();
    let mut connection = builder.handshake::<_, Bytes>(io).await.unwrap();
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        tokio::spawn(async move {
            let promise = Request::get("https://localhost/pushed").body(()).unwrap();
            if let Ok(mut pushed) = respond.push_request(promise) {
                let mut body = pushed.send_response(Response::new(()), false).unwrap();
                body.send_data("pushed".into(), true).unwrap();
            }
            let mut hints = Response::new(());
            *hints.status_mut() = StatusCode::EARLY_HINTS;
            respond.send_informational(hints).unwrap();
            let mut stream = respond.send_response(Response::new(()), false).unwrap();
            let mut body = request.into_body();
            while let Some(Ok(data)) = body.data().await {
                let _ = body.flow_control().release_capacity(data.len());
                stream.send_data(data, false).unwrap();
            }
            let mut trailers = HeaderMap::new();
            trailers.insert("x-end", HeaderValue::from_static("yes"));
            stream.send_trailers(trailers).unwrap();
        });
    }
}

/// A TLS server with a certificate of its own making that offers these protocols.
struct TlsServer {
    url: Uri,
    roots: RootCertStore,
    accepted: JoinHandle<Option<tokio_rustls::server::TlsStream<TcpStream>>>,
}

async fn listen_tls(alpn: &'static [&'static str]) -> TlsServer {
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    listen_tls_as(params, &rustls::version::TLS13, alpn).await
}

/// The same with this certificate and version of TLS.
async fn listen_tls_as(
    params: CertificateParams,
    version: &'static rustls::SupportedProtocolVersion,
    alpn: &'static [&'static str],
) -> TlsServer {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    // One that nobody can read is no root either.
    let _ = roots.add(certificate.clone());
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    // Unlike `with_single_cert` this serves also what it cannot read.
    let certified = CertifiedKey::new(vec![certificate], key);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let (listener, url) = listen("https").await;
    let accepted = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(config)).accept(tcp).await.ok()
    });
    TlsServer {
        url,
        roots,
        accepted,
    }
}

#[tokio::test]
async fn an_http1_request_has_its_host_and_path_and_its_response_streams() {
    let (listener, url) = listen("http").await;
    let server = tokio::spawn(async move {
        let (io, _) = listener.accept().await.unwrap();
        let response = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n\
                        HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        answer_http1(io, response).await
    });
    let mut connection = Connection::open(&url, &options(Versions::Both))
        .await
        .unwrap();
    assert_eq!(connection.version(), Version::HTTP_11);
    let request = Request::get("https://elsewhere/path?query")
        .body(empty())
        .unwrap();
    let mut exchange = connection.exchange(request).await.unwrap();
    assert_eq!(exchange.informational[0].status(), StatusCode::EARLY_HINTS);
    assert_eq!(exchange.informational[0].headers()["link"], "</a>");
    assert!(exchange.pushes.next().await.unwrap().is_none());
    assert_eq!(exchange.response.into_body().bytes().await.unwrap(), "ok");
    let head = server.await.unwrap();
    assert!(head.starts_with("GET /path?query HTTP/1.1\r\n"), "{head}");
    let host = format!("host: {}\r\n", url.authority().unwrap());
    assert!(head.contains(&host), "{head}");
}

#[tokio::test]
async fn a_server_that_informs_without_an_end_is_left() {
    for (count, is_answered) in [(MAX_INFORMATIONAL, true), (MAX_INFORMATIONAL + 1, false)] {
        let (listener, url) = listen("http").await;
        tokio::spawn(async move {
            let builder = h2::server::Builder::new();
            let io = listener.accept().await.unwrap().0;
            let mut connection = builder.handshake::<_, Bytes>(io).await.unwrap();
            let (_, mut respond) = connection.accept().await.unwrap().unwrap();
            for _ in 0..count {
                let mut hints = Response::new(());
                *hints.status_mut() = StatusCode::EARLY_HINTS;
                respond.send_informational(hints).unwrap();
            }
            respond.send_response(Response::new(()), true).unwrap();
            poll_fn(|cx| connection.poll_closed(cx)).await
        });
        let mut connection = Connection::open(&url, &options(Versions::Http2))
            .await
            .unwrap();
        match connection.exchange(Request::new(empty())).await {
            Ok(exchange) => {
                assert!(is_answered);
                assert_eq!(exchange.informational.len(), count);
            }
            Err(error) => assert!(
                !is_answered && matches!(error, Error::TooManyInformational),
                "{error}"
            ),
        }
    }
}

#[tokio::test]
async fn an_http2_exchange_has_hints_pushes_a_streamed_body_and_trailers() {
    let (listener, url) = listen("http").await;
    tokio::spawn(async move { serve_http2(listener.accept().await.unwrap().0).await });
    let options = Options {
        accept_push: true,
        ..options(Versions::Http2)
    };
    let mut connection = Connection::open(&url, &options).await.unwrap();
    assert_eq!(connection.version(), Version::HTTP_2);
    let sent = Bytes::from(vec![7; 3 * 1024 * 1024]);
    let request = Request::post("/echo").body(full(sent.clone())).unwrap();
    let mut exchange = connection.exchange(request).await.unwrap();
    assert_eq!(exchange.informational[0].status(), StatusCode::EARLY_HINTS);
    let push = exchange.pushes.next().await.unwrap().unwrap();
    assert_eq!(push.request.uri().path(), "/pushed");
    let pushed = push.response().await.unwrap().into_body();
    assert_eq!(pushed.bytes().await.unwrap(), "pushed");
    let received = exchange.response.into_body().collect().await.unwrap();
    assert_eq!(received.trailers().unwrap()["x-end"], "yes");
    assert!(received.to_bytes() == sent);
}

#[tokio::test]
async fn alpn_chooses_among_the_versions_that_both_speak() {
    for (versions, alpn, version) in [
        (Versions::Both, &["h2", "http/1.1"][..], Version::HTTP_2),
        (Versions::Both, &["http/1.1"], Version::HTTP_11),
        (Versions::Http1, &["h2", "http/1.1"], Version::HTTP_11),
        (Versions::Http2, &["http/1.1", "h2"], Version::HTTP_2),
    ] {
        let server = listen_tls(alpn).await;
        let options = Options {
            versions,
            ..Options::new(Trust::Roots(Arc::new(server.roots)))
        };
        let connection = Connection::open(&server.url, &options).await.unwrap();
        assert_eq!(connection.version(), version, "{versions:?} {alpn:?}");
    }
}

#[tokio::test]
async fn each_step_fails_with_an_error_of_its_own() {
    let open = async |url: &str, versions| {
        Connection::open(&url.parse().unwrap(), &options(versions))
            .await
            .unwrap_err()
    };
    assert!(matches!(
        open("/path", Versions::Both).await,
        Error::Url { .. }
    ));
    assert!(matches!(
        open("ftp://x/", Versions::Both).await,
        Error::Url { .. }
    ));
    let unknown = open("http://unknown.invalid/", Versions::Both).await;
    assert!(matches!(unknown, Error::Resolve { .. }), "{unknown}");
    let (listener, url) = listen("http").await;
    drop(listener);
    let closed = open(&url.to_string(), Versions::Both).await;
    assert!(matches!(closed, Error::Connect { .. }), "{closed}");
    for alpn in [&["http/1.1"][..], &[]] {
        let server = listen_tls(alpn).await;
        let error = open(&server.url.to_string(), Versions::Http2).await;
        assert!(matches!(error, Error::Alpn { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_without_a_trusted_root_is_refused() {
    let server = listen_tls(&["h2"]).await;
    let others = listen_tls(&["h2"]).await.roots;
    let options = Options::new(Trust::Roots(Arc::new(others)));
    let error = Connection::open(&server.url, &options).await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error}");
    assert!(server.accepted.await.unwrap().is_none());
}

#[tokio::test]
async fn anyone_is_trusted_even_with_a_certificate_that_cannot_be_understood() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let mut unknown = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 1], vec![5, 0]);
        unknown.set_criticality(true);
        params.custom_extensions.push(unknown);
        let server = listen_tls_as(params, version, &["h2"]).await;
        let options = options(Versions::Both);
        let connection = Connection::open(&server.url, &options).await.unwrap();
        assert_eq!(connection.version(), Version::HTTP_2);
    }
}

#[tokio::test]
async fn a_server_at_an_address_of_ipv6_is_asked_by_its_address() {
    // Machines without IPv6 have nothing to test here.
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return;
    };
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        answer_http1(listener.accept().await.unwrap().0, response).await
    });
    let mut connection = Connection::open(&url.parse().unwrap(), &options(Versions::Both))
        .await
        .unwrap();
    assert!(connection.details().remote.is_ipv6());
    assert_eq!(connection.get("/").await.unwrap().status(), StatusCode::OK);
    let head = server.await.unwrap();
    assert!(head.contains("host: [::1]:"), "{head}");
}

#[tokio::test]
async fn what_old_servers_write_is_read_all_the_same() {
    let (listener, url) = listen("http").await;
    let many = "set-cookie: a=b\r\n".repeat(500);
    let response = format!(
        "HTTP/1.1 200 OK\r\n{many}x-long: one\r\n two\r\nx-space : yes\r\n\
         no field at all\r\ncontent-length: 2\r\n\r\nok"
    );
    tokio::spawn(
        async move { answer_http1(listener.accept().await.unwrap().0, response.leak()).await },
    );
    let mut connection = Connection::open(&url, &options(Versions::Both))
        .await
        .unwrap();
    let response = connection.get("/").await.unwrap();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 500);
    assert_eq!(response.headers()["x-long"], "one two");
    assert_eq!(response.headers()["x-space"], "yes");
    assert_eq!(response.into_body().bytes().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_after_the_connect_timeout() {
    // The kernel completes the connection; nobody answers on it.
    let (_listener, url) = listen("https").await;
    let options = Options {
        connect_timeout: std::time::Duration::from_millis(200),
        ..options(Versions::Both)
    };
    let error = Connection::open(&url, &options).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                step: Step::Tls,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_without_extended_connect_is_known_by_its_settings() {
    let (listener, url) = listen("http").await;
    tokio::spawn(async move { serve_http2(listener.accept().await.unwrap().0).await });
    let mut connection = Connection::open(&url, &options(Versions::Http2))
        .await
        .unwrap();
    let request = Request::new(());
    let error = connection.upgrade(request, "websocket").await.unwrap_err();
    assert!(matches!(error, Error::NoExtendedConnect), "{error}");
}

#[tokio::test]
async fn an_http1_upgrade_yields_the_bytes_after_it_or_the_refusal() {
    let (listener, url) = listen("http").await;
    let server = tokio::spawn(async move {
        let accepted = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                        upgrade: other\r\n\r\nhi";
        let head = answer_http1(listener.accept().await.unwrap().0, accepted).await;
        let refused = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        answer_http1(listener.accept().await.unwrap().0, refused).await;
        head
    });
    let upgrade = async || {
        let mut connection = Connection::open(&url, &options(Versions::Http1))
            .await
            .unwrap();
        connection.upgrade(Request::new(()), "other").await.unwrap()
    };
    let Upgrade::Accepted(_, mut stream) = upgrade().await else {
        panic!("refused");
    };
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"hi");
    let Upgrade::Refused(response) = upgrade().await else {
        panic!("accepted");
    };
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let head = server.await.unwrap();
    assert!(head.starts_with(Method::GET.as_str()), "{head}");
    assert!(head.contains("upgrade: other\r\n"), "{head}");
}
