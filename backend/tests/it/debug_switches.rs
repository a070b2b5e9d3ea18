//! `ROOMCAST_DEBUG`: HTTP/2 switched off, and its frames printed.

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::support::client::{Client, get, whole, whole_pushed};
use crate::support::fixture;
use crate::support::process::ServerProcess;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::{tls, within};

async fn without_http2(plain: bool) -> TestServer {
    TestServer::start_with(|config| {
        config.debug = "http2server=0".parse().unwrap();
        config.plain = plain;
    })
    .await
}

#[tokio::test]
async fn without_http2_a_client_that_prefers_it_gets_http1() {
    let server = without_http2(false).await;
    let io = tls::connect(server.address, &[b"h2", b"http/1.1"]).await;
    assert_eq!(io.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let mut peer = TextPeer::over(io);
    let head = peer.get("/healthz").await;
    assert!(head.text.starts_with("HTTP/1.1 200"), "{}", head.text);
}

#[tokio::test]
async fn without_http2_a_client_that_speaks_nothing_else_is_turned_away_in_the_handshake() {
    let server = without_http2(false).await;
    let tcp = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let error = tls::handshake(tcp, tls::H2).await.unwrap_err();
    assert!(
        error.to_string().contains("NoApplicationProtocol"),
        "{error}"
    );
}

#[tokio::test]
async fn without_http2_prior_knowledge_is_refused_in_http1() {
    let server = without_http2(true).await;
    let mut peer = TextPeer::connect_plain(server.address).await;
    peer.expect_no_http2().await;
    let mut text = TextPeer::connect_plain(server.address).await;
    let head = text.get("/healthz").await;
    assert!(head.text.starts_with("HTTP/1.1 200"), "{}", head.text);
}

/// Loads the page with its pushes and a secret, and yields what the server said about it.
async fn frames_of_a_page_load(switches: &str) -> String {
    let page = tempfile::tempdir().unwrap();
    fixture::write(page.path());
    let assets = page.path().to_str().unwrap();
    let (server, mut stderr) =
        ServerProcess::start_and_listen(&["--assets", assets, "--debug", switches]).await;
    let mut client = Client::connect_with(server.address, &h2::client::Builder::new()).await;
    let fields = [("authorization", "tell-nobody"), ("cookie", "tell=nobody")];
    let (mut response, _) = client.begin(get("/", &fields), true).await;
    let mut pushes = response.push_promises();
    assert_eq!(whole(response).await.status(), 200);
    while let Some(push) = within("a push", pushes.push_promise()).await {
        let (_, response) = push.unwrap().into_parts();
        whole_pushed(response).await;
    }
    server.signal("KILL");
    let mut said = Vec::new();
    within("its last words", stderr.read_to_end(&mut said))
        .await
        .unwrap();
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn each_frame_of_a_page_load_is_a_line() {
    let said = frames_of_a_page_load("http2debug=1").await;
    for expected in [
        " received SETTINGS stream=0 flags=none ",
        " sent     SETTINGS stream=0 flags=none ",
        " received HEADERS stream=1 flags=END_STREAM|END_HEADERS ",
        " sent     PUSH_PROMISE stream=1 flags=END_HEADERS ",
        " promised=2\n",
        " sent     HEADERS stream=1 flags=END_HEADERS ",
        " sent     DATA stream=1 ",
        " sent     DATA stream=2 ",
    ] {
        assert!(said.contains(expected), "no {expected:?} in {said}");
    }
    let is_line = |line: &str| line.starts_with("http2 #1 ");
    assert!(said.lines().all(is_line), "{said}");
}

#[tokio::test]
async fn contents_follow_without_secrets() {
    let said = frames_of_a_page_load("http2debug=2").await;
    for expected in [
        "    :path: /\n",
        "    :path: /app-0123456789abcdef.js\n",
        "    :status: 200\n",
        "    content-type: text/html",
        "    authorization: (11 bytes, hidden)\n",
        "    cookie: (11 bytes, hidden)\n",
        "    \"/* 0 */\\n/* 1 */",
    ] {
        assert!(said.contains(expected), "no {expected:?} in {said}");
    }
    assert!(!said.contains("nobody"), "{said}");
}

#[tokio::test]
async fn nothing_is_printed_unless_it_is_asked_for() {
    assert_eq!(frames_of_a_page_load("").await, "");
}

#[tokio::test]
async fn an_unknown_switch_ends_the_program_at_its_start() {
    for (switches, named) in [("http2=0", "'http2'"), ("http2debug=3", "'3'")] {
        let run = Command::new(env!("CARGO_BIN_EXE_roomcast"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("ROOMCAST_DEBUG", switches)
            .output();
        let output = within("the end of the program", run).await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("ROOMCAST_DEBUG") && said.contains(named),
            "{said}"
        );
    }
}
