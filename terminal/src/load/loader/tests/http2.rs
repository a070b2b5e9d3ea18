//! What comes by push and by hint.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpStream;

use super::*;

/// Answers over HTTP/2: `/` with a 103 that names `/hinted.js`, and with pushes of `/pushed.css`,
/// `/vain.js` and, with no right to, of another origin; everything else with its path.
async fn serve_http2(io: TcpStream, asked: Arc<Mutex<Vec<String>>>) {
    let builder = h2::server::Builder::new();
    let mut connection = builder.handshake::<_, Bytes>(io).await.unwrap();
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let path = request.uri().path().to_owned();
        let authority = request.uri().authority().unwrap().clone();
        asked.lock().unwrap().push(path.clone());
        if path != "/" {
            let mut body = respond.send_response(Response::new(()), false).unwrap();
            body.send_data(path.into(), true).unwrap();
            continue;
        }
        let mut hints = Response::builder().status(103).body(()).unwrap();
        let link = "</hinted.js>; rel=modulepreload, </unused.js>; rel=preload; as=script";
        hints.headers_mut().insert("link", link.parse().unwrap());
        respond.send_informational(hints).unwrap();
        let foreign = "elsewhere.example".parse().unwrap();
        for (authority, path) in [
            (&authority, "/pushed.css"),
            (&authority, "/vain.js"),
            (&foreign, "/x"),
        ] {
            let promise = Request::get(format!("http://{authority}{path}"))
                .body(())
                .unwrap();
            // A client that takes no pushes has said so.
            let Ok(mut pushed) = respond.push_request(promise) else {
                continue;
            };
            let head = Response::builder()
                .header("content-type", "text/css")
                .body(())
                .unwrap();
            let mut body = pushed.send_response(head, false).unwrap();
            body.send_data(
                format!("body {{ background: url({path}.png) }}").into(),
                true,
            )
            .unwrap();
        }
        let head = Response::builder()
            .header("content-type", "text/html")
            .body(())
            .unwrap();
        let page = "<link rel=icon href=/icon><link rel=stylesheet href=pushed.css>\
                    <script type=module src=hinted.js></script>";
        let mut body = respond.send_response(head, false).unwrap();
        body.send_data(page.into(), true).unwrap();
    }
}

/// The page of [`serve_http2`], loaded this way, and what was asked for.
async fn load_http2(use_hints: bool, accept_push: bool) -> (Recording, Vec<String>) {
    let (listener, url) = listen().await;
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let server_asked = asked.clone();
    tokio::spawn(async move {
        loop {
            let (io, _) = listener.accept().await.unwrap();
            tokio::spawn(serve_http2(io, server_asked.clone()));
        }
    });
    let mut settings = settings(Versions::Http2);
    settings.options.accept_push = accept_push;
    settings.use_hints = use_hints;
    let recording = load(&url, &settings, &mut ProgressLine::new(None)).await;
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    (recording, asked)
}

#[tokio::test]
async fn what_was_pushed_or_hinted_is_not_asked_for_again_and_what_was_in_vain_is_marked() {
    let (recording, asked) = load_http2(true, true).await;
    assert_eq!(
        asked,
        ["/", "/hinted.js", "/icon", "/pushed.css.png", "/unused.js"]
    );
    assert_eq!(recording.connections.len(), 1);
    for (path, initiator, needed) in [
        ("/hinted.js", Initiator::Hint, true),
        ("/unused.js", Initiator::Hint, false),
        ("/pushed.css", Initiator::Push, true),
        ("/vain.js", Initiator::Push, false),
        // What a pushed style sheet refers to, once the page refers to the style sheet.
        ("/pushed.css.png", Initiator::Style, true),
    ] {
        let file = by_path(&recording, path);
        assert_eq!(
            (file.initiator, file.needed, &file.error),
            (initiator, needed, &None),
            "{path}"
        );
    }
    let vain = by_path(&recording, "/vain.js").remark().unwrap();
    assert_eq!(vain, "pushed, and not needed");
    assert!(
        recording
            .files
            .iter()
            .all(|file| file.url.host_str() != Some("elsewhere.example"))
    );
}

#[tokio::test]
async fn without_hints_and_pushes_everything_is_found_by_the_parser() {
    let (recording, asked) = load_http2(false, false).await;
    assert_eq!(asked, ["/", "/hinted.js", "/icon", "/pushed.css"]);
    assert_eq!(
        by_path(&recording, "/hinted.js").initiator,
        Initiator::Parser
    );
    assert_eq!(
        by_path(&recording, "/pushed.css").initiator,
        Initiator::Parser
    );
}

#[tokio::test]
async fn only_the_server_of_the_page_has_to_speak_http2() {
    // It speaks HTTP/1.1 alone.
    let (_, other) = Site::serve(&[("/i.png", &ok("image/png", "image"))]).await;
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let (io, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(io).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let head = Response::builder().header("content-type", "text/html");
            let head = head.body(()).unwrap();
            let page = format!("<link rel=icon href=data:,><img src='{other}i.png'>");
            let mut body = respond.send_response(head, false).unwrap();
            body.send_data(page.into(), true).unwrap();
        }
    });
    let recording = load(
        &url,
        &settings(Versions::Http2),
        &mut ProgressLine::new(None),
    )
    .await;
    assert_eq!(
        recording.document().unwrap().version.unwrap(),
        http::Version::HTTP_2
    );
    let image = by_path(&recording, "/i.png");
    assert_eq!(
        (image.version.unwrap(), &image.error),
        (http::Version::HTTP_11, &None)
    );
}
