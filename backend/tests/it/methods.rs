//! Methods, expectations and versions: one rule for all addresses, over both versions of HTTP.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::support::client::{self, Client};
use crate::support::frame::{END_STREAM, Frame, request};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::within;

const MESSAGES: &str = "/api/rooms/lobby/messages";

/// Addresses, and the methods that each of them has.
const ADDRESSES: [(&str, &str); 12] = [
    ("/", "GET, HEAD, OPTIONS"),
    ("/rooms", "GET, HEAD, OPTIONS"),
    ("/missing", "GET, HEAD, OPTIONS"),
    ("/healthz", "GET, HEAD, OPTIONS"),
    ("/readyz", "GET, HEAD, OPTIONS"),
    ("/prime", "GET, HEAD, OPTIONS"),
    ("/api/rooms", "GET, HEAD, OPTIONS"),
    ("/api/rooms/lobby/events", "GET, HEAD, OPTIONS"),
    ("/api/rooms/lobby/socket", "GET, HEAD, POST, OPTIONS"),
    (MESSAGES, "GET, HEAD, POST, OPTIONS"),
    ("/rooms/lobby", "GET, HEAD, POST, OPTIONS"),
    ("/api/echo", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
];

/// Status and `Allow` of the answer over HTTP/1.1.
async fn ask_http1(address: SocketAddr, method: &str, target: &str) -> (u16, Option<String>) {
    let mut peer = TextPeer::connect(address).await;
    peer.send(&format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ))
    .await;
    let head = peer.head().await;
    (head.status, head.field("allow").map(str::to_owned))
}

/// Status and `Allow` of the answer over HTTP/2.
async fn ask_http2(address: SocketAddr, method: &str, path: &str) -> (u16, Option<String>) {
    let mut client = Client::connect(address).await;
    let mut request = client::get(path, &[]);
    *request.method_mut() = method.parse().unwrap();
    let (response, _) = client.begin(request, true).await;
    let whole = client::whole(response).await;
    (whole.status(), whole.field("allow").map(str::to_owned))
}

/// Status of the answer to GET over HTTP/2, whose body may be endless.
async fn status_of_get_http2(address: SocketAddr, path: &str) -> u16 {
    let mut peer = Peer::connect(address).await;
    peer.send(Frame::get(1, path)).await;
    peer.expect_response(1).await
}

/// The set of methods in an `Allow`.
fn set(allow: Option<String>) -> Vec<String> {
    let allow = allow.unwrap_or_default();
    let mut methods: Vec<_> = allow.split(", ").map(str::to_owned).collect();
    methods.sort();
    methods
}

#[tokio::test]
async fn options_of_every_address_are_answered_with_204_and_its_methods() {
    let server = TestServer::with_page().await;
    for (target, methods) in ADDRESSES {
        let methods = set(Some(methods.to_owned()));
        let (status, allow) = ask_http1(server.address, "OPTIONS", target).await;
        assert_eq!((status, set(allow)), (204, methods.clone()), "{target}");
        let (status, allow) = ask_http2(server.address, "OPTIONS", target).await;
        assert_eq!((status, set(allow)), (204, methods), "{target}");
    }
}

#[tokio::test]
async fn options_of_the_whole_server_are_answered_with_204() {
    let server = TestServer::start().await;
    let (status, allow) = ask_http1(server.address, "OPTIONS", "*").await;
    assert_eq!(status, 204);
    assert!(allow.is_some());
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::headers(1, END_STREAM, &request("OPTIONS", "*")))
        .await;
    assert_eq!(peer.expect_response(1).await, 204);
}

#[tokio::test]
async fn a_method_that_an_address_lacks_is_answered_with_405_and_allow() {
    let server = TestServer::with_page().await;
    for (target, methods) in ADDRESSES {
        if target == "/missing" {
            continue;
        }
        for method in ["PUT", "DELETE", "PATCH", "TRACE", "POST"] {
            if methods.contains(method) {
                continue;
            }
            let methods = set(Some(methods.to_owned()));
            let (status, allow) = ask_http1(server.address, method, target).await;
            assert_eq!(
                (status, set(allow)),
                (405, methods.clone()),
                "{method} {target}"
            );
            let (status, allow) = ask_http2(server.address, method, target).await;
            assert_eq!((status, set(allow)), (405, methods), "{method} {target}");
        }
    }
}

#[tokio::test]
async fn a_method_that_no_address_has_is_not_implemented() {
    let server = TestServer::with_page().await;
    for (target, _) in ADDRESSES {
        for method in ["PROPFIND", "BREW", "get"] {
            let (status, _) = ask_http1(server.address, method, target).await;
            assert_eq!(status, 501, "{method} {target}");
            let (status, _) = ask_http2(server.address, method, target).await;
            assert_eq!(status, 501, "{method} {target}");
        }
    }
}

