//! `roomcast probe`.

mod foreign_servers;
mod no_answer;

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::certificates::Authority;
use crate::support::misbehaving::{answering, over_tls, serve};
use crate::support::program::{Run, command, roomcast, run};
use crate::support::server::OurServer;
use crate::support::within;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Probes and expects a report.
async fn report(arguments: &[&str]) -> String {
    let run = probe(arguments).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stderr, "");
    run.stdout
}

/// Probes and expects a sentence that contains these words.
async fn expect_failure(arguments: &[&str], words: &[&str]) {
    let run = probe(arguments).await;
    assert_eq!(run.code, 1, "{run:?}");
    assert!(lines(&run.stdout, "Body").is_empty(), "{run:?}");
    let one_line = run.stderr.trim_end().lines().count() == 1;
    assert!(run.stderr.starts_with("roomcast: ") && one_line, "{run:?}");
    for words in words {
        assert!(run.stderr.contains(words), "no {words:?} in {}", run.stderr);
    }
}

async fn probe(arguments: &[&str]) -> Run {
    roomcast(&[&["probe"], arguments].concat()).await
}

fn http(address: SocketAddr) -> String {
    format!("http://{address}/")
}

/// Every line that begins with this name, without it.
fn lines<'a>(report: &'a str, name: &str) -> Vec<&'a str> {
    let values = report.lines().filter_map(|line| line.strip_prefix(name));
    values.map(str::trim_start).collect()
}

#[tokio::test]
async fn our_server_over_http2_pushes_and_takes_extended_connect() {
    let server = OurServer::start().await;
    let report = report(&["-k", &server.url("https", "/")]).await;
    assert!(
        report.starts_with("Protocol Version: HTTP/2.0\n"),
        "{report}"
    );
    assert!(
        lines(&report, "TLS ")[0].starts_with("TLS 1.3, TLS_"),
        "{report}"
    );
    assert_eq!(lines(&report, "ALPN"), ["h2"]);
    assert_eq!(lines(&report, "  issued by"), ["itself"]);
    // The host's own name follows.
    let names = lines(&report, "  names");
    assert!(
        names[0].starts_with("localhost, 127.0.0.1, ::1"),
        "{report}"
    );
    assert!(
        lines(&report, "Ext. CONNECT")[0].starts_with("yes"),
        "{report}"
    );
    assert!(report.contains("MAX_CONCURRENT_STREAMS="), "{report}");
    let pushed = lines(&report, "Pushed");
    assert!(
        pushed[0].starts_with("/app-0123456789abcdef.js (200, "),
        "{report}"
    );
    assert!(report.contains("\n200 OK\n"), "{report}");
    assert!(report.contains("\ncontent-type: text/html"), "{report}");
}

#[tokio::test]
async fn our_server_hints_to_those_who_take_no_pushes() {
    let server = OurServer::start().await;
    let report = report(&["-k", "--no-push", &server.url("https", "/")]).await;
    assert_eq!(lines(&report, "Informational"), ["103 Early Hints"]);
    assert!(
        report.contains("</app-0123456789abcdef.js>; rel=modulepreload"),
        "{report}"
    );
    assert!(lines(&report, "Pushed").is_empty(), "{report}");
}

#[tokio::test]
async fn our_server_over_http1_and_without_tls() {
    let server = OurServer::start().await;
    let report_of_http1 = report(&["-k", "--http1", &server.url("https", "/healthz")]).await;
    assert!(
        report_of_http1.starts_with("Protocol Version: HTTP/1.1\n"),
        "{report_of_http1}"
    );
    assert_eq!(lines(&report_of_http1, "ALPN"), ["http/1.1"]);
    assert!(lines(&report_of_http1, "Settings").is_empty());

    let plain = OurServer::start_with(|config| config.plain = true).await;
    for (option, version) in [("--http1", "HTTP/1.1"), ("--http2", "HTTP/2.0")] {
        let report = report(&[option, &plain.url("http", "/healthz")]).await;
        assert!(
            report.starts_with(&format!("Protocol Version: {version}\n")),
            "{report}"
        );
        assert!(lines(&report, "TLS").is_empty(), "{report}");
    }
}

