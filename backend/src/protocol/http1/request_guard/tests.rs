use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::Instant;

use super::*;

const TIMEOUT: Duration = Duration::from_secs(10);

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A guarded connection, its client and the state of its responses.
fn guarded() -> (RequestGuard<DuplexStream>, DuplexStream, Exchange) {
    let (ours, theirs) = tokio::io::duplex(10_000);
    let exchange = Exchange::default();
    let guard = RequestGuard::new(ours, exchange.clone(), 1_000, TIMEOUT);
    (guard, theirs, exchange)
}

/// Reads exactly this.
async fn expect(guard: &mut RequestGuard<DuplexStream>, text: &str) {
    let mut read = vec![0; text.len()];
    guard.read_exact(&mut read).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&read), text);
}

/// When the connection is cut off after these bytes, the last of which come one in three seconds; at most after
/// a hundred times the time of a unit. Responses are sent at once.
async fn cut_off_after(text: &str, dripping: &'static str) -> Duration {
    let (mut guard, mut theirs, exchange) = guarded();
    theirs.write_all(text.as_bytes()).await.unwrap();
    tokio::spawn(async move {
        for byte in dripping.bytes() {
            tokio::time::sleep(Duration::from_secs(3)).await;
            if theirs.write_u8(byte).await.is_err() {
                return;
            }
        }
        std::future::pending::<()>().await;
    });
    let begin = Instant::now();
    let reading = async {
        while guard.read_u8().await.is_ok() {
            drop(exchange.begin());
        }
    };
    let _ = tokio::time::timeout(TIMEOUT * 100, reading).await;
    begin.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_head_is_cut_off_at_its_deadline() {
    let begun = "GET / HTTP/1.1\r\nHost: a\r\n";
    assert_eq!(cut_off_after(begun, "").await, TIMEOUT);
    assert_eq!(cut_off_after(begun, "X: yyyyyyyyy\r\n").await, TIMEOUT);
    // Also one that begins in the same piece as the request before it, whatever that was.
    let post = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nfoo";
    for before in [GET, post] {
        assert_eq!(cut_off_after(&[before, "G"].concat(), "").await, TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn a_chunk_line_is_cut_off_at_its_deadline() {
    for begun in ["1", "2\r\nab\r\n3;x"] {
        let text = [CHUNKED, begun].concat();
        assert_eq!(cut_off_after(&text, "").await, TIMEOUT);
        assert_eq!(cut_off_after(&text, ";yyyyyyyyy").await, TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn trailers_are_cut_off_at_their_deadline() {
    for begun in ["0\r\n", "0\r\nX: y\r\n"] {
        let text = [CHUNKED, begun].concat();
        assert_eq!(cut_off_after(&text, "").await, TIMEOUT);
        assert_eq!(cut_off_after(&text, "X: yyyyyyyy\r\n").await, TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn connections_and_bodies_may_rest() {
    let body = "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n";
    let chunk = [CHUNKED, "9\r\n"].concat();
    let after_a_body = [body, "123456789\r\n"].concat();
    for text in ["", GET, body, CHUNKED, &chunk, &after_a_body] {
        assert_eq!(cut_off_after(text, "").await, TIMEOUT * 100, "{text:?}");
    }
    assert_eq!(cut_off_after(body, "12345678").await, TIMEOUT * 100);
}

#[tokio::test(start_paused = true)]
async fn a_head_may_wait_for_the_response_before_it() {
    let (mut guard, mut theirs, exchange) = guarded();
    theirs.write_all(GET.as_bytes()).await.unwrap();
    expect(&mut guard, GET).await;
    let answering = exchange.begin();
    theirs.write_all(b"GET").await.unwrap();
    let waiting = tokio::time::timeout(TIMEOUT * 9, guard.read_u8()).await;
    assert!(waiting.is_err());
    drop(answering);
    let begin = Instant::now();
    let error = guard.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(begin.elapsed(), TIMEOUT);
}

#[tokio::test]
async fn a_refused_head_is_answered_behind_the_requests_before_it() {
    let (mut guard, mut theirs, exchange) = guarded();
    let smuggled = "GET /secret HTTP/1.1\r\n\r\n";
    let text = [GET, "HEAD / HTTP/1.1\r\nX : y\r\n\r\n", smuggled].concat();
    theirs.write_all(text.as_bytes()).await.unwrap();
    expect(&mut guard, GET).await;
    expect(
        &mut guard,
        "HEAD / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n",
    )
    .await;
    let first = exchange.begin();
    assert_eq!(first.refusal(), None);
    drop(first);
    let problem = exchange.begin().refusal();
    assert_eq!(problem, Some(HeadError::Field.problem()));
    let nothing = tokio::time::timeout(Duration::from_millis(1), guard.read_u8()).await;
    assert!(nothing.is_err());
}

#[tokio::test]
async fn a_later_minor_version_is_read_as_ours() {
    let (mut guard, mut theirs, _) = guarded();
    theirs.write_all(b"GET /a HTTP/1.7\r\n\r\n").await.unwrap();
    expect(&mut guard, "GET /a HTTP/1.1\r\n\r\n").await;
}

#[tokio::test]
async fn a_malformed_body_fails_the_read() {
    let (mut guard, mut theirs, _) = guarded();
    let text = [CHUNKED, "1\r\na\r\nzz\r\n"].concat();
    theirs.write_all(text.as_bytes()).await.unwrap();
    expect(&mut guard, &text[..text.len() - 4]).await;
    let error = guard.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[tokio::test(start_paused = true)]
async fn behind_an_upgrade_everything_is_passed_on() {
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let (mut guard, mut theirs, exchange) = guarded();
    theirs.write_all(upgrade.as_bytes()).await.unwrap();
    expect(&mut guard, upgrade).await;
    let answering = exchange.begin();
    answering.upgrade();
    drop(answering);
    for frame in ["\0\n", "\r"] {
        theirs.write_all(frame.as_bytes()).await.unwrap();
        expect(&mut guard, frame).await;
        tokio::time::advance(TIMEOUT * 2).await;
    }
}

#[tokio::test]
async fn what_hyper_has_not_seen_goes_on_to_the_upgraded_connection() {
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let (mut guard, mut theirs, _) = guarded();
    theirs
        .write_all(&[upgrade, "early"].concat().into_bytes())
        .await
        .unwrap();
    let length = guard.read(&mut [0; 1_000]).await.unwrap();
    assert_eq!(length, upgrade.len());
    let (_, unread) = guard.into_parts();
    assert_eq!(&unread[..], b"early");
}

#[tokio::test]
async fn a_request_that_was_not_upgraded_is_followed_by_another() {
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n";
    let (mut guard, mut theirs, exchange) = guarded();
    theirs
        .write_all(&[upgrade, GET].concat().into_bytes())
        .await
        .unwrap();
    expect(&mut guard, upgrade).await;
    let answering = exchange.begin();
    let mut reading = poll_once(&mut guard);
    assert!(reading.is_pending());
    drop(answering);
    reading = poll_once(&mut guard);
    assert!(reading.is_ready());
}

/// Polls for a byte once.
fn poll_once(guard: &mut RequestGuard<DuplexStream>) -> Poll<io::Result<()>> {
    let mut byte = [0; 1];
    let mut buf = ReadBuf::new(&mut byte);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    Pin::new(guard).poll_read(&mut cx, &mut buf)
}
