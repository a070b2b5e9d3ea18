mod coded;
mod http2;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use ::http::StatusCode;

use super::*;
use crate::http::{Error, Trust};

/// An event stream as a whole response that ends with the connection.
macro_rules! stream {
    ($body:expr) => {
        concat!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
            $body
        )
    };
}

const NO_MORE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A server that gives one answer to each connection in turn, then refuses connections; and the
/// heads of the requests that it gets.
async fn serve(answers: &'static [&'static str]) -> (Uri, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (heads, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut io, _) = listener.accept().await.unwrap();
            heads.send(read_head(&mut io).await).unwrap();
            io.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url.parse().unwrap(), receiver)
}

async fn read_head(io: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn read(url: Uri, options: ReadOptions) -> EventStream {
    EventStream::new(url, Options::new(Trust::Anyone), options)
}

async fn next_data(stream: &mut EventStream) -> Option<String> {
    stream.next().await.unwrap().map(|event| event.data)
}

fn resumes_after(head: &str) -> Option<&str> {
    head.lines()
        .find_map(|line| line.strip_prefix("last-event-id: "))
}

#[tokio::test]
async fn a_lost_stream_resumes_after_its_last_event_until_204_ends_it() {
    let (url, mut heads) = serve(&[
        stream!("retry: 1\nid: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: unfinished"),
        stream!("data: c\n\nid: 4\n\n"),
        NO_MORE,
    ])
    .await;
    let mut stream = read(url, ReadOptions::default());
    for data in ["a", "b", "c"] {
        assert_eq!(next_data(&mut stream).await.as_deref(), Some(data));
    }
    assert_eq!(next_data(&mut stream).await, None);
    assert_eq!(next_data(&mut stream).await, None);
    let first = heads.recv().await.unwrap();
    assert!(first.starts_with("GET /events HTTP/1.1\r\n"), "{first}");
    assert!(first.contains("accept: text/event-stream\r\n"), "{first}");
    assert_eq!(resumes_after(&first), None);
    assert_eq!(resumes_after(&heads.recv().await.unwrap()), Some("2"));
    assert_eq!(resumes_after(&heads.recv().await.unwrap()), Some("4"));
}

#[tokio::test]
async fn a_reader_may_start_after_an_event_that_it_saw_earlier() {
    let (url, mut heads) = serve(&[NO_MORE]).await;
    let options = ReadOptions {
        last_event_id: "41".to_owned(),
        ..ReadOptions::default()
    };
    let mut stream = read(url, options);
    assert_eq!(next_data(&mut stream).await, None);
    assert_eq!(resumes_after(&heads.recv().await.unwrap()), Some("41"));
}

/// Where the reader resumes after the events of this stream, and what ids they have.
async fn ids(first: &'static [&'static str], answers: usize) -> Vec<String> {
    let (url, mut heads) = serve(first).await;
    let mut stream = read(url, ReadOptions::default());
    while stream.next().await.unwrap().is_some() {}
    let mut ids = Vec::new();
    for _ in 0..answers {
        let head = heads.recv().await.unwrap();
        ids.push(resumes_after(&head).unwrap_or_default().to_owned());
    }
    ids
}

#[tokio::test]
async fn an_empty_id_takes_the_last_one_back_even_in_a_stream_that_names_no_other() {
    let answers = &[
        stream!("retry: 1\nid: 1\ndata: a\n\n"),
        stream!("data: keeps the id\n\n"),
        stream!("id:\ndata: b\n\n"),
        NO_MORE,
    ];
    assert_eq!(ids(answers, 4).await, ["", "1", "1", ""]);
}

#[tokio::test]
async fn streams_that_end_without_an_event_are_opened_ever_more_seldom() {
    let (url, _heads) = serve(&[
        stream!("data: a\n\n"),
        stream!(": nothing\n\n"),
        stream!(": nothing\n\n"),
        stream!("data: b\n\n"),
        NO_MORE,
    ])
    .await;
    let mut stream = read(url, ReadOptions::default());
    stream.retry = Duration::ZERO;
    let mut fruitless = Vec::new();
    while let Some(change) = stream.next_change().await.unwrap() {
        if matches!(change, Change::Lost { .. }) {
            fruitless.push(stream.fruitless);
        }
    }
    assert_eq!(fruitless, [0, 1, 2, 0]);
}

#[tokio::test]
async fn a_server_that_takes_the_request_and_says_nothing_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let options = ReadOptions {
        silence_timeout: Duration::from_millis(50),
        ..ReadOptions::default()
    };
    let mut stream = read(url.parse().unwrap(), options);
    let change = stream.next_change().await.unwrap().unwrap();
    let Change::Lost {
        loss: loss @ Loss::Failed(Error::NoAnswer { .. }),
        ..
    } = change
    else {
        panic!("{change:?}");
    };
    assert!(loss.is_failure());
}

