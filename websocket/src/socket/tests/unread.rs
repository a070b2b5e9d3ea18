//! Peers that do not read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_cut_off_after_the_write_timeout_and_a_last_chance() {
    let (_peer, mut server) = server_with_raw_peer(16);
    let started = Instant::now();
    assert!(matches!(
        server.send("more than the pipe holds").await,
        Err(Error::WriteTimeout)
    ));
    let patience = WRITE_TIMEOUT + crate::config::CLOSE_TIMEOUT;
    assert!(started.elapsed() >= patience);
    assert!(started.elapsed() < patience + Duration::from_secs(1));
}

/// Whoever reads on in time gets what was queued, whole, and the reason.
#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_on_after_the_write_timeout_learns_why_it_is_cut_off() {
    for by_flush in [true, false] {
        let (mut peer, mut server) = server_with_raw_peer(16);
        let started = Instant::now();
        server.feed("more than the pipe holds").await.unwrap();
        let server = tokio::spawn(async move {
            if by_flush {
                server.flush().await
            } else {
                server.recv().await.map(drop)
            }
        });
        tokio::time::sleep(WRITE_TIMEOUT + Duration::from_secs(1)).await;
        let mut received = Vec::new();
        peer.read_to_end(&mut received).await.unwrap();
        drop(peer);
        let (message, close) = received.split_at(26);
        assert_eq!(&message[2..], b"more than the pipe holds");
        assert_eq!(close[0], 0x88, "by flush: {by_flush}");
        assert_eq!(close[2..4], 1013_u16.to_be_bytes());
        assert!(matches!(server.await.unwrap(), Err(Error::WriteTimeout)));
        assert!(started.elapsed() < WRITE_TIMEOUT + Duration::from_secs(2));
    }
}

/// A byte stream that gives up once by itself, as sockets with a deadline do.
struct Impatient {
    io: DuplexStream,
    gave_up: bool,
}

impl AsyncRead for Impatient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if std::mem::replace(&mut self.gave_up, true) {
            return Pin::new(&mut self.io).poll_write(cx, bytes);
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn a_byte_stream_that_times_out_by_itself_gets_the_last_chance_as_well() {
    let (mut peer, io) = tokio::io::duplex(4096);
    let io = Impatient { io, gave_up: false };
    let mut server = WebSocket::new(io, Role::Server, Config::default());
    let server = tokio::spawn(async move { server.send("hi").await });
    let mut received = Vec::new();
    peer.read_to_end(&mut received).await.unwrap();
    drop(peer);
    assert_eq!(received[..4], *b"\x81\x02hi");
    assert_eq!(received[6..8], 1013_u16.to_be_bytes());
    assert!(matches!(server.await.unwrap(), Err(Error::WriteTimeout)));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_slowly_is_kept_although_it_answers_no_ping() {
    let (mut peer, mut server) = server_with_raw_peer(1);
    let reader = tokio::spawn(async move {
        let mut byte = [0];
        for _ in 0.."..slow but alive".len() {
            tokio::time::sleep(WRITE_TIMEOUT * 9 / 10).await;
            peer.read_exact(&mut byte).await.unwrap();
        }
        peer
    });
    server.feed("slow but alive").await.unwrap();
    tokio::select! {
        message = server.recv() => panic!("{message:?}"),
        peer = reader => drop(peer),
    }
}
