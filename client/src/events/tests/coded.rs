//! Streams whose server or proxy compresses them.

use std::io::Write as _;

use tokio::sync::oneshot;

use super::*;
use crate::http::{ACCEPT_ENCODING, CodingError};

/// A server of one compressed stream: the first piece at once, the second when it is told to.
async fn serve_coded(coding: &str, pieces: [Vec<u8>; 2]) -> (Uri, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: {coding}\r\n\r\n"
    );
    let (go_on, told) = oneshot::channel();
    tokio::spawn(async move {
        let (mut io, _) = listener.accept().await.unwrap();
        let request = read_head(&mut io).await;
        assert!(
            request.contains(&format!("accept-encoding: {ACCEPT_ENCODING}\r\n")),
            "{request}"
        );
        io.write_all(head.as_bytes()).await.unwrap();
        io.write_all(&pieces[0]).await.unwrap();
        told.await.unwrap();
        io.write_all(&pieces[1]).await.unwrap();
    });
    (url.parse().unwrap(), go_on)
}

/// Two events, each flushed on its own, as servers send them.
fn gzip_pieces() -> [Vec<u8>; 2] {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"id: 1\ndata: a\n\n").unwrap();
    encoder.flush().unwrap();
    let first = encoder.get_ref().clone();
    encoder.write_all(b"id: 2\ndata: b\n\n").unwrap();
    let whole = encoder.finish().unwrap();
    [first.clone(), whole[first.len()..].to_vec()]
}

fn brotli_pieces() -> [Vec<u8>; 2] {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
    encoder.write_all(b"id: 1\ndata: a\n\n").unwrap();
    encoder.flush().unwrap();
    let first = encoder.get_ref().clone();
    encoder.write_all(b"id: 2\ndata: b\n\n").unwrap();
    let whole = encoder.into_inner();
    [first.clone(), whole[first.len()..].to_vec()]
}

#[tokio::test]
async fn a_compressed_stream_gives_each_event_as_soon_as_it_is_flushed() {
    for (coding, pieces) in [
        ("gzip", gzip_pieces()),
        ("x-gzip", gzip_pieces()),
        ("br", brotli_pieces()),
        (
            "Identity",
            [b"data: a\n\n".to_vec(), b"data: b\n\n".to_vec()],
        ),
    ] {
        let (url, go_on) = serve_coded(coding, pieces).await;
        let mut stream = read(url, ReadOptions::default());
        assert_eq!(next_data(&mut stream).await.as_deref(), Some("a"));
        go_on.send(()).unwrap();
        assert_eq!(
            next_data(&mut stream).await.as_deref(),
            Some("b"),
            "{coding}"
        );
    }
}

#[tokio::test]
async fn a_stream_in_an_unknown_or_broken_coding_ends_with_a_reason() {
    let nothing = || [b"data: no gzip\n\n".to_vec(), Vec::new()];
    for (coding, expected) in [
        ("zstd", CodingError::Unknown("zstd".to_owned())),
        ("gzip, br", CodingError::Unknown("gzip, br".to_owned())),
        ("gzip", CodingError::Invalid("gzip")),
    ] {
        let (url, _go_on) = serve_coded(coding, nothing()).await;
        let error = read(url, ReadOptions::default()).next().await.unwrap_err();
        assert!(
            matches!(&error, ReadError::Coded(coded) if *coded == expected),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_compressed_stream_that_breaks_off_or_is_damaged_is_lost_after_its_events() {
    let cut = |pieces: [Vec<u8>; 2]| [pieces[0].clone(), Vec::new()];
    let damaged = |[first, mut second]: [Vec<u8>; 2]| {
        // The last eight bytes are the checksum and the length (RFC 1952, section 2.2).
        let checksum = second.len() - 8;
        second[checksum] ^= 1;
        [first, second]
    };
    for (coding, pieces, is_whole) in [
        ("gzip", gzip_pieces(), true),
        ("gzip", cut(gzip_pieces()), false),
        ("gzip", damaged(gzip_pieces()), false),
        ("br", brotli_pieces(), true),
        ("br", cut(brotli_pieces()), false),
    ] {
        let (url, go_on) = serve_coded(coding, pieces).await;
        go_on.send(()).unwrap();
        let mut stream = read(url, ReadOptions::default());
        let mut data = Vec::new();
        let loss = loop {
            match stream.next_change().await.unwrap().unwrap() {
                Change::Opened { .. } => {}
                Change::Event(event) => data.push(event.data),
                Change::Lost { loss, .. } => break loss,
            }
        };
        assert_eq!(data[0], "a", "{coding}");
        assert_eq!(matches!(loss, Loss::Ended), is_whole, "{coding}: {loss}");
        assert_eq!(matches!(loss, Loss::Damaged), !is_whole, "{coding}: {loss}");
    }
}
