//! The stream of primes over TLS, by both versions of HTTP and the client's own library.

use bytes::Bytes;
use http::{Method, Request, Response, Version};
use http_body_util::BodyExt as _;
use roomcast_client::http::{Connection, Options, ResponseBody, Trust, Versions, empty};

use crate::support::frame::{CANCEL, Frame};
use crate::support::peer::Peer;
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::within;

const BOTH: [(Versions, Version); 2] = [
    (Versions::Http1, Version::HTTP_11),
    (Versions::Http2, Version::HTTP_2),
];

async fn connect(server: &TestServer, versions: Versions) -> Connection {
    let url = format!("https://{}/", server.address).parse().unwrap();
    let options = Options {
        versions,
        ..Options::new(Trust::Anyone)
    };
    within("a connection", Connection::open(&url, &options))
        .await
        .unwrap()
}

/// The answer to a request with these fields on a connection of its own.
async fn send(
    server: &TestServer,
    (versions, version): (Versions, Version),
    request: http::request::Builder,
) -> Response<ResponseBody> {
    let mut connection = connect(server, versions).await;
    assert_eq!(connection.version(), version);
    let request = request.body(empty()).unwrap();
    within("a response", connection.send(request))
        .await
        .unwrap()
}

fn get(query: &str) -> http::request::Builder {
    Request::get(format!("/prime{query}"))
}

async fn text(response: Response<ResponseBody>) -> String {
    let body = within("the end of a body", response.into_body().collect()).await;
    String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap()
}

/// The next piece of a body.
async fn piece(response: &mut Response<ResponseBody>) -> Bytes {
    let frame = within("a piece of a body", response.body_mut().frame()).await;
    frame.unwrap().unwrap().into_data().unwrap()
}

fn event(id: u64, number: &str) -> String {
    format!("id: {id}\ndata: {{\"id\":{id},\"number\":{number}}}\n\n")
}

/// A start whose first prime takes a search of minutes in a debug build.
fn far_away() -> String {
    format!("/prime?from=1{}", "0".repeat(999))
}

/// Waits until there are so many searches.
async fn searches(server: &TestServer, count: usize) {
    let reached = async {
        while server.primes.searches() != count {
            tokio::task::yield_now().await;
        }
    };
    within("the number of searches", reached).await;
}

#[tokio::test]
async fn without_parameters_it_is_the_stream_of_the_book_and_begins_at_once() {
    let server = TestServer::start().await;
    for protocol in BOTH {
        let mut response = send(&server, protocol, get("")).await;
        assert_eq!(response.status(), 200);
        let field = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(field("content-type"), "text/event-stream");
        assert_eq!(field("cache-control"), "no-cache, no-transform");
        assert_eq!(field("access-control-allow-origin"), "*");
        assert_eq!(piece(&mut response).await, event(1, "2"));
        assert_eq!(piece(&mut response).await, event(2, "3"));
    }
}

#[tokio::test]
async fn a_hundred_events_come_and_then_the_end() {
    let server = TestServer::start().await;
    for protocol in BOTH {
        let body = text(send(&server, protocol, get("?interval=0")).await).await;
        assert!(body.starts_with(&(event(1, "2") + &event(2, "3"))));
        assert!(body.ends_with(&event(100, "541")));
        assert_eq!(body.matches("\n\n").count(), 100);
    }
}

#[tokio::test]
async fn it_starts_at_the_first_prime_that_is_not_below_from_and_has_count_events() {
    let server = TestServer::start().await;
    let query = "?from=18446744073709551616&count=2&interval=1ms";
    let expected = event(1, "\"18446744073709551629\"") + &event(2, "\"18446744073709551653\"");
    for protocol in BOTH {
        assert_eq!(
            text(send(&server, protocol, get(query)).await).await,
            expected
        );
    }
}

