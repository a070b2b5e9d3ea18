//! What `ROOMCAST_DEBUG` does to a client, and a server's to any client.

use crate::support::program::{Run, command, run};
use crate::support::server::OurServer;

/// Probes with these switches in the environment.
async fn probe(switches: &str, arguments: &[&str], url: &str) -> Run {
    let mut command = command(&[&["probe", "-k"], arguments, &[url]].concat());
    run(command.env("ROOMCAST_DEBUG", switches)).await
}

fn speaks(run: &Run, version: &str) {
    let first = format!("Protocol Version: {version}\n");
    assert!(run.code == 0 && run.stdout.starts_with(&first), "{run:?}");
}

#[tokio::test]
async fn each_side_can_do_without_http2() {
    let both = OurServer::start().await;
    let http1 = OurServer::start_with(|config| {
        config.debug = "http2server=0".parse().unwrap();
    })
    .await;
    let (both, http1) = (
        both.url("https", "/healthz"),
        http1.url("https", "/healthz"),
    );
    speaks(&probe("", &[], &both).await, "HTTP/2.0");
    speaks(&probe("http2client=0", &[], &both).await, "HTTP/1.1");
    speaks(&probe("", &[], &http1).await, "HTTP/1.1");
    speaks(&probe("http2client=0", &[], &http1).await, "HTTP/1.1");
    // The switch is the other side's.
    speaks(&probe("http2server=0", &[], &both).await, "HTTP/2.0");

    let refused = probe("", &["--http2"], &http1).await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("version of HTTP"), "{refused:?}");
}

#[tokio::test]
async fn frames_are_printed_and_what_makes_no_sense_is_refused() {
    let server = OurServer::start().await;
    let url = server.url("https", "/");
    let switched =
        async |switches: &str, arguments: &[&str]| probe(switches, arguments, &url).await;
    let contradiction = switched("http2client=0", &["--http2"]).await;
    assert_eq!(contradiction.code, 1);
    assert!(
        contradiction.stderr.contains("http2client=0"),
        "{contradiction:?}"
    );

    let frames = switched("http2debug=1", &[]).await;
    for expected in [
        " sent     SETTINGS stream=0 ",
        " received SETTINGS stream=0 ",
        " sent     HEADERS stream=1 flags=END_STREAM|END_HEADERS ",
        " received PUSH_PROMISE stream=1 ",
        " received DATA stream=1 ",
    ] {
        assert!(
            frames.stderr.contains(expected),
            "no {expected:?} in {frames:?}"
        );
    }
    let secret = ["-H", "Authorization: tell-nobody"];
    let contents = switched("http2debug=2", &secret).await;
    assert!(
        contents
            .stderr
            .contains("    authorization: (11 bytes, hidden)\n"),
        "{contents:?}"
    );
    assert!(!contents.stderr.contains("tell-nobody"), "{contents:?}");

    let unknown = switched("http2trace=1", &[]).await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("'http2trace'"), "{unknown:?}");
}
