use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use roomcast_client::http::{Options, Trust, Versions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::load::limits::MAX_REDIRECTS;

/// A server whose answers a test writes down, and what it was asked for.
#[derive(Clone, Default)]
struct Site {
    answers: Arc<HashMap<&'static str, Vec<u8>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn serve(answers: &[(&'static str, &str)]) -> (Self, Url) {
        let bytes = answers
            .iter()
            .map(|(path, answer)| (*path, answer.as_bytes().to_vec()));
        Self::serve_bytes(bytes.collect()).await
    }

    async fn serve_bytes(answers: HashMap<&'static str, Vec<u8>>) -> (Self, Url) {
        let site = Self {
            answers: Arc::new(answers),
            asked: Arc::default(),
        };
        let (listener, url) = listen().await;
        let server = site.clone();
        tokio::spawn(async move {
            loop {
                let (io, _) = listener.accept().await.unwrap();
                tokio::spawn(server.clone().connection(io));
            }
        });
        (site, url)
    }

    /// Answers requests until an answer says that it is the last, or breaks off.
    async fn connection(self, mut io: TcpStream) {
        loop {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = io.read_u8().await else { return };
                head.push(byte);
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            self.asked.lock().unwrap().push(path.clone());
            let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
            let answer = self.answers.get(path.as_str()).unwrap_or(&missing);
            if answer.is_empty() {
                // Says nothing, for ever.
                std::future::pending::<()>().await;
            }
            let is_sent = io.write_all(answer).await.is_ok();
            if !is_sent
                || !answer.starts_with(b"HTTP/1.1")
                || contains(answer, "\r\nconnection: close")
            {
                return;
            }
        }
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

async fn listen() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url.parse().unwrap())
}

/// A whole response of this type.
fn ok(media_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

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
        max_files: 100,
        max_mebibytes: 1,
    }
}

async fn load_page(url: &Url) -> Recording {
    load(url, &settings(Versions::Both), |_| {}).await
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
            &ok("text/css", "@import 'b.css'; a { b: url(i.png) }"),
        ),
        (
            "/b.css",
            &ok("text/css", "@import 'a.css'; a { b: url(j.png) }"),
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
    assert!(error("/zstd").contains("'zstd'"));
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
    let recording = load(&url, &settings, |_| {}).await;
    let error = recording.document().unwrap().error.clone().unwrap();
    assert_eq!(error, "not finished after 0.05 s (--timeout)");
}

#[tokio::test]
async fn files_beyond_the_limit_are_counted_and_not_loaded() {
    let (site, url) =
        Site::serve(&[("/", &ok("text/html", "<img src=a><img src=b><img src=c>"))]).await;
    for (max_files, left_out) in [(5, 0), (4, 1), (2, 3)] {
        site.asked.lock().unwrap().clear();
        let settings = Settings {
            max_files,
            ..settings(Versions::Both)
        };
        let recording = load(&url, &settings, |_| {}).await;
        assert_eq!(site.asked().len(), 5 - left_out);
        let note = format!("{left_out} references left out: beyond --max-files {max_files}");
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
            body.send_data(format!("a {{ b: url({path}.png) }}").into(), true)
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
    let recording = load(&url, &settings, |_| {}).await;
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
