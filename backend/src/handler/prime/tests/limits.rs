//! How many searches for large primes there may be, and how far a stream may be from its start.

use super::*;

#[tokio::test]
async fn one_start_of_large_primes_more_than_allowed_is_refused_for_a_while() {
    let server = Server::with_searches(1);
    let mut first = server.get("?from=18446744073709551616&interval=0").await;
    assert!(piece(&mut first).await.is_some());
    let shared = server.get("?from=18446744073709551616").await;
    assert_eq!(shared.status(), StatusCode::OK);

    let refused = server.get("?from=18446744073709551617").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "10");
    assert_eq!(refused.headers()["access-control-allow-origin"], "*");
    let problem = text(refused).await;
    assert!(
        problem.contains("from 1 large numbers already"),
        "{problem}"
    );
    // What the sieve yields is no search.
    let sieved = server.get("?from=549755813887&count=1").await;
    assert_eq!(sieved.status(), StatusCode::OK);
    let beyond = server.get("?from=549755813888&count=1").await;
    assert_eq!(beyond.status(), StatusCode::SERVICE_UNAVAILABLE);
    let near = server.resume("?count=0", "250999").await;
    assert_eq!(near.status(), StatusCode::OK);
    let far = server.resume("?count=0", "252000").await;
    assert_eq!(far.status(), StatusCode::SERVICE_UNAVAILABLE);

    drop((first, shared));
    let admitted = server.get("?from=18446744073709551617").await;
    assert_eq!(admitted.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_greater_the_primes_the_nearer_to_its_start_a_stream_must_go_on() {
    let server = Server::new();
    for (from, last) in [
        ("2", 40_000_000_000_u64),
        ("9999999999999999999", 125_000_000),
        ("18446744073709551616", 37_037_037),
    ] {
        let query = format!("?count=0&from={from}");
        let response = server.resume(&query, &last.to_string()).await;
        assert_eq!(response.status(), StatusCode::OK, "{from}");
        let response = server.resume(&query, &(last + 10_000).to_string()).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{from}");
        let problem = text(response).await;
        assert!(
            problem.contains(&format!("up to {last} primes")),
            "{problem}"
        );
    }
    // Behind its last event nothing has to be computed.
    let done = server
        .resume("?from=18446744073709551616", "40000000")
        .await;
    assert_eq!(done.status(), StatusCode::NO_CONTENT);
}
