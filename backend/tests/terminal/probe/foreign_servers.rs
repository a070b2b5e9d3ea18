//! Servers that we did not write.

use super::{expect_failure, lines, report};
use crate::support::foreign;

#[tokio::test]
async fn nghttpd_pushes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "page").unwrap();
    std::fs::write(folder.path().join("a.js"), "script").unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (key, certificate) = (folder.path().join("key"), folder.path().join("certificate"));
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let push = "/=/a.js";
    let Some(server) = foreign::nghttpd(folder.path(), push, &key, &certificate).await else {
        return;
    };
    let report = report(&["-k", &format!("https://localhost:{}/", server.port)]).await;
    assert!(
        report.starts_with("Protocol Version: HTTP/2.0\n"),
        "{report}"
    );
    assert_eq!(lines(&report, "Pushed"), ["/a.js (200, 6 bytes)"]);
}

#[tokio::test]
async fn node_over_http2_and_over_http1() {
    let script = "const server = require('node:http2').createServer((request, response) => {
        response.writeEarlyHints({ link: '</a.css>; rel=preload' });
        response.setHeader('alt-svc', 'h3=\":443\"');
        response.end('hello');
    })";
    let Some(server) = foreign::node(script).await else {
        return;
    };
    let url = format!("http://127.0.0.1:{}/", server.port);
    let of_http2 = report(&["--http2", &url]).await;
    assert!(
        of_http2.starts_with("Protocol Version: HTTP/2.0\n"),
        "{of_http2}"
    );
    assert!(of_http2.contains("</a.css>; rel=preload"), "{of_http2}");
    assert_eq!(lines(&of_http2, "Alt-Svc"), ["h3=\":443\""]);
    assert_eq!(lines(&of_http2, "Body"), ["5 bytes"]);

    let script = "const server = require('node:http').createServer((request, response) => {
        response.end('hello');
    })";
    let Some(server) = foreign::node(script).await else {
        return;
    };
    let of_http1 = report(&[&format!("http://127.0.0.1:{}/", server.port)]).await;
    assert!(
        of_http1.starts_with("Protocol Version: HTTP/1.1\n"),
        "{of_http1}"
    );
}

#[tokio::test]
async fn python_over_http1_0() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "page").unwrap();
    let Some(server) = foreign::python(folder.path()).await else {
        return;
    };
    let report = report(&[&format!("http://127.0.0.1:{}/", server.port)]).await;
    assert!(
        report.starts_with("Protocol Version: HTTP/1.0\n"),
        "{report}"
    );
    assert_eq!(lines(&report, "Body"), ["4 bytes"]);
}

#[tokio::test]
async fn nghttpd_without_http1_and_python_without_http2_are_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    if let Some(server) = foreign::nghttpd_without_tls(folder.path()).await {
        let url = format!("http://127.0.0.1:{}/", server.port);
        expect_failure(&[&url], &["does not speak HTTP/1.1", "--http2"]).await;
    }
    if let Some(server) = foreign::python(folder.path()).await {
        let url = format!("http://127.0.0.1:{}/", server.port);
        expect_failure(&["--http2", &url], &["does not speak HTTP/2", "--http1"]).await;
    }
}
