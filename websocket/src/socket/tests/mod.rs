mod unread;
mod write_through;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::*;
use crate::config::{PING_INTERVAL, PONG_TIMEOUT, WRITE_TIMEOUT};
use crate::error::ProtocolError;
use crate::frame::OpCode;

/// Two ends of one connection whose pipe holds so many bytes in each direction.
fn pair(pipe_bytes: usize) -> (WebSocket<DuplexStream>, WebSocket<DuplexStream>) {
    let (client, server) = tokio::io::duplex(pipe_bytes);
    let config = Config::default();
    (
        WebSocket::new(client, Role::Client, config),
        WebSocket::new(server, Role::Server, config),
    )
}

/// A server whose peer is played byte by byte.
fn server_with_raw_peer(pipe_bytes: usize) -> (DuplexStream, WebSocket<DuplexStream>) {
    let (peer, server) = tokio::io::duplex(pipe_bytes);
    (
        peer,
        WebSocket::new(server, Role::Server, Config::default()),
    )
}

/// A frame as a client sends it, with a mask that changes nothing.
fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    assert!(len < 126);
    [&[first, 0x80 | len, 0, 0, 0, 0], payload].concat()
}

async fn echo(mut ws: WebSocket<DuplexStream>) -> Result<(), Error> {
    while let Some(message) = ws.recv().await? {
        ws.feed(message).await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn messages_come_back_from_an_echo_in_order() {
    let (mut client, server) = pair(4096);
    let server = tokio::spawn(echo(server));
    for len in [0, 1, 125, 126, 5000, 70_000] {
        let payload = Bytes::from(vec![7; len]);
        // A client that only sends would fill both pipes: it sends and receives at once.
        client.feed(payload.clone()).await.unwrap();
        assert_eq!(client.recv().await.unwrap(), Some(Message::Binary(payload)));
    }
    client.send("grüß dich").await.unwrap();
    assert_eq!(
        client.recv().await.unwrap(),
        Some(Message::Text("grüß dich".into()))
    );
    client.close(CloseCode::NORMAL, "done").await.unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn close_is_answered_with_the_same_code_and_both_ends_learn_it() {
    let (mut client, mut server) = pair(4096);
    let server = tokio::spawn(async move {
        assert_eq!(server.recv().await.unwrap(), None);
        server.peer_close().cloned()
    });
    client
        .close(CloseCode::try_from(3999).unwrap(), "why")
        .await
        .unwrap();
    assert_eq!(client.peer_close().unwrap().code().get(), 3999);
    let peer_close = server.await.unwrap().unwrap();
    assert_eq!(
        (peer_close.code().get(), peer_close.reason()),
        (3999, "why")
    );
}

#[tokio::test(start_paused = true)]
async fn a_close_without_a_code_is_answered_without_one() {
    let (mut peer, mut server) = server_with_raw_peer(4096);
    peer.write_all(&client_frame(0x88, b"")).await.unwrap();
    assert_eq!(server.recv().await.unwrap(), None);
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, [0x88, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_the_peer_broke_is_known_before_it_answers_the_close() {
    let (mut peer, server) = tokio::io::duplex(4096);
    let mut client = WebSocket::new(server, Role::Client, Config::default());
    assert!(client.failure().is_none());
    peer.write_all(b"\x81\x02\xff\xff").await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(1), client.recv()).await;
    assert!(waiting.is_err(), "{waiting:?}");
    let failure = client.failure();
    assert!(
        matches!(failure, Some(Error::Protocol(ProtocolError::InvalidUtf8))),
        "{failure:?}"
    );
    // It was told so already.
    assert_eq!(peer.read_u8().await.unwrap(), 0x88);
}

#[tokio::test(start_paused = true)]
async fn each_of_ten_pings_at_once_is_answered_in_order() {
    let (mut peer, mut server) = server_with_raw_peer(4096);
    let asked: Vec<_> = (0..10).flat_map(|i| client_frame(0x89, &[i])).collect();
    peer.write_all(&asked).await.unwrap();
    peer.write_all(&client_frame(0x88, b"")).await.unwrap();
    assert_eq!(server.recv().await.unwrap(), None);
    let mut answers = Vec::new();
    peer.read_to_end(&mut answers).await.unwrap();
    let expected: Vec<_> = (0..10).flat_map(|i| [0x8A, 1, i]).collect();
    assert_eq!(answers, [expected, vec![0x88, 0]].concat());
}

#[tokio::test(start_paused = true)]
async fn a_protocol_error_is_told_to_the_peer_before_the_stream_ends() {
    for (bytes, code, error) in [
        (
            client_frame(0x83, b""),
            1002,
            ProtocolError::ReservedOpCode(3),
        ),
        (
            client_frame(0x81, b"\xff"),
            1007,
            ProtocolError::InvalidUtf8,
        ),
    ] {
        let (mut peer, mut server) = server_with_raw_peer(4096);
        peer.write_all(&bytes).await.unwrap();
        let server = tokio::spawn(async move { server.recv().await });
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        drop(peer);
        assert_eq!(answer[0], 0x88);
        assert_eq!(answer[2..4], u16::to_be_bytes(code));
        assert!(matches!(server.await.unwrap(), Err(Error::Protocol(e)) if e == error));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_beyond_the_limit_is_refused_with_1009() {
    let (client, server) = tokio::io::duplex(4096);
    let mut config = Config::default();
    let mut client = WebSocket::new(client, Role::Client, config);
    config.limits.max_message_bytes = 10;
    let mut server = WebSocket::new(server, Role::Server, config);
    let server = tokio::spawn(async move {
        assert_eq!(
            server.recv().await.unwrap(),
            Some(Message::Text("0123456789".into()))
        );
        server.recv().await
    });
    client.send("0123456789").await.unwrap();
    client.send("0123456789a").await.unwrap();
    assert_eq!(client.recv().await.unwrap(), None);
    assert_eq!(
        client.peer_close().unwrap().code(),
        CloseCode::MESSAGE_TOO_BIG
    );
    assert!(matches!(
        server.await.unwrap(),
        Err(Error::Protocol(ProtocolError::MessageTooLong {
            max_bytes: 10
        }))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_pinged_and_kept_when_it_answers() {
    let (mut client, mut server) = pair(4096);
    let started = Instant::now();
    let silence = PING_INTERVAL * 10;
    tokio::select! {
        message = client.recv() => panic!("{message:?}"),
        message = server.recv() => panic!("{message:?}"),
        () = tokio::time::sleep(silence) => {}
    }
    assert_eq!(started.elapsed(), silence);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_cut_off_with_1011() {
    let (mut peer, mut server) = server_with_raw_peer(4096);
    let started = Instant::now();
    let peer = tokio::spawn(async move {
        let mut received = Vec::new();
        peer.read_to_end(&mut received).await.unwrap();
        (received, started.elapsed())
    });
    assert!(matches!(server.recv().await, Err(Error::PongTimeout)));
    let (received, elapsed) = peer.await.unwrap();
    assert_eq!(received[..2], [0x89, 0]);
    assert_eq!(received[2], 0x88);
    assert_eq!(received[4..6], 1011u16.to_be_bytes());
    let patience = PING_INTERVAL + PONG_TIMEOUT;
    assert!(
        elapsed >= patience && elapsed < patience + Duration::from_secs(1),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_finishes_the_close_is_left_after_the_close_timeout() {
    let (_peer, mut server) = server_with_raw_peer(4096);
    let started = Instant::now();
    assert!(matches!(
        server.close(CloseCode::GOING_AWAY, "").await,
        Err(Error::CloseTimeout)
    ));
    assert!(started.elapsed() >= crate::config::CLOSE_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn who_floods_pings_without_reading_is_not_read_either() {
    let (mut peer, mut server) = server_with_raw_peer(64);
    let server = tokio::spawn(async move { (server.recv().await, server.heap_bytes()) });
    let flood = client_frame(0x89, &[b'p'; 100]);
    let started = Instant::now();
    let mut pings = 0;
    while peer.write_all(&flood).await.is_ok() {
        pings += 1;
        assert!(pings < 10_000, "everything is read");
    }
    let (result, heap_bytes) = server.await.unwrap();
    assert!(matches!(result, Err(Error::WriteTimeout)));
    assert!(heap_bytes < 64 * 1024, "{heap_bytes}");
    assert!(started.elapsed() >= WRITE_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn only_the_latest_ping_is_answered_after_a_blocked_time() {
    let (mut peer, mut server) = server_with_raw_peer(32);
    // More than is answered one by one waits to be written.
    server.feed(Bytes::from(vec![0; 5000])).await.unwrap();
    let server = tokio::spawn(async move { server.recv().await });
    for i in 0..20 {
        peer.write_all(&client_frame(0x89, &[i])).await.unwrap();
    }
    let mut received = vec![0; 4 + 5000];
    peer.read_exact(&mut received).await.unwrap();
    peer.write_all(&client_frame(0x88, b"")).await.unwrap();
    let mut rest = Vec::new();
    peer.read_to_end(&mut rest).await.unwrap();
    let (pongs, close) = rest.split_at(rest.len() - 2);
    assert_eq!(close, [0x88, 0]);
    assert!(pongs.len() < 10 * 3, "{} pongs", pongs.len() / 3);
    assert_eq!(pongs[pongs.len() - 3..], [0x8A, 1, 19]);
    assert_eq!(server.await.unwrap().unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_recv_loses_nothing() {
    let (mut peer, mut server) = server_with_raw_peer(4096);
    let bytes = [client_frame(0x81, b"one"), client_frame(0x81, b"two")].concat();
    let mut messages = Vec::new();
    for byte in bytes {
        peer.write_all(&[byte]).await.unwrap();
        tokio::select! {
            biased;
            message = server.recv() => messages.push(message.unwrap().unwrap()),
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(
        messages,
        [Message::Text("one".into()), Message::Text("two".into())]
    );
}

#[tokio::test(start_paused = true)]
async fn one_encoded_frame_goes_to_many_and_small_frames_share_a_write() {
    let frame = EncodedFrame::text("to all");
    for _ in 0..3 {
        let (mut client, mut server) = pair(4096);
        server.feed(frame.clone()).await.unwrap();
        server.feed(frame.clone()).await.unwrap();
        server.flush().await.unwrap();
        for _ in 0..2 {
            assert_eq!(
                client.recv().await.unwrap(),
                Some(Message::Text("to all".into()))
            );
        }
    }
    assert_eq!(frame.op_code(), OpCode::Text);
}

#[tokio::test(start_paused = true)]
async fn an_ended_stream_without_a_close_is_an_error_and_nothing_can_be_sent_afterwards() {
    let (peer, mut server) = server_with_raw_peer(4096);
    drop(peer);
    assert!(matches!(server.recv().await, Err(Error::Lost)));
    assert!(matches!(server.send("late").await, Err(Error::Closed)));
    assert_eq!(server.recv().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_costs_less_than_a_kibibyte() {
    let (mut client, mut server) = pair(64 * 1024);
    client.send("x".repeat(10_000).as_str()).await.unwrap();
    server.recv().await.unwrap();
    server.send("y".repeat(10_000).as_str()).await.unwrap();
    assert_eq!(server.heap_bytes(), 0);
    let own_bytes = size_of::<WebSocket<DuplexStream>>() + size_of::<tokio::time::Sleep>();
    assert!(own_bytes < 1024, "{own_bytes}");
}
