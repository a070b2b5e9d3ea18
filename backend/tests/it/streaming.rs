//! Bodies pass through the server and are never gathered in it: its memory is that of a process
//! of its own.

use std::time::Duration;

use roomcast::defaults::STREAM_WINDOW_BYTES;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::client::Client;
use crate::support::frame::{
    ACK, DATA, END_STREAM, Frame, INITIAL_WINDOW_SIZE, PING, WINDOW_UPDATE,
};
use crate::support::peer::Peer;
use crate::support::process::ServerProcess;
use crate::support::text_peer::TextPeer;
use crate::support::within;

const MIB: u64 = 1024 * 1024;

/// SHA-256 of 2^30 zeros.
const HASH_OF_A_GIB: &str = "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14";

/// What a body may add to the process's memory on its way through, in KiB.
const MAX_GROWTH_KIB: u64 = 16 * 1024;

/// Answers ordinary requests, so that what a process needs once is there.
async fn warm_up(server: &ServerProcess) {
    let mut client = Client::connect(server.address).await;
    for _ in 0..10 {
        client.get("/healthz", &[]).await;
    }
}

fn expect_flat(server: &ServerProcess, before: u64) {
    let growth = server.peak_kib().saturating_sub(before);
    assert!(growth < MAX_GROWTH_KIB, "grew by {growth} KiB");
}

