//! `roomcast load`.

use serde_json::Value;

use crate::support::certificates::Authority;
use crate::support::foreign;
use crate::support::misbehaving::{answering, over_tls};
use crate::support::process::ServerProcess;
use crate::support::program::{Run, command, roomcast};
use crate::support::pseudo_terminal::PseudoTerminal;
use crate::support::server::OurServer;
use crate::support::within;

/// The script of our server's page.
const SCRIPT: &str = "/app-0123456789abcdef.js";

/// Loads and expects a page, as JSON.
async fn load(arguments: &[&str]) -> Value {
    let run = roomcast(&[&["load", "-k", "--json"], arguments].concat()).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

/// Path, initiator, protocol and status of each file.
fn files(load: &Value) -> Vec<(String, String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let files = load["files"].as_array().unwrap().iter();
    let mut files: Vec<_> = files
        .map(|file| {
            let url: http::Uri = text(&file["url"]).parse().unwrap();
            let status = file["status"].as_u64().unwrap_or_default();
            (
                url.path().to_owned(),
                text(&file["initiator"]),
                text(&file["protocol"]),
                status,
            )
        })
        .collect();
    files.sort();
    files
}

fn file(path: &str, initiator: &str, protocol: &str, status: u64) -> (String, String, String, u64) {
    (
        path.to_owned(),
        initiator.to_owned(),
        protocol.to_owned(),
        status,
    )
}

#[tokio::test]
async fn an_untrusted_certificate_is_told_with_the_option_that_accepts_it() {
    let server = ServerProcess::start(&[]).await;
    // The port redirects from http:// to https://.
    for scheme in ["https", "http"] {
        let run = roomcast(&["load", &format!("{scheme}://{}/", server.address)]).await;
        assert_eq!(run.code, 1, "{run:?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(
            said.contains("--insecure accepts any certificate"),
            "{run:?}"
        );
    }
}

#[tokio::test]
async fn our_page_comes_by_push_by_hint_or_by_its_own_links() {
    let server = OurServer::start().await;
    let url = server.url("https", "/");
    for (arguments, initiator, protocol) in [
        (&[][..], "push", "HTTP/2"),
        (&["--no-push"], "hint", "HTTP/2"),
        (&["--no-push", "--no-hints"], "parser", "HTTP/2"),
        (&["--http1"], "parser", "HTTP/1.1"),
    ] {
        let load = load(&[arguments, &[&url]].concat()).await;
        assert_eq!(
            files(&load),
            [
                file("/", "address", protocol, 200),
                file(SCRIPT, initiator, protocol, 200),
                file("/favicon.ico", "parser", protocol, 308),
                // The client of these tests has no icons.
                file("/icon-192.png", "redirect", protocol, 404),
            ],
            "{arguments:?}"
        );
        assert_eq!(load["mode"], protocol);
        for file in load["files"].as_array().unwrap() {
            assert_eq!(
                (&file["needed"], &file["error"]),
                (&Value::Bool(true), &Value::Null)
            );
        }
    }
}

#[tokio::test]
async fn a_comparison_has_four_ways_and_a_distance_shows() {
    let server = OurServer::start().await;
    let url = server.url("https", "/");
    let arguments = ["--compare", "--rounds", "1", "--rtt", "20ms", &url];
    let comparison = load(&arguments).await;
    let modes = comparison["modes"].as_array().unwrap();
    let names: Vec<_> = modes
        .iter()
        .map(|mode| mode["mode"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "HTTP/1.1",
            "HTTP/2",
            "HTTP/2 with hints",
            "HTTP/2 with push"
        ]
    );
    let pushed: Vec<_> = modes
        .iter()
        .map(|mode| mode["pushed"].as_u64().unwrap())
        .collect();
    assert_eq!(pushed, [0, 0, 0, 1]);
    for mode in modes {
        // TCP, TLS and the request: no machine is faster than three round trips.
        assert!(mode["document_ms"].as_f64().unwrap() >= 60.0, "{mode}");
        assert_eq!(mode["load"]["link"]["rtt_ms"], 20.0);
    }
    let run = roomcast(&[&["load", "-k"], &arguments[..]].concat()).await;
    let table: Vec<_> = run.stdout.lines().rev().take(4).collect();
    assert!(
        table[0].starts_with("HTTP/2 with push ") && table[3].starts_with("HTTP/1.1 "),
        "{run:?}"
    );
}

#[tokio::test]
async fn a_picture_is_written_beside_the_one_on_the_terminal() {
    let server = OurServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("page.svg");
    let url = server.url("https", "/");
    let run = roomcast(&["load", "-k", "--svg", picture.to_str().unwrap(), &url]).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stdout.contains(" push ") && !run.stdout.contains('\x1b'),
        "{run:?}"
    );
    assert!(
        run.stdout
            .lines()
            .skip(1)
            .all(|line| line.chars().count() <= 80),
        "{run:?}"
    );
    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("<g class=\"pushed\">"));
    let nowhere = folder.path().join("no/page.svg");
    let run = roomcast(&["load", "-k", "--svg", nowhere.to_str().unwrap(), &url]).await;
    assert!(
        run.code == 1 && run.stderr.contains("cannot write"),
        "{run:?}"
    );
}

