//! What a page needs goes ahead of it: pushed, or hinted, or neither (RFC 9113, section 8.4;
//! RFC 8297).

use crate::support::client::{self, Client, Whole};
use crate::support::fixture::NEEDS;
use crate::support::frame::{
    CANCEL, DATA, ENABLE_PUSH, END_STREAM, Frame, HEADERS, INITIAL_WINDOW_SIZE,
    MAX_CONCURRENT_STREAMS, PUSH_PROMISE, request, status,
};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;

/// Gets the page with these fields from a client that takes pushes; also what was pushed.
async fn get_page(server: &TestServer, fields: &[(&str, &str)]) -> (Whole, Vec<(String, Whole)>) {
    client::get_with_pushes(server.address, "/", fields).await
}

#[tokio::test]
async fn exactly_what_the_page_needs_is_pushed_with_the_bytes_of_a_normal_response() {
    let server = TestServer::with_page().await;
    for coding in ["br", "gzip", "identity"] {
        let fields = [("accept-encoding", coding)];
        let (page, pushed) = get_page(&server, &fields).await;
        assert_eq!(page.status(), 200);

        let mut paths: Vec<_> = pushed.iter().map(|(path, _)| path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, NEEDS);
        let mut client = Client::connect(server.address).await;
        for (path, mut pushed) in pushed {
            let mut asked = client.get(&path, &fields).await;
            assert_eq!(pushed.body, asked.body);
            for whole in [&mut pushed, &mut asked] {
                assert!(whole.head.headers_mut().remove("date").is_some());
            }
            assert_eq!(pushed.head.headers(), asked.head.headers());
            assert_eq!(pushed.head.status(), asked.head.status());
        }
    }
}

#[tokio::test]
async fn promises_come_before_the_response_and_what_was_promised_behind_the_document() {
    let server = TestServer::with_page().await;
    let window = (INITIAL_WINDOW_SIZE, 1_000_000);
    let mut peer = Peer::connect_with(server.address, &[window]).await;
    peer.send(Frame::window_update(0, 10_000_000)).await;
    peer.send(Frame::get(1, "/")).await;
    for _ in NEEDS {
        let promise = peer
            .expect(|frame| [PUSH_PROMISE, HEADERS].contains(&frame.kind))
            .await;
        assert_eq!((promise.kind, promise.stream), (PUSH_PROMISE, 1));
    }
    assert_eq!(peer.expect_response(1).await, 200);
    loop {
        let data = peer.expect(|frame| frame.kind == DATA).await;
        assert_eq!(data.stream, 1, "a pushed body went ahead of the document");
        if data.has(END_STREAM) {
            break;
        }
    }
    let mut ended = vec![];
    while ended.len() < NEEDS.len() {
        let end = peer
            .expect(|frame| frame.kind == DATA && frame.has(END_STREAM))
            .await;
        ended.push(end.stream);
    }
    ended.sort_unstable();
    assert_eq!(ended, [2, 4, 6]);
}

