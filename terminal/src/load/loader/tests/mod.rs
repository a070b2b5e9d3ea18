mod http2;
mod site;

use std::collections::HashMap;

use http::HeaderValue;
use roomcast_client::http::{Options, Trust, Versions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::load::limits::MAX_REDIRECTS;
use crate::load::recording::File;
use crate::load::viewport::Viewport;
use site::{Site, listen, ok};

fn settings(versions: Versions) -> Settings {
    Settings {
        options: Options {
            versions,
            accept_push: true,
            ..Options::new(Trust::Anyone)
        },
        use_hints: true,
        fields: HeaderMap::new(),
        timeout: Duration::from_mins(2),
        viewport: Viewport::default(),
        max_files: 100,
        max_mebibytes: 1,
    }
}

async fn load_page(url: &Url) -> Recording {
    load(url, &settings(Versions::Both), &mut ProgressLine::new(None)).await
}

fn by_path<'a>(recording: &'a Recording, path: &str) -> &'a File {
    let found = recording.files.iter().find(|file| file.url.path() == path);
    found.unwrap_or_else(|| panic!("no {path} in {recording:?}"))
}

#[tokio::test]
async fn a_page_is_loaded_with_all_that_its_parts_refer_to_and_each_file_once() {
    let page = "<link rel=icon href=data:,><link rel=stylesheet href=a.css><script src=s.js></script>\
                <img src=i.png><img src='i.png#x'><link rel=preload as=style href=a.css>";
    let (site, url) = Site::serve(&[
        ("/", &ok("text/html", page)),
        (
            "/a.css",
            &ok(
                "text/css",
                "@import 'b.css'; img { background: url(i.png) }",
            ),
        ),
        (
            "/b.css",
            &ok(
                "text/css",
                "@import 'a.css'; img { border-image: url(j.png) 1 }",
            ),
        ),
        ("/s.js", &ok("text/javascript", "x")),
        ("/i.png", &ok("image/png", "image")),
        ("/j.png", &ok("image/png", "image")),
    ])
    .await;
    let recording = load_page(&url).await;
    assert_eq!(
        site.asked(),
        [
            "/",
            "/a.css",
            "/b.css",
            "/favicon.ico",
            "/i.png",
            "/j.png",
            "/s.js"
        ]
    );
    assert_eq!(by_path(&recording, "/").initiator, Initiator::Address);
    assert_eq!(by_path(&recording, "/s.js").initiator, Initiator::Parser);
    assert_eq!(by_path(&recording, "/b.css").initiator, Initiator::Style);
    let deepest = by_path(&recording, "/j.png");
    assert_eq!(recording.files[deepest.from.unwrap()].url.path(), "/b.css");
    assert!(
        (1..=6).contains(&recording.connections.len()),
        "{:?}",
        recording.connections
    );
    for file in &recording.files {
        let times = [
            Some(file.known_at),
            file.sent_at,
            file.first_byte_at,
            file.end_at,
        ];
        assert!(
            times.is_sorted() && times.iter().all(Option::is_some),
            "{file:?}"
        );
        assert!(file.needed && file.error.is_none(), "{file:?}");
    }
    // Nobody named an icon that a server has, and there is none where browsers look.
    assert_eq!(by_path(&recording, "/favicon.ico").status.unwrap(), 404);
}

#[tokio::test]
async fn what_goes_wrong_with_one_file_is_told_and_stops_no_other() {
    let page = "<img src=cut><img src=missing><img src=gzip><img src=zstd><img src=last>";
    let (_, url) = Site::serve(&[
        ("/", &ok("text/html", page)),
        (
            "/cut",
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf",
        ),
        (
            "/gzip",
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
        ),
        (
            "/zstd",
            "HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: 4\r\n\r\nnope",
        ),
        ("/last", &ok("image/png", "image")),
    ])
    .await;
    let recording = load_page(&url).await;
    let error = |path| by_path(&recording, path).error.clone().unwrap_or_default();
    assert!(!error("/cut").is_empty());
    assert_eq!(by_path(&recording, "/cut").wire_bytes, 4);
    assert_eq!(by_path(&recording, "/missing").status.unwrap(), 404);
    assert_eq!(error("/gzip"), "it is no valid gzip");
    assert!(error("/zstd").contains("\"zstd\""));
    assert_eq!(by_path(&recording, "/last").decoded_bytes, 5);
    assert_eq!(by_path(&recording, "/").error, None);
}