#[tokio::test]
async fn a_field_that_the_reader_names_wins_over_the_default() {
    let (url, mut heads) = serve(&[NO_MORE, NO_MORE]).await;
    let mut options = ReadOptions::default();
    assert_eq!(
        next_data(&mut read(url.clone(), options.clone())).await,
        None
    );
    let head = heads.recv().await.unwrap();
    assert!(head.contains("user-agent: roomcast/"), "{head}");
    for name in ["accept", "user-agent"] {
        let value = ::http::HeaderValue::from_static("mine");
        options.headers.insert(name, value);
    }
    assert_eq!(next_data(&mut read(url, options)).await, None);
    let head = heads.recv().await.unwrap();
    assert!(head.contains("accept: mine\r\n"), "{head}");
    assert!(head.contains("user-agent: mine\r\n"), "{head}");
}

#[tokio::test]
async fn an_answer_that_is_no_event_stream_ends_the_reading() {
    let (url, _heads) = serve(&[
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    ])
    .await;
    let mut stream = read(url.clone(), ReadOptions::default());
    let error = stream.next().await.unwrap_err();
    assert!(matches!(
        error,
        ReadError::Refused {
            status: StatusCode::NOT_FOUND,
            detail: None,
        }
    ));
    assert_eq!(next_data(&mut stream).await, None);
    for named in ["\"text/html\"", "no content type"] {
        let mut stream = read(url.clone(), ReadOptions::default());
        let error = stream.next().await.unwrap_err();
        assert!(
            matches!(&error, ReadError::NotAnEventStream { content_type } if content_type == named),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_lost_stream_is_left_alone_for_as_long_as_its_server_asked() {
    // 2^53 and 2^64 - 1 milliseconds are as long as the longest wait.
    for (seconds, body) in [
        (3, stream!("retry: 3000\ndata: a\n\n")),
        (60, stream!("retry: 60000\ndata: a\n\n")),
        (300, stream!("retry: 300001\ndata: a\n\n")),
        (300, stream!("retry: 9007199254740992\ndata: a\n\n")),
        (300, stream!("retry: 99999999999999999999\ndata: a\n\n")),
    ] {
        let (url, _heads) = serve(vec![body].leak()).await;
        let mut stream = read(url, ReadOptions::default());
        let retry_in = loop {
            if let Some(Change::Lost { retry_in, .. }) = stream.next_change().await.unwrap() {
                break retry_in;
            }
        };
        let asked = Duration::from_secs(seconds);
        assert!(retry_in >= asked, "{retry_in:?}");
        assert!(retry_in <= asked + asked.min(MAX_DELAY), "{retry_in:?}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_the_first_event() {
    let (url, _heads) = serve(&[stream!("\u{feff}data: a\n\n")]).await;
    let mut stream = read(url, ReadOptions::default());
    assert_eq!(next_data(&mut stream).await.as_deref(), Some("a"));
}

#[tokio::test]
async fn a_busy_proxy_is_asked_again() {
    let (url, _heads) = serve(&[
        stream!("retry: 1\ndata: a\n\n"),
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
        stream!("data: b\n\n"),
    ])
    .await;
    let mut stream = read(url, ReadOptions::default());
    assert_eq!(next_data(&mut stream).await.as_deref(), Some("a"));
    assert_eq!(next_data(&mut stream).await.as_deref(), Some("b"));
}

#[tokio::test]
async fn who_fails_too_often_in_a_row_gives_up() {
    let (url, _heads) = serve(&[stream!("retry: 1\ndata: a\n\n")]).await;
    let options = ReadOptions {
        max_failures: Some(3),
        ..ReadOptions::default()
    };
    let mut stream = read(url, options);
    assert_eq!(next_data(&mut stream).await.as_deref(), Some("a"));
    let error = stream.next().await.unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::GaveUp {
                failures: 3,
                source: Loss::Failed(Error::Connect { .. })
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn an_event_that_is_too_long_ends_the_reading_after_those_before_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut io, _) = listener.accept().await.unwrap();
        read_head(&mut io).await;
        io.write_all(stream!("data: short\n\ndata: ").as_bytes())
            .await
            .unwrap();
        // Ends when the reader hangs up.
        while io.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let mut stream = read(url.parse().unwrap(), ReadOptions::default());
    assert_eq!(next_data(&mut stream).await.as_deref(), Some("short"));
    assert!(matches!(stream.next().await, Err(ReadError::Decode(_))));
}
