//! `/prime` over the router, with the clock in hand.

mod limits;

use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use http::Request;
use http_body_util::BodyExt;
use tokio::time::Instant;
use tower::ServiceExt;

use super::*;
use crate::prime::SearchLimits;

struct Server {
    router: Router,
    state: TestState,
}

#[derive(Clone)]
struct TestState {
    primes: Arc<Primes>,
    shutdown: Shutdown,
}

impl FromRef<TestState> for Arc<Primes> {
    fn from_ref(state: &TestState) -> Self {
        Arc::clone(&state.primes)
    }
}

impl FromRef<TestState> for Shutdown {
    fn from_ref(state: &TestState) -> Self {
        state.shutdown.clone()
    }
}

impl Server {
    fn new() -> Self {
        Self::with_searches(100)
    }

    /// One that searches from so many starts at a time.
    fn with_searches(max_total: usize) -> Self {
        let limits = SearchLimits {
            max_total,
            max_per_address: 100,
        };
        let state = TestState {
            shutdown: Shutdown::new(),
            primes: Arc::new(Primes::with_limits(limits)),
        };
        let router = Router::new()
            .route("/prime", get(prime))
            .with_state(state.clone());
        Self { router, state }
    }

    async fn request(&self, request: http::request::Builder) -> Response {
        let request = request.body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, query: &str) -> Response {
        self.request(Request::get(format!("/prime{query}"))).await
    }

    async fn resume(&self, query: &str, last_event_id: &str) -> Response {
        let request = Request::get(format!("/prime{query}"));
        self.request(request.header(LAST_EVENT_ID, last_event_id))
            .await
    }
}

/// The next piece of a body.
async fn piece(response: &mut Response) -> Option<String> {
    let frame = response.body_mut().frame().await?.unwrap();
    Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
}

async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

fn event(id: u64, number: &str) -> String {
    format!("id: {id}\ndata: {{\"id\":{id},\"number\":{number}}}\n\n")
}

#[tokio::test(start_paused = true)]
async fn the_first_event_comes_at_once_and_one_a_second_after_it_and_the_hundredth_is_the_last() {
    let server = Server::new();
    let mut response = server.get("").await;
    let start = Instant::now();
    let mut body = String::new();
    for id in 1..=100 {
        let event = piece(&mut response).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), id - 1);
        assert!(event.starts_with(&format!("id: {id}\ndata: ")));
        body += &event;
    }
    assert_eq!(piece(&mut response).await, None);
    assert!(body.starts_with("id: 1\ndata: {\"id\":1,\"number\":2}\n\nid: 2\n"));
    assert!(body.ends_with(&event(100, "541")));
}

