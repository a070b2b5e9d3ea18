//! The echo through the whole server, over TLS, by both versions of HTTP.

use http::{HeaderMap, HeaderValue, Request, Version};
use http_body_util::{BodyExt as _, Full};
use roomcast_client::http::{Connection, Options, Trust, Versions};
use roomcast_client::websocket::{OpenOptions, Opened, open};
use roomcast_websocket::config::MAX_MESSAGE_BYTES;
use roomcast_websocket::{CloseCode, Message};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::server::Server;
use crate::shutdown::Shutdown;

const BOTH: [(Versions, Version); 2] = [
    (Versions::Http1, Version::HTTP_11),
    (Versions::Http2, Version::HTTP_2),
];

struct TestServer {
    url: http::Uri,
    shutdown: Shutdown,
    running: JoinHandle<()>,
    _data: tempfile::TempDir,
}

async fn start() -> TestServer {
    let data = tempfile::tempdir().unwrap();
    let config = Config {
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into(),
        data: data.path().to_owned(),
        ..Config::default()
    };
    let shutdown = Shutdown::new();
    let server = Server::bind(config, shutdown.clone()).await.unwrap();
    TestServer {
        url: format!("{}api/echo", server.url()).parse().unwrap(),
        shutdown,
        running: tokio::spawn(server.run()),
        _data: data,
    }
}

fn options(versions: Versions) -> Options {
    Options {
        versions,
        ..Options::new(Trust::Anyone)
    }
}

async fn open_socket(server: &TestServer, versions: Versions) -> Opened {
    open(&server.url, &options(versions), &OpenOptions::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_message_of_the_limit_comes_back_and_one_byte_more_is_refused_with_1009() {
    let server = start().await;
    for (versions, version) in BOTH {
        let mut opened = open_socket(&server, versions).await;
        assert_eq!(opened.version, version);
        let longest = Message::Binary(vec![7; MAX_MESSAGE_BYTES].into());
        opened.socket.send(longest.clone()).await.unwrap();
        assert!(
            opened.socket.recv().await.unwrap() == Some(longest),
            "{version:?}"
        );
        let too_long = Message::Binary(vec![7; MAX_MESSAGE_BYTES + 1].into());
        opened.socket.feed(too_long).await.unwrap();
        assert_eq!(opened.socket.recv().await.unwrap(), None);
        let code = opened.socket.peer_close().unwrap().code();
        assert_eq!(code, CloseCode::MESSAGE_TOO_BIG, "{version:?}");
    }
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    let server = start().await;
    for (versions, version) in BOTH {
        let mut socket = open_socket(&server, versions).await.socket;
        let code = CloseCode::try_from(4000).unwrap();
        socket.close(code, "done").await.unwrap();
        assert_eq!(socket.peer_close().unwrap().code(), code, "{version:?}");
    }
}

#[tokio::test]
async fn a_stopping_server_closes_with_1001_and_ends() {
    for (versions, version) in BOTH {
        let server = start().await;
        let mut socket = open_socket(&server, versions).await.socket;
        socket.send("before").await.unwrap();
        assert!(socket.recv().await.unwrap().is_some());
        server.shutdown.request();
        assert_eq!(socket.recv().await.unwrap(), None, "{version:?}");
        assert_eq!(socket.peer_close().unwrap().code(), CloseCode::GOING_AWAY);
        drop(socket);
        server.running.await.unwrap();
    }
}

#[tokio::test]
async fn a_body_and_its_trailers_are_reported() {
    let server = start().await;
    for (versions, version) in BOTH {
        let mut connection = Connection::open(&server.url, &options(versions))
            .await
            .unwrap();
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", HeaderValue::from_static("yes"));
        let body = Full::new(bytes::Bytes::from(vec![0; 1_000_000]))
            .with_trailers(std::future::ready(Some(Ok(trailers))));
        let request = Request::put("/api/echo?x=1")
            .header("trailer", "x-end")
            .header("transfer-encoding", "chunked");
        let mut request = request.body(body).unwrap();
        if version == Version::HTTP_2 {
            request.headers_mut().remove("transfer-encoding");
        }
        let response = connection.send(request).await.unwrap();
        let json = response.into_body().bytes().await.unwrap();
        let report: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(report["method"], "PUT");
        assert_eq!(report["target"], "/api/echo?x=1");
        assert_eq!(report["body"]["length"], 1_000_000, "{version:?}");
        assert_eq!(report["trailers"][0]["value"], "yes", "{version:?}");
    }
}
