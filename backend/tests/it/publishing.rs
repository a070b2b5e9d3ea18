//! Bodies of publish requests: what is not understood is refused in words, and nothing is published.

use http::Response;
use http_body_util::BodyExt as _;
use roomcast_client::http::ResponseBody;

use crate::support::room::{get, request};
use crate::support::server::TestServer;
use crate::support::text_peer::TextPeer;
use crate::support::within;

const MESSAGES: &str = "/api/rooms/lobby/messages";

/// Status, `Accept`, `Accept-Encoding` and the sentence of the answer to a publish request.
struct Answer {
    status: u16,
    accept: Option<String>,
    accept_encoding: Option<String>,
    text: String,
}

async fn publish(server: &TestServer, fields: &[(&'static str, &str)], body: &str) -> Answer {
    answer(request("https", server.address, "POST", MESSAGES, fields, body).await).await
}

async fn answer(response: Response<ResponseBody>) -> Answer {
    let field = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let (accept, accept_encoding) = (field("accept"), field("accept-encoding"));
    let status = response.status().as_u16();
    let body = within("a body", response.into_body().collect())
        .await
        .unwrap();
    Answer {
        status,
        accept,
        accept_encoding,
        text: String::from_utf8(body.to_bytes().to_vec()).unwrap(),
    }
}

/// Every text that was published.
async fn texts(server: &TestServer) -> Vec<String> {
    let (_, page) = get(server.address, MESSAGES).await;
    let messages = page["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect()
}

async fn server() -> TestServer {
    TestServer::start_with(|config| config.rooms.message_burst = 1_000).await
}

#[tokio::test]
async fn text_is_published_as_it_was_written() {
    let server = server().await;
    let form = "application/x-www-form-urlencoded";
    let mut published = Vec::new();
    for (content_type, body, text) in [
        (None, "deploy finished", "deploy finished"),
        (Some("text/plain"), "a=b&c=%20", "a=b&c=%20"),
        (Some("Text/Plain; Charset=\"UTF-8\""), "Grüße", "Grüße"),
        (Some("text/plain;charset=us-ascii"), "plain", "plain"),
        (Some(form), "deploy finished", "deploy finished"),
        (Some(form), "C++ is 100% = fun", "C++ is 100% = fun"),
        (
            Some(form),
            "https://example.com/?a=b",
            "https://example.com/?a=b",
        ),
        (Some("text/plain"), "\u{feff}with a mark", "with a mark"),
        (
            Some("application/json"),
            "\u{feff}{\"text\":\"in JSON\"}",
            "in JSON",
        ),
        (
            Some("application/json; charset=utf-8"),
            r#"{"text":"a","name":"ci"}"#,
            "a",
        ),
    ] {
        let fields: Vec<_> = content_type
            .map(|value| ("content-type", value))
            .into_iter()
            .collect();
        let answer = publish(&server, &fields, body).await;
        assert_eq!(
            answer.status, 201,
            "{content_type:?} {body}: {}",
            answer.text
        );
        published.push(text);
    }
    let coded = [
        ("content-encoding", "identity"),
        ("content-type", "text/plain"),
    ];
    assert_eq!(publish(&server, &coded, "not coded").await.status, 201);
    published.push("not coded");
    assert_eq!(texts(&server).await, published);
}

#[tokio::test]
async fn a_body_in_another_format_is_refused_with_the_right_way() {
    let server = server().await;
    for (content_type, body) in [
        (
            "multipart/form-data; boundary=x",
            "--x\r\n\r\na\r\n--x--\r\n",
        ),
        ("multipart/mixed; boundary=x", "--x--"),
        (
            "application/x-www-form-urlencoded",
            "text=hello+world&name=ci",
        ),
        ("application/x-www-form-urlencoded", "text=hello world"),
        (
            "application/x-www-form-urlencoded; charset=utf-8",
            "hello%20world",
        ),
        ("application/xml", "<a/>"),
        ("text/html", "<p>a"),
        ("text/csv", "a,b"),
        ("text/markdown", "*a*"),
        ("application/octet-stream", "a"),
        ("image/png", "a"),
        ("application/ld+json", r#"{"text":"a"}"#),
        ("application/problem+json", r#"{"text":"a"}"#),
        ("text/json", r#"{"text":"a"}"#),
        ("text/plain; charset=iso-8859-1", "a"),
        ("text/plain; charset=utf-16", "a"),
        ("text/plain; charset = latin1", "a"),
        ("text/plain; charset*=utf-8''latin1", "a"),
        ("text/plain; x=\"y;charset=utf-8\"; charset=latin1", "a"),
        ("application/json; charset=latin1", r#"{"text":"a"}"#),
        ("text/plain, application/json", "a"),
        ("text", "a"),
        ("", "a"),
    ] {
        let answer = publish(&server, &[("content-type", content_type)], body).await;
        assert_eq!(answer.status, 415, "{content_type:?}: {}", answer.text);
        let accept = answer.accept.as_deref();
        assert_eq!(accept, Some("text/plain;charset=utf-8, application/json"));
        if content_type.contains("form") {
            let line = "curl --data-binary 'your text' -H 'Content-Type: text/plain'";
            assert!(answer.text.contains(line), "{}", answer.text);
        }
    }
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn a_message_of_which_nothing_is_seen_is_refused() {
    let server = server().await;
    for text in [
        "",
        " \n",
        "\u{200b}",
        "\u{2060}\u{feff}",
        "\u{3164}",
        "\u{ad}",
        "\u{202e}",
        "\u{2800}",
    ] {
        let json = serde_json::json!({ "text": text }).to_string();
        for (content_type, body) in [("text/plain", text), ("application/json", &json)] {
            let answer = publish(&server, &[("content-type", content_type)], body).await;
            assert_eq!(answer.status, 400, "{text:?}");
            assert!(answer.text.contains("Write something"), "{}", answer.text);
        }
    }
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn a_part_of_a_message_is_refused() {
    let server = server().await;
    let fields = [
        ("content-type", "text/plain"),
        ("content-range", "bytes 0-4/10"),
    ];
    let answer = publish(&server, &fields, "hello").await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text.contains("without Content-Range"),
        "{}",
        answer.text
    );
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn a_name_that_is_given_and_empty_is_refused_wherever_it_stands() {
    let server = server().await;
    for name in ["", " ", "\u{3164}"] {
        // Fields have no white space around their values.
        let answer = publish(&server, &[("roomcast-name", name.trim())], "a").await;
        assert_eq!(answer.status, 400, "{name:?}");
        let body = serde_json::json!({ "text": "a", "name": name }).to_string();
        let answer = publish(&server, &[("content-type", "application/json")], &body).await;
        assert_eq!(answer.status, 400, "{name:?}");
        assert!(answer.text.contains("A name needs"), "{}", answer.text);
    }
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn a_body_in_a_content_coding_is_refused() {
    let server = server().await;
    for coding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "unknown"] {
        let fields = [("content-encoding", coding), ("content-type", "text/plain")];
        let answer = publish(&server, &fields, "a").await;
        assert_eq!(answer.status, 415, "{coding}");
        assert_eq!(answer.accept_encoding.as_deref(), Some("identity"));
    }
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn json_that_is_no_message_is_refused_and_the_reason_named() {
    let server = server().await;
    for (body, reason) in [
        (r#"{"text":"a","data":{"b":1}}"#, "unknown field `data`"),
        (r#"{"text":"a","Name":"b"}"#, "unknown field `Name`"),
        (r#"{"text":"a","text":"b"}"#, "duplicate field `text`"),
        (r#"{"name":"a"}"#, "missing field `text`"),
        (r#"{"text":1}"#, "invalid type"),
        (r#"["a","b"]"#, "JSON object"),
        (r#""a""#, "JSON object"),
        ("a", "JSON object"),
        (r#"{"text":"a"} b"#, "trailing characters"),
        (r#"{"text":"a""#, "EOF"),
        ("", "JSON object"),
    ] {
        let answer = publish(&server, &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        assert!(answer.text.contains(reason), "{body}: {}", answer.text);
    }
    assert_eq!(texts(&server).await, [""; 0]);
}

/// The status over HTTP/1.1, and the sentence, for a body of bytes that no `str` can hold.
async fn publish_bytes(server: &TestServer, body: &[u8]) -> (u16, String) {
    let mut peer = TextPeer::connect(server.address).await;
    let head = format!(
        "POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    peer.try_send(&[head.as_bytes(), body].concat())
        .await
        .unwrap();
    let head = peer.head().await;
    let body = peer.body(&head).await;
    (head.status, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn text_in_utf16_without_a_mark_is_refused() {
    let server = server().await;
    let (status, text) = publish_bytes(&server, b"h\0i\0").await;
    assert_eq!(status, 400);
    assert!(text.contains("in UTF-8"), "{text}");
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn a_body_that_is_not_utf8_is_refused_by_its_name() {
    let server = server().await;
    for (body, encoding) in [
        (&b"\xff\xfeh\0i\0"[..], "UTF-16"),
        (b"\xfe\xff\0h\0i", "UTF-16"),
        (b"Gr\xfc\xdfe", "another encoding"),
    ] {
        let (status, text) = publish_bytes(&server, body).await;
        assert_eq!(status, 400);
        assert!(text.contains(encoding), "{text}");
    }
    assert_eq!(texts(&server).await, [""; 0]);
}

#[tokio::test]
async fn a_field_with_two_values_is_refused_and_one_sent_twice_is_not() {
    let server = server().await;
    for (fields, status) in [
        ("Idempotency-Key: a\r\nIdempotency-Key: b\r\n", 400),
        ("Roomcast-Name: a\r\nRoomcast-Name: b\r\n", 400),
        (
            "Content-Type: text/plain\r\nContent-Type: application/json\r\n",
            400,
        ),
        ("Content-Length: 1\r\nContent-Length: 2\r\n", 400),
        ("Last-Event-ID: a\r\nLast-Event-ID: b\r\n", 400),
        ("Authorization: a\r\nAuthorization: b\r\n", 400),
        (
            "Idempotency-Key: a\r\nIdempotency-Key: a\r\nContent-Type: text/plain\r\n",
            201,
        ),
        ("Content-Length: 1\r\n", 201),
    ] {
        let mut peer = TextPeer::connect(server.address).await;
        peer.send(&format!(
            "POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n{fields}\r\na"
        ))
        .await;
        assert_eq!(peer.head().await.status, status, "{fields}");
    }
    let fields = [("idempotency-key", "c"), ("idempotency-key", "d")];
    assert_eq!(over_http2(&server, &fields).await, 400);
    assert_eq!(texts(&server).await, ["a", "a"]);
}

/// The status of a publish request with these fields over HTTP/2.
async fn over_http2(server: &TestServer, fields: &[(&str, &str)]) -> u16 {
    use crate::support::client::{self, Client};
    let mut client = Client::connect(server.address).await;
    let mut head = client::get(MESSAGES, &[]);
    *head.method_mut() = http::Method::POST;
    for (name, value) in fields {
        let name: http::HeaderName = name.parse().unwrap();
        head.headers_mut().append(name, value.parse().unwrap());
    }
    let (response, mut stream) = client.begin(head, false).await;
    stream.send_data("text".into(), true).unwrap();
    client::whole(response).await.status()
}

#[tokio::test]
async fn a_parameter_that_an_address_does_not_have_is_refused() {
    let server = server().await;
    for (method, path, status) in [
        ("POST", "/api/rooms/lobby/messages?name=ci", 201),
        ("POST", "/api/rooms/lobby/messages?nam=ci", 400),
        ("POST", "/api/rooms/lobby/messages?name=a&name=a", 400),
        ("GET", "/api/rooms/lobby/messages?limit=1&from=start", 200),
        ("GET", "/api/rooms/lobby/messages?limits=1", 400),
        ("GET", "/api/rooms/lobby/messages?limit=1&limit=1", 400),
        ("HEAD", "/api/rooms/lobby/events?from=now&name=Ada", 200),
        ("HEAD", "/api/rooms/lobby/events?form=now", 400),
        ("HEAD", "/rooms/lobby?form=now", 400),
        ("GET", "/api/rooms", 200),
        ("GET", "/api/rooms?limit=1", 400),
        ("GET", "/api/rooms/events?limit=1", 400),
        ("GET", "/prime?form=2", 400),
    ] {
        let answer = request("https", server.address, method, path, &[], "a").await;
        assert_eq!(answer.status(), status, "{method} {path}");
    }
    // A link to the page may have been given any by those who pass it on.
    let fields = [("accept", "text/html")];
    let path = "/rooms/lobby?utm_source=mail";
    let page = request("https", server.address, "HEAD", path, &fields, "").await;
    assert_ne!(page.status(), 400);
}
