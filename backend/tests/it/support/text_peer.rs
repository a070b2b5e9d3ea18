//! A scripted HTTP/1.1 peer: lines out, heads and bodies back.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::frame::{Frame, PREFACE};
use super::{Io, tls, within};

/// One connection.
pub(crate) struct TextPeer {
    io: Box<dyn Io>,
    /// Read and not yet taken.
    ahead: Vec<u8>,
}

/// The head of a response.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Head {
    /// The value of a field, by its name in lower case.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

impl TextPeer {
    /// Connects over TLS with ALPN `http/1.1`.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let io = tls::connect(address, tls::HTTP11).await;
        assert_eq!(io.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
        Self::over(io)
    }

    /// Connects without TLS.
    pub(crate) async fn connect_plain(address: SocketAddr) -> Self {
        let io = within("a connection", TcpStream::connect(address)).await;
        Self::over(io.unwrap())
    }

    /// Speaks over a connection that is there already.
    pub(crate) fn over(io: impl Io + 'static) -> Self {
        Self {
            io: Box::new(io),
            ahead: Vec::new(),
        }
    }

    /// The connection itself, after a response that nothing was sent behind.
    pub(crate) fn into_io(self) -> Box<dyn Io> {
        assert!(self.ahead.is_empty());
        self.io
    }

    pub(crate) async fn send(&mut self, text: &str) {
        within("the server to read", self.try_send(text.as_bytes()))
            .await
            .unwrap();
    }

    /// # Errors
    /// What the socket says.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.io.write_all(bytes).await?;
        self.io.flush().await
    }

    /// Begins to speak HTTP/2 with a server that must not answer in it.
    pub(crate) async fn expect_no_http2(&mut self) {
        self.try_send(PREFACE).await.unwrap();
        self.try_send(&Frame::settings(&[]).bytes()).await.unwrap();
        let answer = self.rest().await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 "),
            "{answer:?}"
        );
    }

    /// Ends the sending side.
    pub(crate) async fn finish(&mut self) {
        within("the end of sending", self.io.shutdown())
            .await
            .unwrap();
    }

    /// Sends a GET and reads the head of the response.
    pub(crate) async fn get(&mut self, path: &str) -> Head {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            .await;
        self.head().await
    }

    /// The next response's head.
    pub(crate) async fn head(&mut self) -> Head {
        let end = loop {
            if let Some(end) = find(&self.ahead, b"\r\n\r\n") {
                break end + 4;
            }
            assert!(
                self.read_more().await > 0,
                "the connection ended in a head: {:?}",
                String::from_utf8_lossy(&self.ahead)
            );
        };
        let text = String::from_utf8(self.ahead.drain(..end).collect()).unwrap();
        assert!(text.starts_with("HTTP/1."), "{text}");
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        Head { status, text }
    }

    /// The body that belongs to `head`, which says how long it is.
    pub(crate) async fn body(&mut self, head: &Head) -> Vec<u8> {
        let length = head
            .field("content-length")
            .map_or(0, |length| length.parse().unwrap());
        self.take(length).await
    }

    /// Exactly so many bytes.
    pub(crate) async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.ahead.len() < length {
            assert!(self.read_more().await > 0, "the connection ended too early");
        }
        self.ahead.drain(..length).collect()
    }

    /// Everything until the proper end of the connection, over TLS with `close_notify`.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.read_more().await > 0 {}
        std::mem::take(&mut self.ahead)
    }

    async fn read_more(&mut self) -> usize {
        within("bytes", self.io.read_buf(&mut self.ahead))
            .await
            .unwrap()
    }
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|part| part == pattern)
}