#[tokio::test]
async fn a_body_of_one_gib_over_http1_leaves_memory_flat() {
    let server = ServerProcess::start(&["--plain"]).await;
    let mut peer = TextPeer::connect_plain(server.address).await;
    let head = peer.get("/healthz").await;
    peer.body(&head).await;
    server.forget_peak();
    let before = server.resident_kib();
    let length = 1024 * MIB;
    peer.send(&format!(
        "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    ))
    .await;
    let part = vec![0; 1024 * 1024];
    for _ in 0..length / MIB {
        within("the server to read", peer.try_send(&part))
            .await
            .unwrap();
    }
    let head = peer.head().await;
    assert_eq!(head.status, 200);
    let report = String::from_utf8(peer.body(&head).await).unwrap();
    assert!(
        report.contains(&format!("\"length\":{length},")),
        "{report}"
    );
    assert!(report.contains(HASH_OF_A_GIB), "{report}");
    expect_flat(&server, before);
}

/// Sends DATA as the stream's window allows it, in frames of the size that every server takes. The
/// connection's window is so much larger that one stream alone never fills it.
async fn send_data(peer: &mut Peer, stream: u32, bytes: u64) {
    const PART_FRAMES: usize = 16;
    let part = Frame::data(stream, 0, vec![0; 16_384]).bytes();
    let part = part.repeat(PART_FRAMES);
    let part_bytes = 16_384 * PART_FRAMES as u64;
    let mut window = u64::from(STREAM_WINDOW_BYTES);
    let mut left = bytes;
    while left > 0 {
        if window >= part_bytes {
            peer.send_bytes(&part).await;
            window -= part_bytes;
            left -= part_bytes;
        } else {
            let update = peer
                .expect(|frame| frame.kind == WINDOW_UPDATE && frame.stream == stream)
                .await;
            let increment = u32::from_be_bytes(update.payload[..].try_into().unwrap());
            window += u64::from(increment);
        }
    }
}

#[tokio::test]
async fn a_body_of_one_gib_over_http2_leaves_memory_flat() {
    let server = ServerProcess::start(&["--plain"]).await;
    warm_up_plain(&server).await;
    let mut peer = Peer::connect_plain(server.address, &[]).await;
    server.forget_peak();
    let before = server.resident_kib();
    peer.send(Frame::post(1, "/api/echo")).await;
    send_data(&mut peer, 1, 1024 * MIB).await;
    peer.send(Frame::data(1, END_STREAM, [])).await;
    assert_eq!(peer.expect_response(1).await, 200);
    let data = peer.expect(|frame| frame.kind == DATA).await;
    let report = String::from_utf8(data.payload).unwrap();
    assert!(report.contains("\"length\":1073741824,"), "{report}");
    assert!(report.contains(HASH_OF_A_GIB), "{report}");
    expect_flat(&server, before);
}

#[tokio::test]
async fn a_long_body_over_http2_and_tls_leaves_memory_flat() {
    let server = ServerProcess::start(&[]).await;
    warm_up(&server).await;
    let mut client = Client::connect(server.address).await;
    server.forget_peak();
    let before = server.resident_kib();
    let whole = client.post("/api/echo", &vec![0; 64 * 1024 * 1024]).await;
    assert_eq!(whole.status(), 200);
    let report = String::from_utf8(whole.body).unwrap();
    assert!(
        report.contains(&format!("\"length\":{},", 64 * MIB)),
        "{report}"
    );
    expect_flat(&server, before);
}

#[tokio::test]
async fn a_long_response_leaves_memory_flat() {
    let server = ServerProcess::start(&["--plain"]).await;
    let window = (INITIAL_WINDOW_SIZE, 0x7fff_ffff);
    let mut peer = Peer::connect_plain(server.address, &[window]).await;
    peer.send(Frame::window_update(0, 0x7fff_0000)).await;
    peer.send(Frame::get(1, "/prime?interval=0&count=0")).await;
    assert_eq!(peer.expect_response(1).await, 200);
    // The newest pages of primes are kept for other readers: first let there be as many of them
    // as there may be.
    read_data(&mut peer, 80 * MIB).await;
    server.forget_peak();
    let before = server.resident_kib();
    read_data(&mut peer, 32 * MIB).await;
    expect_flat(&server, before);
}

/// Reads DATA, and answers pings meanwhile.
async fn read_data(peer: &mut Peer, bytes: u64) {
    let mut received = 0;
    while received < bytes {
        let frame = peer
            .expect(|frame| [DATA, PING].contains(&frame.kind))
            .await;
        if frame.kind == PING {
            peer.send(Frame::new(PING, ACK, 0, frame.payload)).await;
        } else {
            received += frame.payload.len() as u64;
        }
    }
}

#[tokio::test]
async fn a_reader_that_stops_reading_stops_the_writer_until_it_reads_on() {
    let server = ServerProcess::start(&["--plain"]).await;
    let path = "/prime?interval=0&count=0";
    let mut over_http2 = Peer::connect_plain(server.address, &[]).await;
    over_http2.send(Frame::get(1, path)).await;
    assert_eq!(over_http2.expect_response(1).await, 200);
    let mut over_http1 = TextPeer::connect_plain(server.address).await;
    over_http1.get(path).await;

    expect_standstill(&server).await;

    // Both have more to say as soon as somebody takes it.
    over_http1.take(16 * 1024 * 1024).await;
    let mut received = 0;
    while received < 1_000_000 {
        let data = over_http2.expect(|frame| frame.kind == DATA).await;
        received += data.payload.len();
        let length = u32::try_from(data.payload.len()).unwrap();
        over_http2.send(Frame::window_update(0, length)).await;
        over_http2.send(Frame::window_update(1, length)).await;
    }
}

/// Waits until the server uses no processor time any more, and checks that its memory is flat
/// then.
async fn expect_standstill(server: &ServerProcess) {
    let standstill = async {
        let mut used = server.processor_time();
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let now = server.processor_time();
            if now.saturating_sub(used) <= Duration::from_millis(10) {
                break;
            }
            used = now;
        }
    };
    within("the writer to stop", standstill).await;
    let before = server.resident_kib();
    server.forget_peak();
    let used = server.processor_time();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.processor_time().saturating_sub(used) <= Duration::from_millis(30));
    expect_flat(server, before);
}

/// As the echo, which sends back what it gets, but reads no more while nobody takes it.
#[tokio::test]
async fn an_echo_that_is_not_read_stops_the_sender() {
    let server = ServerProcess::start(&["--plain"]).await;
    warm_up_plain(&server).await;
    let mut tcp = TcpStream::connect(server.address).await.unwrap();
    tcp.write_all(
        b"GET /api/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    .await
    .unwrap();
    let before = server.resident_kib();
    server.forget_peak();
    // Messages of 64 KiB until the socket takes none for a while.
    let mut message = vec![0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.resize(message.len() + 65_536, 0);
    let mut sent = 0_u64;
    while let Ok(written) =
        tokio::time::timeout(Duration::from_millis(500), tcp.write_all(&message)).await
    {
        written.unwrap();
        sent += message.len() as u64;
        assert!(sent < 64 * MIB, "the echo reads on though nobody reads it");
    }
    expect_flat(&server, before);
}

async fn warm_up_plain(server: &ServerProcess) {
    let mut peer = TextPeer::connect_plain(server.address).await;
    for _ in 0..10 {
        let head = peer.get("/healthz").await;
        peer.body(&head).await;
    }
}
