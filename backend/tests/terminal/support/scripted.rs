//! A server that says exactly what a test wants, right or wrong.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::within;

/// An event stream as a whole response that ends with the connection.
macro_rules! stream {
    ($body:expr) => {
        concat!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
            $body
        )
    };
}
pub(crate) use stream;

/// Gives one answer to each connection in turn, and keeps the heads of the requests.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    heads: mpsc::UnboundedReceiver<String>,
}

impl Scripted {
    /// Each answer ends its connection. After the last one connections are refused.
    pub(crate) async fn serve(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, heads) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for answer in answers {
                let (mut io, _) = listener.accept().await.unwrap();
                sender.send(read_head(&mut io).await).unwrap();
                // A client may well have read enough.
                let _ = io.write_all(&answer).await;
                let _ = io.shutdown().await;
            }
        });
        Self { port, heads }
    }

    pub(crate) async fn text(answers: &[&str]) -> Self {
        Self::serve(
            answers
                .iter()
                .map(|answer| answer.as_bytes().to_vec())
                .collect(),
        )
        .await
    }

    /// The address, with a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The head of the next request.
    pub(crate) async fn head(&mut self) -> String {
        within("a request", self.heads.recv()).await.unwrap()
    }
}

/// Reads the head of a request.
pub(crate) async fn read_head(io: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}
