//! Requests that are not answered as they should: what is said, and what is known by then.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{expect_failure, http, lines, probe};
use crate::support::certificates::Authority;
use crate::support::misbehaving::{answering, over_tls_with, requiring_client_certificate, serve};
use crate::support::process::ServerProcess;

#[tokio::test]
async fn a_server_that_speaks_something_else_is_told_in_words() {
    let http1 = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let words = ["the server does not speak HTTP/2", "--http1"];
    expect_failure(&["--http2", &http(http1)], &words).await;

    // What begins HTTP/2, and an alert of TLS.
    let http2 = answering(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00").await;
    let words = ["the server does not speak HTTP/1.1", "--http2"];
    expect_failure(&[&http(http2)], &words).await;
    let tls = answering(b"\x15\x03\x01\x00\x02\x02\x46").await;
    expect_failure(&[&http(tls)], &["speaks TLS on this port", "https://"]).await;

    let closing = serve(async |tcp| drop(tcp)).await;
    let words = [
        "ended the connection without an answer",
        "try HTTP/2 (--http2)",
    ];
    expect_failure(&[&http(closing)], &words).await;
    let words = [
        "ended the connection without an answer",
        "try HTTP/1.1 (--http1)",
    ];
    expect_failure(&["--http2", &http(closing)], &words).await;
}

#[tokio::test]
async fn the_reason_that_ends_an_http2_connection_is_told_without_marks_of_a_program() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("http://{}/", server.address);
    let words = "the server ended the connection: this port speaks TLS; use https:// (";
    expect_failure(&["--http2", &url], &[words]).await;
}

#[tokio::test]
async fn what_is_known_when_no_answer_comes_is_told_beside_the_failure() {
    // Agrees on HTTP/2, sends empty SETTINGS and falls silent.
    let certificate = Authority::new().certify("localhost", |_| {});
    let silent = over_tls_with(certificate, &["h2"], async |mut io| {
        io.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
        io.flush().await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let url = format!("https://localhost:{}/", silent.port());
    let arguments = ["-k", "--timeout", "1s", &url];
    let run = probe(&arguments).await;
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.starts_with("Protocol Version: HTTP/2.0\n"),
        "{run:?}"
    );
    assert_eq!(lines(&run.stdout, "ALPN"), ["h2"]);
    assert_eq!(lines(&run.stdout, "  names"), ["localhost"]);
    assert_eq!(
        lines(&run.stdout, "Settings"),
        ["none, all at their defaults"]
    );
    assert!(
        run.stderr.contains("no answer to the request within 1s"),
        "{run:?}"
    );

    let run = probe(&[&["--json"], &arguments[..]].concat()).await;
    let value: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(value["error"]["step"], "answer");
    assert_eq!(value["tls"]["alpn"], "h2");
    assert_eq!(value["http2"]["extended_connect"], false);
    assert!(value["times_ms"]["tls"].is_f64(), "{value}");
    assert!(
        value["status"].is_null() && value["body"].is_null(),
        "{value}"
    );
}

#[tokio::test]
async fn a_server_that_asks_for_a_client_certificate_is_told_as_a_failure_of_tls() {
    let certificate = Authority::new().certify("localhost", |_| {});
    let strict = requiring_client_certificate(certificate).await;
    let url = format!("https://localhost:{}/", strict.port());
    // The refusal comes before, while or after the request is written.
    for version in ["--http1", "--http2"] {
        for _ in 0..5 {
            let words = ["no TLS with localhost", "asks for a client certificate"];
            expect_failure(&["-k", version, &url], &words).await;
        }
    }
}

#[tokio::test]
async fn a_cut_over_tls_is_told_without_an_address_of_a_manual() {
    let certificate = Authority::new().certify("localhost", |_| {});
    let cutting = over_tls_with(certificate, &["http/1.1"], async |mut io| {
        let mut request = [0; 4_096];
        let _ = io.read(&mut request).await;
        io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234")
            .await
            .unwrap();
        io.flush().await.unwrap();
        // TCP ends and TLS does not.
        io.get_mut().0.shutdown().await.unwrap();
    })
    .await;
    let url = format!("https://localhost:{}/", cutting.port());
    let run = probe(&["-k", &url]).await;
    assert_eq!(run.code, 1, "{run:?}");
    let words = "the connection was cut without a TLS close_notify\n";
    assert!(run.stderr.ends_with(words), "{run:?}");
}