#[tokio::test]
async fn a_count_of_0_goes_on_for_as_long_as_somebody_reads() {
    let server = TestServer::start().await;
    for protocol in BOTH {
        let mut response = send(&server, protocol, get("?interval=0&count=0")).await;
        let mut received = 0;
        while received < 1_000_000 {
            received += piece(&mut response).await.len();
        }
    }
}

#[tokio::test]
async fn it_goes_on_after_the_last_event_and_behind_the_last_one_is_nothing() {
    let server = TestServer::start().await;
    let rest = event(99, "523") + &event(100, "541");
    for protocol in BOTH {
        let resume = |id| get("?interval=0").header("last-event-id", id);
        assert_eq!(
            text(send(&server, protocol, resume("98")).await).await,
            rest
        );
        let by_query = get("?interval=0&last-event-id=98");
        assert_eq!(text(send(&server, protocol, by_query).await).await, rest);
        let end = send(&server, protocol, resume("100")).await;
        assert_eq!(end.status(), 204);
        assert_eq!(end.headers()["access-control-allow-origin"], "*");
        assert_eq!(text(end).await, "");
    }
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused_with_a_reason() {
    let server = TestServer::start().await;
    for protocol in BOTH {
        for (query, reason) in [
            ("?from=1e9", "The parameter \\\"from\\\" must be"),
            ("?count=-1", "The parameter \\\"count\\\" must be"),
            ("?interval=1", "The parameter \\\"interval\\\" must be"),
            ("?start=1", "There is no parameter \\\"start\\\""),
            (
                "?from=18446744073709551616&count=0&last-event-id=1000000000",
                "The stream cannot go on so far from its start",
            ),
        ] {
            let response = send(&server, protocol, get(query)).await;
            assert_eq!(response.status(), 400, "{query}");
            let field = |name: &str| response.headers()[name].to_str().unwrap();
            assert_eq!(field("content-type"), "application/problem+json");
            assert_eq!(field("access-control-allow-origin"), "*");
            let problem = text(response).await;
            assert!(problem.contains(reason), "{problem}");
        }
    }
}

#[tokio::test]
async fn head_says_nothing_of_the_length_of_a_stream() {
    let server = TestServer::start().await;
    for protocol in BOTH {
        let head = Request::builder().method(Method::HEAD).uri("/prime");
        let head = send(&server, protocol, head).await;
        assert_eq!(head.status(), 200);
        assert_eq!(head.headers()["content-type"], "text/event-stream");
        assert_eq!(head.headers().get("content-length"), None);
        assert_eq!(text(head).await, "");
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_its_search_in_the_middle_of_a_number() {
    let server = TestServer::start().await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(1, &far_away())).await;
    assert_eq!(peer.expect_response(1).await, 200);
    searches(&server, 1).await;
    peer.send(Frame::reset(1, CANCEL)).await;
    searches(&server, 0).await;
    peer.expect_alive().await;

    let mut peer = TextPeer::connect(server.address).await;
    assert_eq!(peer.get(&far_away()).await.status, 200);
    searches(&server, 1).await;
    drop(peer);
    searches(&server, 0).await;
}

#[tokio::test]
async fn one_search_more_than_an_address_may_have_is_refused_until_one_ends() {
    let server = TestServer::start_with(|config| {
        config.limits.max_searches_per_address = 1;
    })
    .await;
    let mut peer = Peer::connect(server.address).await;
    peer.send(Frame::get(1, &far_away())).await;
    assert_eq!(peer.expect_response(1).await, 200);
    searches(&server, 1).await;

    let large = "?from=18446744073709551616&count=1";
    let refused = send(&server, BOTH[0], get(large)).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "10");
    let problem = text(refused).await;
    assert!(problem.contains("end one of them"), "{problem}");
    // Small primes are no search.
    let small = send(&server, BOTH[0], get("?count=1")).await;
    assert_eq!(text(small).await, event(1, "2"));

    peer.send(Frame::reset(1, CANCEL)).await;
    searches(&server, 0).await;
    let admitted = send(&server, BOTH[0], get(large)).await;
    assert_eq!(text(admitted).await, event(1, "\"18446744073709551629\""));
}