#[tokio::test]
async fn an_endless_stream_is_no_reason_to_wait() {
    let server = OurServer::start().await;
    let report = report(&["-k", &server.url("https", "/prime?count=0")]).await;
    assert!(
        report.contains("\ncontent-type: text/event-stream"),
        "{report}"
    );
    assert!(
        lines(&report, "Body")[0].ends_with(" and more to come"),
        "{report}"
    );
}

#[tokio::test]
async fn a_program_gets_a_line_of_json_for_each_address() {
    let server = OurServer::start().await;
    let url = server.url("https", "/");
    let run = probe(&["-k", "--json", &url, "https://unknown.invalid/"]).await;
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("1 of 2 servers"), "{run:?}");
    let values: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [ours, unknown] = values.as_slice() else {
        panic!("{run:?}");
    };
    assert_eq!(ours["url"], url);
    assert_eq!(ours["protocol_version"], "HTTP/2.0");
    assert_eq!(ours["tls"]["version"], "TLS 1.3");
    assert_eq!(ours["tls"]["certificate"]["self_signed"], true);
    assert_eq!(ours["http2"]["extended_connect"], true);
    assert_eq!(ours["http2"]["settings"]["ENABLE_CONNECT_PROTOCOL"], 1);
    assert_eq!(ours["status"], 200);
    assert_eq!(ours["pushes"][0]["path"], "/app-0123456789abcdef.js");
    assert_eq!(ours["body"]["ended"], true);
    for step in ["dns", "connect", "tls", "first_byte", "total"] {
        assert!(ours["times_ms"][step].is_f64(), "{step}: {ours}");
    }
    assert_eq!(unknown["error"]["step"], "dns");
}

#[tokio::test]
async fn a_server_that_is_vouched_for_needs_no_insecure() {
    let authority = Authority::new();
    let address = over_tls(authority.certify("localhost", |_| {}), &["http/1.1"]).await;
    let url = format!("https://localhost:{}/", address.port());
    let mut trusting = command(&["probe", &url]);
    let run = run(trusting.env("SSL_CERT_FILE", authority.file())).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(lines(&run.stdout, "  names"), ["localhost"]);
    expect_failure(&[&url], &["nobody that this system trusts", "--insecure"]).await;
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_is_told_in_plain_words() {
    let authority = Authority::new();
    let expired = authority.certify("localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 2, 1);
    });
    let early = authority.certify("localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2091, 1, 1);
    });
    let other_name = authority.certify("example.com", |_| {});
    for (certificate, words) in [
        (expired, "ended on Sat, 01 Feb 2020 00:00:00 GMT"),
        (early, "begins only on Sun, 01 Jan 2090 00:00:00 GMT"),
        (other_name, "for example.com and not for localhost"),
    ] {
        let address = over_tls(certificate, &["http/1.1"]).await;
        let url = format!("https://localhost:{}/", address.port());
        let mut trusting = command(&["probe", &url]);
        let run = run(trusting.env("SSL_CERT_FILE", authority.file())).await;
        assert_eq!(run.code, 1);
        assert!(run.stderr.contains(words), "{run:?}");
        report(&["-k", &url]).await;
    }
}

#[tokio::test]
async fn each_step_that_fails_is_named() {
    let authority = Authority::new();
    expect_failure(
        &["http://unknown.invalid/"],
        &["unknown.invalid was not found"],
    )
    .await;

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    expect_failure(
        &[&http(address)],
        &["no connection to 127.0.0.1", "refused"],
    )
    .await;

    let plain = answering(OK).await;
    let tls = format!("https://{plain}/");
    expect_failure(&["-k", &tls], &["no TLS", "does not speak TLS"]).await;

    let http1 = over_tls(authority.certify("localhost", |_| {}), &["http/1.1"]).await;
    let tls = format!("https://{http1}/");
    expect_failure(
        &["-k", "--http2", &tls],
        &["version of HTTP", "ALPN", "offered (h2)"],
    )
    .await;
}

#[tokio::test]
async fn servers_that_misbehave_are_told_apart() {
    let closing = serve(async |tcp| drop(tcp)).await;
    expect_failure(&[&http(closing)], &["HTTP failed"]).await;
    expect_failure(
        &["-k", &format!("https://{closing}/")],
        &["no TLS with 127.0.0.1"],
    )
    .await;

    let garbage = answering(b"\x00\x01garbage\r\n\r\n").await;
    expect_failure(&[&http(garbage)], &["HTTP failed"]).await;
    expect_failure(&["--http2", &http(garbage)], &["HTTP failed"]).await;
}