#[tokio::test]
async fn the_header_fields_say_that_it_is_a_stream_for_everybody() {
    let server = Server::new();
    let response = server.get("").await;
    assert_eq!(response.status(), StatusCode::OK);
    let field = |name: &str| response.headers()[name].to_str().unwrap();
    assert_eq!(field("content-type"), "text/event-stream");
    assert_eq!(field("cache-control"), "no-cache, no-transform");
    assert_eq!(field("x-accel-buffering"), "no");
    assert_eq!(field("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn head_has_the_same_header_fields_and_no_body() {
    let server = Server::new();
    let head = server.request(Request::head("/prime")).await;
    assert_eq!(head.headers(), server.get("").await.headers());
    assert_eq!(text(head).await, "");
}

#[tokio::test]
async fn a_stream_starts_at_the_first_prime_that_is_not_below_from() {
    let server = Server::new();
    for (from, number) in [
        ("0", "2"),
        ("2", "2"),
        ("90", "97"),
        ("9007199254740881", "9007199254740881"),
        ("9007199254740992", "\"9007199254740997\""),
        ("18446744073709551558", "\"18446744073709551629\""),
    ] {
        let response = server.get(&format!("?from={from}&count=1")).await;
        assert_eq!(text(response).await, event(1, number), "from {from}");
    }
}

#[tokio::test]
async fn a_stream_crosses_2_to_the_53_and_2_to_the_64() {
    let server = Server::new();
    let response = server
        .get("?from=9007199254740881&count=2&interval=0")
        .await;
    assert_eq!(
        text(response).await,
        event(1, "9007199254740881") + &event(2, "\"9007199254740997\"")
    );
    let response = server
        .get("?from=18446744073709551557&count=2&interval=0")
        .await;
    assert_eq!(
        text(response).await,
        event(1, "\"18446744073709551557\"") + &event(2, "\"18446744073709551629\"")
    );
}

#[tokio::test(start_paused = true)]
async fn the_interval_sets_the_pace() {
    let server = Server::new();
    let mut response = server.get("?interval=250ms").await;
    let start = Instant::now();
    for id in 0..10 {
        piece(&mut response).await.unwrap();
        assert_eq!(start.elapsed().as_millis(), id * 250);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_was_slow_gets_no_burst() {
    let server = Server::new();
    let mut response = server.get("").await;
    piece(&mut response).await.unwrap();
    tokio::time::advance(Duration::from_secs(10)).await;
    piece(&mut response).await.unwrap();
    let start = Instant::now();
    assert_eq!(piece(&mut response).await, Some(event(3, "5")));
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test]
async fn without_an_interval_many_events_come_in_one_piece() {
    let server = Server::new();
    let mut response = server.get("?interval=0&count=2500").await;
    let mut body = String::new();
    let mut pieces = 0;
    while let Some(piece) = piece(&mut response).await {
        pieces += 1;
        body += &piece;
    }
    assert_eq!(pieces, 3);
    assert_eq!(body.matches("\n\n").count(), 2_500);
    assert!(body.ends_with(&event(2_500, "22307")));
}

#[tokio::test]
async fn a_stream_without_end_goes_on_beyond_the_default_count() {
    let server = Server::new();
    let mut response = server.get("?interval=0&count=0").await;
    for _ in 0..5 {
        assert!(piece(&mut response).await.unwrap().len() > 16_384);
    }
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_comes_when_nothing_else_was_sent_for_15_seconds() {
    let server = Server::new();
    let mut response = server.get("?interval=40s").await;
    let start = Instant::now();
    for (seconds, expected) in [
        (0, event(1, "2")),
        (15, ":\n\n".to_owned()),
        (30, ":\n\n".to_owned()),
        (40, event(2, "3")),
        (55, ":\n\n".to_owned()),
    ] {
        assert_eq!(piece(&mut response).await, Some(expected));
        assert_eq!(start.elapsed(), Duration::from_secs(seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn a_resumed_stream_goes_on_after_the_last_event_at_once() {
    let server = Server::new();
    let start = Instant::now();
    let mut response = server.resume("", "42").await;
    assert_eq!(piece(&mut response).await, Some(event(43, "191")));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_stream_can_be_resumed_far_from_its_start() {
    let server = Server::new();
    let response = server.resume("?count=0664580&interval=0", "664579").await;
    assert_eq!(text(response).await, event(664_580, "10000019"));
}

#[tokio::test]
async fn a_stream_of_large_primes_can_be_resumed() {
    let server = Server::new();
    let query = "?from=18446744073709551616&interval=0&count=4";
    let all = text(server.get(query).await).await;
    let rest = text(server.resume(query, "2").await).await;
    assert!(all.ends_with(&rest));
    assert!(rest.starts_with(&event(3, "\"18446744073709551667\"")));
}

#[tokio::test]
async fn after_the_last_event_there_is_no_content_which_tells_a_reader_to_stop() {
    let server = Server::new();
    for id in ["100", "101"] {
        let response = server.resume("", id).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(text(response).await, "");
    }
    assert_eq!(server.resume("", "99").await.status(), StatusCode::OK);
    assert_eq!(
        server.resume("?count=0", "100").await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_parameter_resumes_too_and_the_header_field_wins() {
    let server = Server::new();
    let mut response = server.get("?last-event-id=42").await;
    assert_eq!(piece(&mut response).await, Some(event(43, "191")));
    let mut response = server.resume("?last-event-id=42", "1").await;
    assert_eq!(piece(&mut response).await, Some(event(2, "3")));
    let response = server.get("?last-event-id=100").await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_last_event_id_that_is_none_starts_the_stream_anew_and_says_so() {
    let server = Server::new();
    for id in ["abc", "-1", "99999999999999999999", "\u{fc}"] {
        let mut response = server.resume("?interval=0&count=1", id).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(
            piece(&mut response)
                .await
                .unwrap()
                .starts_with(": The Last-Event-ID")
        );
        assert_eq!(piece(&mut response).await, Some(event(1, "2")));
    }
    let mut response = server.resume("?interval=0&count=1", "").await;
    assert_eq!(piece(&mut response).await, Some(event(1, "2")));
}

#[tokio::test]
async fn a_query_that_is_not_understood_gets_400_and_a_sentence() {
    let server = Server::new();
    for (query, sentence) in [
        ("?from=abc", "The parameter \\\"from\\\" must be"),
        ("?count=-1", "The parameter \\\"count\\\" must be"),
        ("?interval=1", "The parameter \\\"interval\\\" must be"),
        (
            "?last-event-id=x",
            "The parameter \\\"last-event-id\\\" must be",
        ),
        (
            "?from=1&from=2",
            "The parameter \\\"from\\\" is given twice",
        ),
        ("?frm=1", "There is no parameter \\\"frm\\\""),
    ] {
        let response = server.get(query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem = text(response).await;
        assert!(problem.contains(sentence), "{problem}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_the_server_stops() {
    let server = Server::new();
    let mut response = server.get("").await;
    piece(&mut response).await.unwrap();
    let waiting = tokio::spawn(async move { piece(&mut response).await });
    tokio::task::yield_now().await;
    server.state.shutdown.request();
    let start = Instant::now();
    assert_eq!(waiting.await.unwrap(), None);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_search_for_a_large_prime_ends_when_the_server_stops() {
    let server = Server::new();
    let digits = "9".repeat(1_000);
    let mut response = server.get(&format!("?from={digits}")).await;
    let waiting = tokio::spawn(async move { piece(&mut response).await });
    tokio::task::yield_now().await;
    server.state.shutdown.request();
    assert_eq!(waiting.await.unwrap(), None);
}