#[tokio::test]
async fn what_a_client_resets_is_not_sent_and_the_rest_is() {
    let server = TestServer::with_page().await;
    // Without a window no body begins before the reset.
    let mut peer = Peer::connect_with(server.address, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    peer.send(Frame::get(1, "/")).await;
    for _ in NEEDS {
        peer.expect(|frame| frame.kind == PUSH_PROMISE).await;
    }
    peer.send(Frame::reset(4, CANCEL)).await;
    peer.send(Frame::settings(&[(INITIAL_WINDOW_SIZE, 1_000_000)]))
        .await;
    peer.send(Frame::window_update(0, 10_000_000)).await;
    let mut ended = vec![];
    while ended.len() < NEEDS.len() {
        let data = peer.expect(|frame| frame.kind == DATA).await;
        assert_ne!(data.stream, 4);
        if data.has(END_STREAM) {
            ended.push(data.stream);
        }
    }
    ended.sort_unstable();
    assert_eq!(ended, [1, 2, 6]);
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_client_that_allows_one_pushed_stream_gets_one_at_a_time() {
    let server = TestServer::with_page().await;
    let settings = [
        (MAX_CONCURRENT_STREAMS, 1),
        (INITIAL_WINDOW_SIZE, 1_000_000),
    ];
    let mut peer = Peer::connect_with(server.address, &settings).await;
    peer.send(Frame::window_update(0, 10_000_000)).await;
    peer.send(Frame::get(1, "/")).await;
    let mut open = None;
    let mut ended = 0;
    while ended < NEEDS.len() {
        let frame = peer
            .expect(|frame| frame.stream > 0 && frame.stream.is_multiple_of(2))
            .await;
        if frame.kind == HEADERS {
            assert_eq!(open.replace(frame.stream), None, "two at a time");
        }
        if frame.has(END_STREAM) {
            assert_eq!(open.take(), Some(frame.stream));
            ended += 1;
        }
    }
}

#[tokio::test]
async fn a_client_that_allows_no_pushed_stream_gets_its_page_all_the_same() {
    let server = TestServer::with_page().await;
    let mut peer = Peer::connect_with(server.address, &[(MAX_CONCURRENT_STREAMS, 0)]).await;
    peer.send(Frame::get(1, "/")).await;
    assert_eq!(peer.expect_response(1).await, 200);
    peer.expect_end(1).await;
    peer.expect_alive().await;
}

#[tokio::test]
async fn a_client_without_pushes_gets_one_103_with_the_links() {
    let server = TestServer::with_page().await;
    let (page, links) = client::get_with_hints(server.address, "/").await;
    assert_eq!(links.len(), NEEDS.len(), "{links:?}");
    for (link, path) in links.iter().zip(NEEDS) {
        assert!(link.starts_with(&format!("<{path}>; rel=")), "{link}");
    }
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn a_client_that_has_the_bundle_is_neither_pushed_nor_hinted_what_it_has() {
    let server = TestServer::with_page().await;
    let (page, _) = get_page(&server, &[]).await;
    assert_eq!(
        page.field("set-cookie"),
        None,
        "who knows whether it is kept"
    );
    let tag = page.field("etag").unwrap();
    let (again, _) = get_page(&server, &[("if-none-match", tag)]).await;
    let cookie = again.field("set-cookie").unwrap();
    let (cookie, _) = cookie.split_once(';').unwrap();
    for field in [("cookie", cookie), ("if-none-match", tag)] {
        let (_, pushed) = get_page(&server, &[field]).await;
        assert_eq!(pushed.len(), 0);
        let mut client = Client::connect(server.address).await;
        let (mut response, _) = client.begin(client::get("/", &[field]), true).await;
        assert!(client::informational(&mut response).await.is_none());
        client::whole(response).await;
    }
}

#[tokio::test]
async fn nothing_goes_ahead_of_what_is_no_page() {
    let server = TestServer::with_page().await;
    let window = (INITIAL_WINDOW_SIZE, 1_000_000);
    let mut peer = Peer::connect_with(server.address, &[window]).await;
    peer.send(Frame::window_update(0, 10_000_000)).await;
    for (stream, path) in [(1, NEEDS[0]), (3, "/missing"), (5, "/healthz")] {
        peer.send(Frame::get(stream, path)).await;
        let first = peer
            .expect(|frame| [PUSH_PROMISE, HEADERS].contains(&frame.kind))
            .await;
        assert_eq!(first.kind, HEADERS);
        peer.expect_end(stream).await;
    }
}

#[tokio::test]
async fn pushes_can_be_switched_off_on_the_way() {
    let server = TestServer::with_page().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::settings(&[(ENABLE_PUSH, 0)])).await;
    peer.send(Frame::get(1, "/")).await;
    let first = peer
        .expect(|frame| [PUSH_PROMISE, HEADERS].contains(&frame.kind))
        .await;
    assert_eq!(first.kind, HEADERS);
}

#[tokio::test]
async fn over_http1_the_same_bytes_come_alone() {
    let server = TestServer::with_page().await;
    let mut client = Client::connect(server.address).await;
    let over_http2 = client.get("/", &[]).await;
    let mut peer = TextPeer::connect(server.address).await;
    let head = peer.get("/").await;
    assert_eq!(head.status, 200);
    assert_eq!(peer.body(&head).await, over_http2.body);
}

#[tokio::test]
async fn a_client_that_names_its_host_in_a_field_gets_what_others_get() {
    let server = TestServer::with_page().await;
    let [method, scheme, path, _] = request("GET", "/");
    let fields = [method, scheme, path, ("host", "localhost")];
    for (push, first) in [(1, PUSH_PROMISE), (0, HEADERS)] {
        let mut peer = Peer::connect_with(server.address, &[(ENABLE_PUSH, push)]).await;
        peer.send(Frame::headers(1, END_STREAM, &fields)).await;
        let frame = peer
            .expect(|frame| [PUSH_PROMISE, HEADERS].contains(&frame.kind))
            .await;
        assert_eq!(frame.kind, first);
        if frame.kind == HEADERS {
            assert_eq!(status(&frame.payload), 103);
        }
        assert_eq!(peer.expect_response(1).await, 200);
    }
}