#[tokio::test]
async fn redirects_are_followed_and_a_circle_is_named() {
    let moved =
        |to: &str| format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    let (_, url) = Site::serve(&[
        ("/", &moved("/page/")),
        (
            "/page/",
            &ok("text/html", "<img src=a><img src=b><img src=x>"),
        ),
        ("/page/a", &moved("c")),
        ("/page/b", &moved("c")),
        ("/page/c", &ok("image/png", "image")),
        ("/page/x", &moved("y")),
        ("/page/y", &moved("x")),
    ])
    .await;
    let recording = load_page(&url).await;
    let document = recording.document().unwrap();
    assert_eq!(
        (document.url.path(), document.initiator),
        ("/page/", Initiator::Redirect)
    );
    let image = by_path(&recording, "/page/c");
    assert_eq!((image.initiator, image.needed), (Initiator::Redirect, true));
    let error = by_path(&recording, "/page/y").error.clone().unwrap();
    let circle = format!("{url}page/x → {url}page/y → {url}page/x");
    assert_eq!(error, format!("it redirects in a circle: {circle}"));
}

#[tokio::test]
async fn a_chain_of_redirects_without_an_end_is_cut_off() {
    let paths: Vec<String> = (0..=MAX_REDIRECTS + 1)
        .map(|step| format!("/{step}"))
        .collect();
    let mut answers = HashMap::new();
    for pair in paths.windows(2) {
        let path: &'static str = pair[0].clone().leak();
        let moved = format!(
            "HTTP/1.1 301 X\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            pair[1]
        );
        answers.insert(path, moved.into_bytes());
    }
    let (site, url) = Site::serve_bytes(answers).await;
    let recording = load_page(&url.join("/0").unwrap()).await;
    assert!(
        recording
            .document()
            .unwrap()
            .error
            .as_ref()
            .unwrap()
            .contains("redirects")
    );
    assert_eq!(site.asked().len(), MAX_REDIRECTS + 1);
}

#[tokio::test]
async fn a_body_without_an_end_is_stopped_at_the_limit() {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let (mut io, _) = listener.accept().await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n";
        io.write_all(head.as_bytes()).await.unwrap();
        while io.write_all(&[b'a'; 4096]).await.is_ok() {}
    });
    let recording = load_page(&url).await;
    let document = recording.document().unwrap();
    assert!(
        document.error.as_ref().unwrap().contains("--max-mebibytes"),
        "{document:?}"
    );
    assert!(document.decoded_bytes <= MEBIBYTE + 64 * 1024);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_after_the_timeout() {
    let (_, url) = Site::serve(&[("/", "")]).await;
    let settings = Settings {
        timeout: Duration::from_millis(50),
        ..settings(Versions::Both)
    };
    let recording = load(&url, &settings, &mut ProgressLine::new(None)).await;
    let error = recording.document().unwrap().error.clone().unwrap();
    assert_eq!(error, "not finished after 0.05 s (--timeout)");
}

#[tokio::test]
async fn files_beyond_the_limit_are_counted_and_not_loaded() {
    let (site, url) =
        Site::serve(&[("/", &ok("text/html", "<img src=a><img src=b><img src=c>"))]).await;
    for (max_files, left_out) in [(5, 0), (4, 1), (2, 3)] {
        site.forget();
        let settings = Settings {
            max_files,
            ..settings(Versions::Both)
        };
        let recording = load(&url, &settings, &mut ProgressLine::new(None)).await;
        assert_eq!(site.asked().len(), 5 - left_out);
        let references = ["references", "reference"][usize::from(left_out == 1)];
        let note = format!("{left_out} {references} left out: beyond --max-files {max_files}");
        assert_eq!(
            recording.left_out.contains(&note),
            left_out > 0,
            "{:?}",
            recording.left_out
        );
    }
}

