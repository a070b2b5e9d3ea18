use roomcast_websocket::Message;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::http::Trust;

/// Answers one opening handshake with this status line and these fields; `{accept}` stands for
/// the right accept key. Then echoes messages until the client closes.
async fn serve(response: &'static str) -> (Uri, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut io = BufStream::new(listener.accept().await.unwrap().0);
        let (mut key, mut line) = (String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            io.read_line(&mut line).await.unwrap();
            if let Some(value) = line.strip_prefix("sec-websocket-key: ") {
                value.trim().clone_into(&mut key);
            }
        }
        let accept = handshake::accept_key(key.as_bytes());
        let response = response.replace("{accept}", &accept);
        io.write_all(response.as_bytes()).await.unwrap();
        io.flush().await.unwrap();
        let mut socket = roomcast_websocket::WebSocket::new(io, Role::Server, Config::default());
        while let Ok(Some(message)) = socket.recv().await {
            socket.send(message).await.unwrap();
        }
    });
    (format!("ws://127.0.0.1:{port}/").parse().unwrap(), server)
}

async fn open(response: &'static str) -> Result<(Opened, JoinHandle<()>), OpenError> {
    let (url, server) = serve(response).await;
    let options = OpenOptions {
        protocols: vec!["a".to_owned(), "b".to_owned()],
        ..OpenOptions::default()
    };
    let opened = super::open(&url, &Options::new(Trust::Anyone), &options).await?;
    Ok((opened, server))
}

#[tokio::test]
async fn a_websocket_over_http1_carries_messages_and_closes() {
    let (mut opened, server) = open(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\nsec-websocket-protocol: b\r\n\r\n",
    )
    .await
    .unwrap();
    assert_eq!(opened.version, Version::HTTP_11);
    assert_eq!(opened.protocol.as_deref(), Some("b"));
    opened.socket.send("hello").await.unwrap();
    assert_eq!(
        opened.socket.recv().await.unwrap(),
        Some(Message::Text("hello".into()))
    );
    opened
        .socket
        .close(roomcast_websocket::CloseCode::NORMAL, "")
        .await
        .unwrap();
    server.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_does_not_fit_the_request_is_refused() {
    let wrong_key = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                     upgrade: websocket\r\nsec-websocket-accept: other\r\n\r\n";
    let error = open(wrong_key).await.unwrap_err();
    assert!(matches!(
        error,
        OpenError::Handshake {
            field: "Sec-WebSocket-Accept"
        }
    ));
    let not_offered = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                       upgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\
                       sec-websocket-protocol: c\r\n\r\n";
    let error = open(not_offered).await.unwrap_err();
    assert!(matches!(
        error,
        OpenError::Handshake {
            field: "Sec-WebSocket-Protocol"
        }
    ));
}

#[tokio::test]
async fn an_answer_that_leaves_http_for_something_else_is_refused() {
    for (response, field) in [
        (
            "connection: upgrade\r\nupgrade: h2c\r\nsec-websocket-accept: {accept}",
            "Upgrade",
        ),
        (
            "connection: keep-alive\r\nupgrade: WebSocket\r\nsec-websocket-accept: {accept}",
            "Connection",
        ),
        (
            "connection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n\
             sec-websocket-accept: {accept}\r\nsec-websocket-extensions: permessage-deflate",
            "Sec-WebSocket-Extensions",
        ),
    ] {
        let response = format!("HTTP/1.1 101 Switching Protocols\r\n{response}\r\n\r\n");
        let error = open(response.leak()).await.unwrap_err();
        assert!(
            matches!(error, OpenError::Handshake { field: found } if found == field),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_and_that_is_worth_another_try() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let http = Options {
        answer_timeout: std::time::Duration::from_millis(50),
        ..Options::new(Trust::Anyone)
    };
    let opened = super::open(&url.parse().unwrap(), &http, &OpenOptions::default()).await;
    let Err(OpenError::Http(error @ Error::NoAnswer { .. })) = opened else {
        panic!("{opened:?}");
    };
    assert!(!error.is_lasting());
}

#[tokio::test]
async fn a_refusal_tells_its_status() {
    let error = open("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        OpenError::Refused {
            status: StatusCode::FORBIDDEN,
            detail: None,
            redirect: None,
        }
    ));
}

#[tokio::test]
async fn a_refusal_tells_why_in_the_words_of_the_server() {
    let told = "{\"status\":403,\"detail\":\"Pass on Host.\"}";
    let head = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/problem+json\r\n";
    let response = format!("{head}content-length: {}\r\n\r\n{told}", told.len());
    let error = open(response.leak()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server opens no WebSocket here: it answered 403 Forbidden: Pass on Host"
    );
    // A page of a proxy is nothing to read out.
    let page =
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<p>x";
    let error = open(page).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server opens no WebSocket here: it answered 502 Bad Gateway"
    );
}

/// Opens at a server that sends to another one, which answers as `response` says.
async fn open_by_redirect(follow_redirects: bool) -> Result<(Opened, Uri), OpenError> {
    let (there, _) = serve(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n\r\n",
    )
    .await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n");
    let (here, _) = serve(redirect.leak()).await;
    let options = OpenOptions {
        follow_redirects,
        ..OpenOptions::default()
    };
    let opened = super::open(&here, &Options::new(Trust::Anyone), &options).await?;
    Ok((opened, there))
}

#[tokio::test]
async fn a_redirect_is_followed_where_that_is_wanted() {
    let (mut opened, there) = open_by_redirect(true).await.unwrap();
    assert_eq!(opened.url, there);
    opened.socket.send("hello").await.unwrap();
    assert_eq!(
        opened.socket.recv().await.unwrap(),
        Some(Message::Text("hello".into()))
    );
    let error = open_by_redirect(false).await.unwrap_err();
    assert!(
        error.to_string().contains("302 Found to ws://127.0.0.1:"),
        "{error}"
    );
}