#[tokio::test]
async fn nghttpd_pushes_what_it_is_told_to() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = page_folder();
    let [key, certificate] = ["key.pem", "certificate.pem"].map(|name| folder.path().join(name));
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let push = "/index.html=/style.css,/vain.txt";
    let nghttpd = foreign::nghttpd(folder.path(), push, &key, &certificate).await;
    let Some(server) = nghttpd else { return };
    let load = load(&[&format!("https://localhost:{}/index.html", server.port)]).await;
    let expected = [
        file("/favicon.ico", "parser", "HTTP/2", 404),
        file("/image.png", "style", "HTTP/2", 200),
        file("/index.html", "address", "HTTP/2", 200),
        file("/script.js", "parser", "HTTP/2", 200),
        file("/style.css", "push", "HTTP/2", 200),
        file("/vain.txt", "push", "HTTP/2", 200),
    ];
    assert_eq!(files(&load), expected);
    let all = load["files"].as_array().unwrap();
    let vain = all.iter().filter(|file| file["needed"] == false).count();
    assert_eq!(vain, 1, "{load}");
}

#[tokio::test]
async fn pythons_server_is_asked_over_several_connections() {
    let folder = page_folder();
    let Some(server) = foreign::python(folder.path()).await else {
        return;
    };
    let load = load(&[&format!("http://127.0.0.1:{}/", server.port)]).await;
    let expected = [
        file("/", "address", "HTTP/1.1", 200),
        file("/favicon.ico", "parser", "HTTP/1.1", 404),
        file("/image.png", "style", "HTTP/1.1", 200),
        file("/script.js", "parser", "HTTP/1.1", 200),
        file("/style.css", "parser", "HTTP/1.1", 200),
    ];
    assert_eq!(files(&load), expected);
    // It closes each connection after one response.
    assert_eq!(load["connections"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn nodes_server_over_http2_without_tls_is_asked_with_prior_knowledge() {
    let script = "const server = require('http2').createServer((request, response) => {\
        if (request.url !== '/') { response.setHeader('content-encoding', 'gzip');\
            response.end(require('zlib').gzipSync('x'.repeat(1000))); return; }\
        response.writeEarlyHints({ link: '</hinted.js>; rel=preload; as=script' });\
        response.setHeader('content-type', 'text/html');\
        response.end('<link rel=icon href=data:,><script src=hinted.js></script><img src=i.png>'); })";
    let Some(server) = foreign::node(script).await else {
        return;
    };
    let load = load(&["--http2", &format!("http://127.0.0.1:{}/", server.port)]).await;
    let expected = [
        file("/", "address", "HTTP/2", 200),
        file("/favicon.ico", "parser", "HTTP/2", 200),
        file("/hinted.js", "hint", "HTTP/2", 200),
        file("/i.png", "parser", "HTTP/2", 200),
    ];
    assert_eq!(files(&load), expected);
    let decoded = load["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["decoded_bytes"]);
    assert_eq!(decoded.filter(|bytes| **bytes == 1000).count(), 3);
    assert_eq!(load["connections"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_page_that_does_not_come_is_one_sentence_and_an_exit_code() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let run = roomcast(&["load", &url]).await;
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(
        run.stderr
            .starts_with("roomcast: no connection to 127.0.0.1:"),
        "{run:?}"
    );
    for wrong in [
        &["load", "ws://localhost/"][..],
        &["load", "--compare", "--http1", &url],
        &["load", "--max-files", "0", &url],
    ] {
        let run = roomcast(wrong).await;
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let server = OurServer::start().await;
    let mut program = command(&["load", "-k", &server.url("https", "/")]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    program.stdout(writer).stderr(std::process::Stdio::piped());
    let output = within("the end of the program", program.output())
        .await
        .unwrap();
    let run = Run {
        code: output.status.code().unwrap(),
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

/// A folder with a page for other servers.
fn page_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "index.html",
            "<!DOCTYPE html><link rel=icon href=data:,><link rel=stylesheet href=style.css>\
             <script src=script.js></script>",
        ),
        ("style.css", "body { background: url(image.png) }"),
        ("script.js", "1"),
        ("image.png", "image"),
        ("vain.txt", "vain"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[tokio::test]
async fn a_comparison_says_on_a_terminal_which_way_and_round_is_under_way() {
    let server = OurServer::start().await;
    let url = server.url("https", "/");
    // Each load is over within a second; all of them are not.
    let arguments = [
        "load",
        "-k",
        "--compare",
        "--rounds",
        "2",
        "--rtt",
        "100ms",
        &url,
    ];
    let Some(mut terminal) = PseudoTerminal::start(&arguments) else {
        return;
    };
    terminal.shows(", round ").await;
    terminal.shows(" of 2: ").await;
    terminal.shows("HTTP/2 with push").await;
    assert_eq!(terminal.exit().await, 0);
}

#[tokio::test]
async fn a_way_that_is_not_spoken_is_marked_and_the_rest_compared() {
    // HTTP/1.1 alone, closing after each answer.
    let http1 =
        answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let url = format!("http://{http1}/");
    let run = roomcast(&["load", "--compare", "--rounds", "1", &url]).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(
        run.stdout.contains("\nHTTP/2             not spoken\n"),
        "{run:?}"
    );
    assert!(
        run.stdout.contains("the server does not speak HTTP/2"),
        "{run:?}"
    );
    let comparison = load(&["--compare", "--rounds", "1", &url]).await;
    let modes = &comparison["modes"];
    assert!(
        modes[0]["document_ms"].is_f64() && modes[0]["error"].is_null(),
        "{modes}"
    );
    assert!(
        modes[1]["error"].is_string() && modes[1]["document_ms"].is_null(),
        "{modes}"
    );

    let http2 = over_tls(Authority::new().certify("localhost", |_| {}), &["spdy"]).await;
    let url = format!("https://localhost:{}/", http2.port());
    let run = roomcast(&["load", "-k", "--compare", "--rounds", "1", &url]).await;
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(
        run.stderr.contains("HTTP/1.1: ") && run.stderr.contains("; HTTP/2: "),
        "{run:?}"
    );
}

#[tokio::test]
async fn nghttpd_without_http1_is_compared_by_its_ways_over_http2() {
    let folder = page_folder();
    let Some(server) = foreign::nghttpd_without_tls(folder.path()).await else {
        return;
    };
    let url = format!("http://127.0.0.1:{}/", server.port);
    let comparison = load(&["--compare", "--rounds", "1", &url]).await;
    let modes = &comparison["modes"];
    assert!(modes[0]["error"].is_string(), "{modes}");
    assert_eq!(modes[1]["saved_ms"], 0.0, "{modes}");
}
