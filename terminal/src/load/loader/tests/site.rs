//! A server for tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A server whose answers a test writes down, and what it was asked for.
#[derive(Clone, Default)]
pub(super) struct Site {
    answers: Arc<HashMap<&'static str, Vec<u8>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(super) async fn serve(answers: &[(&'static str, &str)]) -> (Self, Url) {
        let bytes = answers
            .iter()
            .map(|(path, answer)| (*path, answer.as_bytes().to_vec()));
        Self::serve_bytes(bytes.collect()).await
    }

    pub(super) async fn serve_bytes(answers: HashMap<&'static str, Vec<u8>>) -> (Self, Url) {
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

    /// Forgets what it was asked for.
    pub(super) fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// What it was asked for, sorted.
    pub(super) fn asked(&self) -> Vec<String> {
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

pub(super) async fn listen() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url.parse().unwrap())
}

/// A whole response of this type.
pub(super) fn ok(media_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
