//! Clients that we did not write, where they are installed.

use std::process::Stdio;

use tokio::process::Command;

use crate::support::fixture::NEEDS;
use crate::support::server::TestServer;
use crate::support::within;

/// What a program prints; `None`, and a sentence, if it is not installed. It must succeed.
async fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let command = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match within(program, command).await {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let is_ci = std::env::var_os("CI").is_some();
            assert!(!is_ci, "{program} is not installed");
            println!("{program} is not installed: this test has tried nothing");
            return None;
        }
        Err(error) => panic!("{program}: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    Some(text)
}

#[tokio::test]
async fn curl_gets_the_same_page_over_each_protocol() {
    let server = TestServer::with_page().await;
    let plain = TestServer::plain().await;
    let url = format!("https://{}/", server.address);
    let mut bodies = vec![];
    for version in ["--http1.1", "--http2"] {
        let format = "%{http_version} %{http_code}";
        let arguments = ["-ksS", version, "-o", "/dev/null", "-w", format, &url];
        let Some(text) = run("curl", &arguments).await else {
            return;
        };
        let expected = if version == "--http2" {
            "2 200"
        } else {
            "1.1 200"
        };
        assert_eq!(text, expected);
        bodies.push(run("curl", &["-ksS", version, &url]).await.unwrap());
    }
    assert_eq!(bodies[0], bodies[1]);

    let url = format!("http://{}/healthz", plain.address);
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        run("curl", &["-sSf", version, &url]).await;
    }
}

#[tokio::test]
async fn curl_that_offers_http2_gets_http1_where_it_is_switched_off() {
    let server = TestServer::start_with(|config| {
        config.debug = "http2server=0".parse().unwrap();
    })
    .await;
    let url = format!("https://{}/healthz", server.address);
    let format = "%{http_version} %{http_code}";
    let arguments = ["-ksS", "--http2", "-o", "/dev/null", "-w", format, &url];
    let Some(text) = run("curl", &arguments).await else {
        return;
    };
    assert_eq!(text, "1.1 200");
}

#[tokio::test]
async fn curl_hears_why_its_body_is_refused_while_it_is_still_sending() {
    let server = TestServer::start_with(|config| config.limits.max_body_bytes = 1024 * 1024).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("body");
    for (target, length, status) in [
        ("/api/echo", 5_000_000, "413"),
        ("/healthz", 100_000, "405"),
        ("/missing", 900_000, "404"),
        ("/rooms/lobby", 300_000, "413"),
    ] {
        std::fs::write(&path, vec![b'x'; length]).unwrap();
        let url = format!("https://{}{target}", server.address);
        let body = format!("@{}", path.display());
        for version in ["--http1.1", "--http2"] {
            let sent = ["-ksS", version, "--data-binary", &body];
            let printed = ["-o", "/dev/null", "-w", "%{http_code}", &url];
            let Some(text) = run("curl", &[&sent[..], &printed].concat()).await else {
                return;
            };
            assert_eq!(text, status, "{target} {version}");
        }
    }
}

#[tokio::test]
async fn curl_sends_a_body_with_100_continue() {
    let server = TestServer::start().await;
    let url = format!("https://{}/api/echo", server.address);
    for version in ["--http1.1", "--http2"] {
        let expect = [
            "-ksSf",
            version,
            "-H",
            "Expect: 100-continue",
            "-d",
            "four",
            &url,
        ];
        let Some(text) = run("curl", &expect).await else {
            return;
        };
        assert!(text.contains("\"length\":4,"), "{text}");
    }
}

#[tokio::test]
async fn nghttp_is_pushed_what_the_page_needs_and_fetches_nothing_twice() {
    let server = TestServer::with_page().await;
    let url = format!("https://{}/", server.address);
    let Some(text) = run("nghttp", &["-nas", "--no-verify-peer", &url]).await else {
        return;
    };
    for path in NEEDS {
        let lines: Vec<_> = text.lines().filter(|line| line.ends_with(path)).collect();
        // A `*` before the process time marks what was pushed.
        assert!(lines.len() == 1 && lines[0].contains('*'), "{text}");
    }
}

#[tokio::test]
async fn node_takes_what_is_pushed() {
    let server = TestServer::with_page().await;
    // Who closes while a promised response is on its way gets it wrong in Node: wait for all.
    let script = format!(
        "const session = require('node:http2').connect('https://{}', {{ rejectUnauthorized: false }});
        const pushed = [];
        let open = 1;
        const ended = () => {{
            open -= 1;
            if (open === 0) session.close();
        }};
        session.on('stream', (stream, headers) => {{
            pushed.push(headers[':path']);
            open += 1;
            stream.on('end', ended).resume();
        }});
        session.request({{ ':path': '/' }}).on('end', ended).resume();
        session.on('close', () => console.log(pushed.sort().join(' ')));",
        server.address
    );
    let Some(text) = run("node", &["-e", &script]).await else {
        return;
    };
    assert_eq!(text.trim(), NEEDS.join(" "));
}
