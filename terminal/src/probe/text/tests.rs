use http::{HeaderValue, Response, StatusCode, Version};
use roomcast_client::http::Times;
use roomcast_http2_debug::frame::{Setting, SettingId};

use super::*;
use crate::probe::report::{BodyEnd, BodyReport, ProbeTimes};

fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

fn report() -> Report {
    let mut hints = Response::new(());
    *hints.status_mut() = StatusCode::EARLY_HINTS;
    *hints.headers_mut() = headers(&[("link", "</a>; rel=preload"), ("link", "</b>")]);
    Report {
        remote: ([127, 0, 0, 1], 8443).into(),
        version: Some(Version::HTTP_2),
        tls: Some(TlsReport {
            version: "TLS 1.3".to_owned(),
            cipher_suite: "TLS_AES_256_GCM_SHA384".to_owned(),
            key_exchange: Some("X25519".to_owned()),
            alpn: Some("h2".to_owned()),
            certificate: Some(Certificate {
                subject: "CN=Ada".to_owned(),
                issuer: "CN=Babbage".to_owned(),
                not_before: "2026-01-01T00:00:00Z".to_owned(),
                not_after: "2027-01-01T00:00:00Z".to_owned(),
                names: vec!["localhost".to_owned(), "::1".to_owned()],
                sha256: "AB:CD".to_owned(),
                is_self_signed: false,
            }),
        }),
        settings: Some(vec![
            Setting {
                id: SettingId(0x4),
                value: 65_535,
            },
            Setting {
                id: SettingId::ENABLE_CONNECT_PROTOCOL,
                value: 1,
            },
        ]),
        informational: vec![hints],
        answer: Some(answer()),
        times: ProbeTimes {
            opening: Times {
                resolve: Duration::from_micros(100),
                connect: Duration::from_micros(200),
                tls: Some(Duration::from_millis(3)),
            },
            first_byte: Some(Duration::from_micros(4_040)),
            total: Duration::from_millis(12),
        },
    }
}

fn answer() -> Answer {
    Answer {
        status: StatusCode::OK,
        headers: headers(&[
            ("content-type", "text/html"),
            ("alt-svc", "h3=\":443\""),
            ("x-two", "1"),
            ("x-two", "2"),
        ]),
        pushes: vec![
            PushReport {
                path: "/app.js".to_owned(),
                response: Ok((StatusCode::OK, 12)),
            },
            PushReport {
                path: "/b".to_owned(),
                response: Err("it did not come".to_owned()),
            },
        ],
        body: BodyReport {
            bytes: 34,
            end: BodyEnd::Whole,
        },
    }
}

#[test]
fn a_report_is_a_table_with_the_version_first() {
    let url = "https://localhost:8443/".parse().unwrap();
    let expected = "\
Protocol Version: HTTP/2.0
Address        https://localhost:8443/ at 127.0.0.1:8443
TLS            TLS 1.3, TLS_AES_256_GCM_SHA384, X25519
ALPN           h2
Certificate    CN=Ada
  issued by    CN=Babbage
  names        localhost, ::1
  valid from   2026-01-01T00:00:00Z
  until        2027-01-01T00:00:00Z
  SHA-256      AB:CD
Settings       INITIAL_WINDOW_SIZE=65535
               ENABLE_CONNECT_PROTOCOL=1
Ext. CONNECT   yes: WebSockets can go over HTTP/2
Informational  103 Early Hints
               </a>; rel=preload
               </b>
Pushed         /app.js (200, 12 bytes)
               /b (failed: it did not come)
Alt-Svc        h3=\":443\"
Body           34 bytes
Times          DNS 0.1 ms, connect 0.2 ms, TLS 3.0 ms, first byte 4.0 ms, total 12.0 ms

200 OK
content-type: text/html
alt-svc: h3=\":443\"
x-two: 1
x-two: 2
";
    assert_eq!(describe(&url, &report(), Colours::Off), expected);
}

#[test]
fn over_http1_without_tls_only_what_is_there_is_told() {
    let url = "http://localhost/".parse().unwrap();
    let mut report = report();
    report.version = Some(Version::HTTP_10);
    report.tls = None;
    report.settings = None;
    report.informational.clear();
    let answer = report.answer.as_mut().unwrap();
    answer.pushes.clear();
    answer.headers.clear();
    answer.status = StatusCode::INTERNAL_SERVER_ERROR;
    answer.body.end = BodyEnd::LeftOff;
    report.times.opening.tls = None;
    let expected = "\
Protocol Version: HTTP/1.0
Address        http://localhost/ at 127.0.0.1:8443
Body           34 bytes and more to come
Times          DNS 0.1 ms, connect 0.2 ms, first byte 4.0 ms, total 12.0 ms

500 Internal Server Error
";
    assert_eq!(describe(&url, &report, Colours::Off), expected);
}

#[test]
fn what_a_stranger_wrote_cannot_play_with_the_terminal_and_colours_are_ours() {
    let url = "https://localhost/".parse().unwrap();
    let mut report = report();
    let field = HeaderValue::from_bytes(b"\x9b2J\xc2\x9b2J").unwrap();
    let answer = report.answer.as_mut().unwrap();
    answer.headers.insert("server", field);
    if let Some(certificate) = report.tls.as_mut().and_then(|tls| tls.certificate.as_mut()) {
        certificate.subject = "CN=\u{1b}[2J".to_owned();
    }
    let plain = describe(&url, &report, Colours::Off);
    assert!(
        !plain.chars().any(|c| c.is_control() && c != '\n'),
        "{plain:?}"
    );
    let coloured = describe(&url, &report, Colours::On);
    assert!(coloured.starts_with("Protocol Version: \u{1b}[1mHTTP/2.0\u{1b}[0m\n"));
}

#[test]
fn without_an_answer_what_was_agreed_on_before_is_told() {
    let url = "https://localhost:8443/".parse().unwrap();
    let mut report = report();
    report.answer = None;
    report.times.first_byte = None;
    let text = describe(&url, &report, Colours::Off);
    assert!(
        text.starts_with("Protocol Version: HTTP/2.0\nAddress "),
        "{text}"
    );
    let end = "Times          DNS 0.1 ms, connect 0.2 ms, TLS 3.0 ms, total 12.0 ms\n";
    assert!(text.ends_with(end), "{text}");
    assert!(!text.contains("Body"), "{text}");
    report.version = None;
    assert!(describe(&url, &report, Colours::Off).starts_with("Address "));
}