#[tokio::test]
async fn what_is_known_when_a_body_breaks_off_is_told_beside_the_failure() {
    let cut = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfour").await;
    let run = probe(&[&http(cut)]).await;
    assert_eq!(run.code, 1);
    assert_eq!(lines(&run.stdout, "Body"), ["4 bytes, then it broke off"]);
    assert!(run.stdout.contains("\n200 OK\n"), "{run:?}");
    assert!(run.stderr.contains("broke off after 4 bytes"), "{run:?}");
    let run = probe(&["--json", &http(cut)]).await;
    let value: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(value["status"], 200);
    assert_eq!(
        value["body"],
        serde_json::json!({"bytes": 4, "ended": false})
    );
    assert_eq!(value["error"]["step"], "body");
}

#[tokio::test]
async fn without_tls_nobody_has_to_be_trusted() {
    let nobody = tempfile::NamedTempFile::new().unwrap();
    let plain = answering(OK).await;
    for (url, code) in [(http(plain), 0), (format!("https://{plain}/"), 1)] {
        let mut command = command(&["probe", &url]);
        let run = run(command.env("SSL_CERT_FILE", nobody.path())).await;
        assert_eq!(run.code, code, "{run:?}");
        let is_told = run.stderr.contains("no certificate authorities");
        assert_eq!(is_told, code == 1, "{run:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_left_when_the_time_is_over() {
    let silent = serve(async |tcp| {
        std::future::pending::<()>().await;
        drop(tcp);
    })
    .await;
    let waiting = ["--timeout", "200ms"];
    for (url, words) in [
        (http(silent), "no answer to the request within 200ms"),
        (
            format!("https://{silent}/"),
            "while the client had to agree on TLS",
        ),
    ] {
        expect_failure(&[waiting.as_slice(), &["-k", &url]].concat(), &[words]).await;
    }
}

#[tokio::test]
async fn a_status_is_a_failure_only_to_those_who_want_it() {
    let broken = answering(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n").await;
    let report = report(&[&http(broken)]).await;
    assert!(report.contains("\n500 Internal Server Error\n"), "{report}");
    let run = probe(&["--fail", &http(broken)]).await;
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("it answered 500"), "{run:?}");
    assert!(
        run.stdout.contains("\n500 Internal Server Error\n"),
        "{run:?}"
    );
}

#[tokio::test]
async fn fields_are_sent_as_they_are_given() {
    let (sender, mut requests) = tokio::sync::mpsc::channel(1);
    let server = serve(move |mut tcp| {
        let sender = sender.clone();
        async move {
            let mut request = vec![0; 4_096];
            let read = tcp.read(&mut request).await.unwrap();
            request.truncate(read);
            tcp.write_all(OK).await.unwrap();
            sender
                .send(String::from_utf8(request).unwrap())
                .await
                .unwrap();
        }
    })
    .await;
    let fields = ["-H", "User-Agent: mine", "-H", "X-Two: 1", "-H", "X-Two: 2"];
    let url = format!("http://{server}/path?query");
    report(&[fields.as_slice(), &[&url]].concat()).await;
    let request = within("a request", requests.recv()).await.unwrap();
    assert!(
        request.starts_with("GET /path?query HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains(&format!("host: {server}\r\n")),
        "{request}"
    );
    assert_eq!(request.matches("user-agent: ").count(), 1, "{request}");
    for field in ["user-agent: mine\r\n", "x-two: 1\r\n", "x-two: 2\r\n"] {
        assert!(request.contains(field), "no {field:?} in {request}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_exit_code_2() {
    for arguments in [
        &["ftp://a/"][..],
        &["wss://a/"],
        &["https://a:99999/"],
        &[],
        &["--http1", "--http2", "https://a/"],
    ] {
        let run = probe(arguments).await;
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_command_quietly() {
    let server = OurServer::start().await;
    let url = server.url("https", "/");
    let mut child = command(&["probe", "-k", &url])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = within("the end", child.wait_with_output()).await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
