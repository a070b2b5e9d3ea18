//! A scripted HTTP/2 peer: sends the frames, or the bytes, that a test gives it, and reads the
//! frames that come back. Tests read like a sequence diagram.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::frame::{
    ACK, END_HEADERS, END_STREAM, Frame, GOAWAY, HEADER_TABLE_SIZE, HEADERS, PING, PREFACE,
    RST_STREAM, SETTINGS, status,
};
use super::{Io, tls, within};

/// One connection.
pub(crate) struct Peer {
    io: Box<dyn Io>,
}

impl Peer {
    /// Connects over TLS with ALPN `h2` and says nothing yet.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let io = tls::connect(address, tls::H2).await;
        assert_eq!(io.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        Self { io: Box::new(io) }
    }

    /// Connects without TLS and says nothing yet.
    pub(crate) async fn open_plain(address: SocketAddr) -> Self {
        let io = within("a connection", TcpStream::connect(address)).await;
        Self {
            io: Box::new(io.unwrap()),
        }
    }

    /// Connects over TLS and exchanges the first SETTINGS.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, &[]).await
    }

    /// Connects over TLS and exchanges the first SETTINGS, among them these.
    pub(crate) async fn connect_with(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let mut peer = Self::open(address).await;
        peer.greet(settings).await;
        peer
    }

    /// Connects without TLS and exchanges the first SETTINGS, among them these.
    pub(crate) async fn connect_plain(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let mut peer = Self::open_plain(address).await;
        peer.greet(settings).await;
        peer
    }

    async fn greet(&mut self, settings: &[(u16, u32)]) {
        // Without a dynamic table each header block can be read by itself.
        let mut all = vec![(HEADER_TABLE_SIZE, 0)];
        all.extend_from_slice(settings);
        self.send_bytes(PREFACE).await;
        self.send(Frame::settings(&all)).await;
        let first = self.next().await.expect("SETTINGS");
        assert_eq!((first.kind, first.flags), (SETTINGS, 0), "{first:?}");
        self.send(Frame::settings_ack()).await;
        self.expect(|frame| frame.kind == SETTINGS && frame.has(ACK))
            .await;
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, frame: Frame) {
        self.send_bytes(&frame.bytes()).await;
    }

    /// Sends whatever it is given.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        within("the server to read", self.try_send_bytes(bytes))
            .await
            .unwrap();
    }

    /// Sends whatever it is given to a server that may have ended the connection.
    ///
    /// # Errors
    /// What the socket says.
    pub(crate) async fn try_send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.io.write_all(bytes).await?;
        self.io.flush().await
    }

    /// Ends the sending side.
    pub(crate) async fn finish(&mut self) {
        within("the end of sending", self.io.shutdown())
            .await
            .unwrap();
    }

    /// The next frame; `None` once the server has ended the connection properly, over TLS with
    /// `close_notify`.
    ///
    /// # Errors
    /// What the socket says, also when the connection ended without `close_notify`.
    pub(crate) async fn try_next(&mut self) -> io::Result<Option<Frame>> {
        let mut header = [0; 9];
        match self.io.read(&mut header).await? {
            0 => return Ok(None),
            read => self.io.read_exact(&mut header[read..]).await?,
        };
        let [high, middle, low, kind, flags, stream @ ..] = header;
        let length = u32::from_be_bytes([0, high, middle, low]);
        let mut payload = vec![0; length as usize];
        self.io.read_exact(&mut payload).await?;
        let stream = u32::from_be_bytes(stream);
        Ok(Some(Frame::new(kind, flags, stream, payload)))
    }

    /// The next frame; `None` once the server has ended the connection properly.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        within("a frame", self.try_next()).await.unwrap()
    }

    /// Reads on until a frame comes that fits.
    pub(crate) async fn expect(&mut self, fits: impl Fn(&Frame) -> bool) -> Frame {
        let mut others = Vec::new();
        while let Some(frame) = self.next().await {
            if fits(&frame) {
                return frame;
            }
            others.push((frame.kind, frame.flags, frame.stream));
        }
        panic!("the connection ended before that frame came; there were {others:?}");
    }

    /// Reads on to the final response of a stream; says its status.
    pub(crate) async fn expect_response(&mut self, stream: u32) -> u16 {
        loop {
            let head = self
                .expect(|frame| frame.kind == HEADERS && frame.stream == stream)
                .await;
            assert!(head.has(END_HEADERS));
            let status = status(&head.payload);
            if status >= 200 {
                return status;
            }
        }
    }

    /// Reads on to the frame that ends a stream from the server's side.
    pub(crate) async fn expect_end(&mut self, stream: u32) {
        self.expect(|frame| {
            frame.stream == stream && frame.kind <= HEADERS && frame.has(END_STREAM)
        })
        .await;
    }

    /// The server ends the connection with one of these codes, and properly.
    pub(crate) async fn expect_connection_error(&mut self, codes: &[u32]) {
        let goaway = self.expect(|frame| frame.kind == GOAWAY).await;
        assert!(codes.contains(&goaway.error_code()), "{goaway:?}");
        self.expect_close().await;
    }

    /// The server resets a stream with one of these codes and goes on with the others.
    pub(crate) async fn expect_stream_error(&mut self, stream: u32, codes: &[u32]) {
        let ended = self
            .expect(|frame| frame.kind == GOAWAY || frame.kind == RST_STREAM)
            .await;
        assert_eq!(
            (ended.kind, ended.stream),
            (RST_STREAM, stream),
            "{ended:?}"
        );
        assert!(codes.contains(&ended.error_code()), "{ended:?}");
        self.expect_alive().await;
    }

    /// The server treats it as an error, of the stream or of the whole connection.
    pub(crate) async fn expect_any_error(&mut self, stream: u32, codes: &[u32]) {
        let ended = self
            .expect(|frame| frame.kind == GOAWAY || frame.kind == RST_STREAM)
            .await;
        assert!(codes.contains(&ended.error_code()), "{ended:?}");
        if ended.kind == GOAWAY {
            self.expect_close().await;
        } else {
            assert_eq!(ended.stream, stream);
        }
    }

    /// Nothing but the proper end of the connection is left, after what was on its way.
    pub(crate) async fn expect_close(&mut self) {
        while self.next().await.is_some() {}
    }

    /// The server answers a PING.
    pub(crate) async fn expect_alive(&mut self) {
        let ping = Frame::ping(*b"alive?!?");
        self.send(ping.clone()).await;
        self.expect(|frame| frame.kind == PING && frame.has(ACK) && frame.payload == ping.payload)
            .await;
    }
}