#[tokio::test]
async fn head_is_answered_wherever_get_is() {
    let server = TestServer::with_page().await;
    for (target, _) in ADDRESSES {
        let (get, _) = ask_http1(server.address, "GET", target).await;
        let (head, _) = ask_http1(server.address, "HEAD", target).await;
        assert_eq!(head, get, "{target}");
        let get = status_of_get_http2(server.address, target).await;
        let (head, _) = ask_http2(server.address, "HEAD", target).await;
        assert_eq!(head, get, "{target}");
    }
}

#[tokio::test]
async fn an_unknown_expectation_is_answered_with_417() {
    let server = TestServer::start().await;
    for expectation in ["200-ok", "100-continue, teapot"] {
        let mut peer = TextPeer::connect(server.address).await;
        peer.send(&format!(
            "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nExpect: {expectation}\r\n\
             Content-Length: 4\r\n\r\n"
        ))
        .await;
        assert_eq!(peer.head().await.status, 417, "{expectation}");
        let mut peer = Peer::connect(server.address).await;
        let mut fields = request("POST", "/api/echo").to_vec();
        fields.push(("expect", expectation));
        peer.send(Frame::headers(1, 0, &fields)).await;
        assert_eq!(peer.expect_response(1).await, 417, "{expectation}");
    }
}

/// The head of a publish request that waits for 100 (Continue), and the first status that comes back.
async fn first_status_of_publish(server: &TestServer, fields: &[(&str, &str)]) -> [u16; 2] {
    let mut peer = TextPeer::connect(server.address).await;
    let lines = fields
        .iter()
        .flat_map(|(name, value)| [*name, ": ", *value, "\r\n"]);
    let lines: String = lines.collect();
    peer.send(&format!(
        "POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n{lines}\r\n"
    ))
    .await;
    let over_http1 = peer.head().await.status;
    let mut client = Client::connect(server.address).await;
    let mut request = client::get(MESSAGES, fields);
    *request.method_mut() = http::Method::POST;
    request
        .headers_mut()
        .insert("expect", "100-continue".parse().unwrap());
    let (mut response, _stream) = client.begin(request, false).await;
    let over_http2 = match client::informational(&mut response).await {
        Some(interim) => interim.status().as_u16(),
        None => client::whole(response).await.status(),
    };
    [over_http1, over_http2]
}

#[tokio::test]
async fn a_body_that_would_be_refused_is_not_asked_for() {
    let server = TestServer::start().await;
    for (fields, status) in [
        (&[("content-length", "5")][..], 100),
        (&[("content-length", "2000000")], 413),
        (
            &[("content-length", "5"), ("content-type", "image/png")],
            415,
        ),
        (
            &[("content-length", "5"), ("content-encoding", "gzip")],
            415,
        ),
        (&[("content-length", "5"), ("idempotency-key", "a b")], 400),
    ] {
        let statuses = first_status_of_publish(&server, fields).await;
        assert_eq!(statuses, [status, status], "{fields:?}");
    }
}

/// A free port of this machine, if nobody takes it meanwhile.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn haproxy_calls_the_server_up_with_each_of_its_checks() {
    let server = TestServer::plain().await;
    for check in [
        "option httpchk",
        "option httpchk OPTIONS *",
        "option httpchk HEAD /healthz",
        "option httpchk\n http-check send meth OPTIONS uri / ver HTTP/1.1 hdr Host localhost",
    ] {
        let port = free_port().await;
        let config = format!(
            "defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n\
             frontend stats\n bind 127.0.0.1:{port}\n stats enable\n stats uri /\n\
             backend checked\n {check}\n server roomcast {} check inter 20ms rise 1 fall 1\n",
            server.address
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("haproxy.cfg");
        std::fs::write(&path, config).unwrap();
        let haproxy = Command::new("haproxy")
            .arg("-db")
            .arg("-f")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let _haproxy = match haproxy {
            Ok(haproxy) => haproxy,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "haproxy is not installed");
                println!("haproxy is not installed: this test has tried nothing");
                return;
            }
            Err(error) => panic!("haproxy: {error}"),
        };
        assert_eq!(checked(port).await, ["UP", "L7OK"], "{check}");
    }
}

/// Status of the server in the eyes of the `HAProxy` on this port, once it has checked it, and of the check.
async fn checked(port: u16) -> [String; 2] {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let checking = async {
        loop {
            ticks.tick().await;
            if TcpStream::connect(address).await.is_err() {
                continue;
            }
            let mut peer = TextPeer::connect_plain(address).await;
            peer.send("GET /;csv HTTP/1.0\r\n\r\n").await;
            let csv = String::from_utf8(peer.rest().await).unwrap();
            let mut lines = csv.lines().skip_while(|line| !line.starts_with('#'));
            let names = lines.next().unwrap();
            let server = lines
                .find(|line| line.starts_with("checked,roomcast,"))
                .unwrap();
            let column = |name: &str| {
                let place = names.split(',').position(|column| column == name).unwrap();
                server.split(',').nth(place).unwrap().to_owned()
            };
            let check = column("check_status");
            if check.starts_with('L') {
                return [column("status"), check];
            }
        }
    };
    within("a check by HAProxy", checking).await
}