#[tokio::test]
async fn fields_go_to_the_origin_of_the_address_alone() {
    let other = Url::parse("http://127.0.0.1:1/x").unwrap();
    let address = Url::parse("http://127.0.0.1:2/").unwrap();
    let mut settings = settings(Versions::Both);
    settings
        .fields
        .insert("authorization", HeaderValue::from_static("secret"));
    settings
        .fields
        .insert("accept", HeaderValue::from_static("mine"));
    let purpose = Purpose::Image;
    let to = |url: &Url| {
        settings.fields_for(
            &Reference {
                url: url.clone(),
                purpose,
                nonce: None,
            },
            &address,
        )
    };
    assert_eq!(to(&address)["authorization"], "secret");
    assert_eq!(
        to(&address).get_all("accept").iter().collect::<Vec<_>>(),
        ["mine"]
    );
    assert!(!to(&other).contains_key("authorization"));
    assert_eq!(to(&other)["accept"], Purpose::Image.accept());
}

#[tokio::test]
async fn a_connection_that_ended_meanwhile_is_replaced() {
    // Keeps quiet about closing: the second request finds the connection gone.
    let (listener, url) = listen().await;
    let page = ok("text/html", "<link rel=icon href=i>");
    tokio::spawn(async move {
        for answer in [page, ok("image/png", "image")] {
            let (mut io, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _ = io.read(&mut head).await.unwrap();
            io.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let recording = load_page(&url).await;
    let icon = by_path(&recording, "/i");
    assert_eq!((icon.status.unwrap().as_u16(), &icon.error), (200, &None));
}

#[tokio::test]
async fn a_document_that_does_not_say_what_it_is_is_looked_at() {
    let untyped = |body: &str| {
        let len = body.len();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {len}\r\n\r\n{body}")
    };
    for (page, asked) in [
        ("\n<!doctype html><img src=i.png>", 3),
        ("no <img src=i.png>", 1),
    ] {
        let (site, url) = Site::serve(&[("/", &untyped(page))]).await;
        let recording = load_page(&url).await;
        assert_eq!(site.asked().len(), asked, "{page}");
        let media_type = by_path(&recording, "/").media_type.as_deref();
        assert_eq!(media_type, (asked > 1).then_some("text/html"));
    }
}

#[tokio::test]
async fn a_cookie_that_is_asked_for_by_a_redirect_is_brought_along() {
    let (listener, url) = listen().await;
    let (heads, mut asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let page = ok("text/html", "<link rel=icon href=data:,><p>");
        let moved =
            "HTTP/1.1 302 Found\r\nlocation: /\r\nset-cookie: a=1\r\ncontent-length: 0\r\n\r\n";
        let (mut io, _) = listener.accept().await.unwrap();
        for answer in [moved, &page] {
            let mut head = vec![0; 4096];
            let len = io.read(&mut head).await.unwrap();
            heads
                .send(String::from_utf8_lossy(&head[..len]).into_owned())
                .unwrap();
            io.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let mut settings = settings(Versions::Http1);
    settings
        .fields
        .insert("cookie", HeaderValue::from_static("own=2"));
    let recording = load(&url, &settings, &mut ProgressLine::new(None)).await;
    assert_eq!(recording.document().unwrap().error, None);
    assert_eq!(recording.files.len(), 3, "{recording:?}");
    let [first, second] = [asked.recv().await.unwrap(), asked.recv().await.unwrap()];
    assert!(first.contains("cookie: own=2\r\n"), "{first}");
    assert!(second.contains("cookie: own=2; a=1\r\n"), "{second}");
}
