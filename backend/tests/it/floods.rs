//! Peers that send more than anybody needs: they are cut off, the process does not grow, and
//! others do not notice.

use tokio::io::AsyncWriteExt as _;

use crate::support::client::Client;
use crate::support::fixture::{self, NEEDS};
use crate::support::frame::{
    CANCEL, CONTINUATION, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, Frame,
    GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, PRIORITY, PROTOCOL_ERROR,
    PUSH_PROMISE, STREAM_CLOSED, header_block, request,
};
use crate::support::peer::Peer;
use crate::support::process::ServerProcess;
use crate::support::web_socket::{self, Road};
use crate::support::within;

/// By how much the process may grow meanwhile, in KiB.
const MAX_GROWTH_KIB: u64 = 64 * 1024;

/// How much a flood sends at once, in bytes.
const BATCH_BYTES: usize = 64 * 1024;

/// A flood ends at the latest when it has sent this much, in bytes. Each is cut off much earlier.
const MAX_FLOOD_BYTES: usize = 256 * 1024 * 1024;

/// What a flood may be ended with: some of them break a rule besides being many.
const CODES: [u32; 4] = [
    ENHANCE_YOUR_CALM,
    PROTOCOL_ERROR,
    FLOW_CONTROL_ERROR,
    STREAM_CLOSED,
];

/// Sends the first frames and then `frames` without end, until the server ends the connection
/// with an error. Another client is answered after and, with many batches, meanwhile.
async fn expect_cut_off(first: &[Frame], frames: impl FnMut() -> Frame) {
    expect_cut_off_with(&[], first, frames).await;
}

async fn expect_cut_off_with(
    settings: &[(u16, u32)],
    first: &[Frame],
    mut frames: impl FnMut() -> Frame,
) {
    let server = ServerProcess::start(&[]).await;
    let mut other = Client::connect(server.address).await;
    let mut peer = Peer::connect_with(server.address, settings).await;
    server.forget_peak();
    let before = server.resident_kib();
    for frame in first {
        peer.send(frame.clone()).await;
    }
    let mut sent = 0;
    loop {
        let mut batch = Vec::new();
        while batch.len() < BATCH_BYTES {
            batch.extend(frames().bytes());
        }
        if within(
            "the server to read on or to cut off",
            peer.try_send_bytes(&batch),
        )
        .await
        .is_err()
        {
            break;
        }
        sent += batch.len();
        assert!(sent < MAX_FLOOD_BYTES, "{sent} bytes and not cut off");
        if sent % (16 * BATCH_BYTES) < BATCH_BYTES {
            assert_eq!(other.get("/healthz", &[]).await.status(), 200);
        }
    }
    expect_error_at_the_end(&mut peer).await;
    let growth = server.peak_kib().saturating_sub(before);
    assert!(growth < MAX_GROWTH_KIB, "grew by {growth} KiB");
    assert_eq!(other.get("/healthz", &[]).await.status(), 200);
}

/// The server says why, unless its words were lost together with what it did not read.
async fn expect_error_at_the_end(peer: &mut Peer) {
    while let Ok(Some(frame)) = within("the end", peer.try_next()).await {
        if frame.kind == GOAWAY {
            assert!(CODES.contains(&frame.error_code()), "{frame:?}");
        }
    }
}

/// Requests one after the other: 1, 3, 5…
fn stream_numbers() -> impl FnMut() -> u32 {
    let mut next = 1;
    move || {
        next += 2;
        next - 2
    }
}

/// Each request with something after it that concerns the same stream.
fn requests_with(follow: impl Fn(u32) -> Frame) -> impl FnMut() -> Frame {
    let mut next = stream_numbers();
    let mut pending = None;
    move || {
        pending.take().unwrap_or_else(|| {
            let stream = next();
            pending = Some(follow(stream));
            Frame::post(stream, "/api/echo")
        })
    }
}

#[tokio::test]
async fn requests_withdrawn_at_once() {
    expect_cut_off(&[], requests_with(|stream| Frame::reset(stream, CANCEL))).await;
}

#[tokio::test]
async fn resets_provoked_by_a_window_opened_too_far() {
    let follow = |stream| Frame::window_update(stream, 0x7fff_ffff);
    expect_cut_off(&[], requests_with(follow)).await;
}

#[tokio::test]
async fn resets_provoked_by_a_window_opened_by_nothing() {
    expect_cut_off(&[], requests_with(|stream| Frame::window_update(stream, 0))).await;
}

#[tokio::test]
async fn resets_provoked_by_a_request_that_depends_on_itself() {
    let follow = |stream: u32| {
        let mut payload = stream.to_be_bytes().to_vec();
        payload.push(15);
        Frame::new(PRIORITY, 0, stream, payload)
    };
    expect_cut_off(&[], requests_with(follow)).await;
}

#[tokio::test]
async fn resets_provoked_by_malformed_requests() {
    let mut next = stream_numbers();
    let mut fields = request("GET", "/").to_vec();
    fields.push(("connection", "close"));
    expect_cut_off(&[], || Frame::headers(next(), END_STREAM, &fields)).await;
}

#[tokio::test]
async fn resets_provoked_by_data_after_the_end() {
    let mut next = stream_numbers();
    let mut pending = None;
    let frames = || {
        pending.take().unwrap_or_else(|| {
            let stream = next();
            pending = Some(Frame::data(stream, 0, *b"more"));
            Frame::get(stream, "/prime")
        })
    };
    expect_cut_off(&[], frames).await;
}

#[tokio::test]
async fn more_streams_than_allowed() {
    let mut next = stream_numbers();
    expect_cut_off(&[], || Frame::post(next(), "/api/echo")).await;
}

#[tokio::test]
async fn pings() {
    expect_cut_off(&[], || Frame::ping([0; 8])).await;
}

#[tokio::test]
async fn settings() {
    expect_cut_off(&[], || Frame::settings(&[(INITIAL_WINDOW_SIZE, 70_000)])).await;
}

#[tokio::test]
async fn priorities() {
    expect_cut_off(&[], || Frame::new(PRIORITY, 0, 1, [0, 0, 0, 3, 15])).await;
}

#[tokio::test]
async fn frames_of_unknown_types() {
    expect_cut_off(&[], || Frame::new(0x16, 0, 0, [0; 100])).await;
}

#[tokio::test]
async fn window_updates() {
    let mut stream = 0;
    let frames = || {
        stream = 1 - stream;
        Frame::window_update(stream, 1)
    };
    expect_cut_off(&[Frame::post(1, "/api/echo")], frames).await;
}

#[tokio::test]
async fn data_without_content() {
    let first = [Frame::post(1, "/api/echo")];
    expect_cut_off(&first, || Frame::data(1, 0, [])).await;
}

#[tokio::test]
async fn data_that_is_all_padding() {
    let first = [Frame::post(1, "/api/echo")];
    let padding = Frame::new(0, 0x8, 1, [0]);
    expect_cut_off(&first, || padding.clone()).await;
}

#[tokio::test]
async fn data_of_one_byte_each_for_somebody_who_does_not_read_it() {
    // The echo stops reading once its answers are not taken.
    let mut fields = request("CONNECT", "/api/echo").to_vec();
    fields.extend([(":protocol", "websocket"), ("sec-websocket-version", "13")]);
    let mut message = vec![0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.resize(16_000, 0);
    let mut first = vec![Frame::headers(1, 0, &fields), Frame::data(1, 0, message)];
    first.extend((0..4).map(|_| Frame::data(1, 0, vec![0; 16_384])));
    let no_window = [(INITIAL_WINDOW_SIZE, 0)];
    expect_cut_off_with(&no_window, &first, || Frame::data(1, 0, [0x80])).await;
}

#[tokio::test]
async fn a_header_block_without_end() {
    let first = [Frame::new(
        HEADERS,
        END_STREAM,
        1,
        header_block(&request("GET", "/")),
    )];
    let fields = header_block(&[("x", "y")]).repeat(1_000);
    expect_cut_off(&first, || Frame::new(CONTINUATION, 0, 1, fields.clone())).await;
}

#[tokio::test]
async fn a_header_block_in_tiny_pieces_without_end() {
    let first = [Frame::new(
        HEADERS,
        END_STREAM,
        1,
        header_block(&request("GET", "/")),
    )];
    let mut pieces = header_block(&[("x", "y")]).into_iter().cycle();
    expect_cut_off(&first, || {
        Frame::new(
            CONTINUATION,
            0,
            1,
            pieces.next().into_iter().collect::<Vec<_>>(),
        )
    })
    .await;
}

#[tokio::test]
async fn a_header_block_in_empty_pieces_without_end() {
    let first = [Frame::new(
        HEADERS,
        END_STREAM,
        1,
        header_block(&request("GET", "/")),
    )];
    expect_cut_off(&first, || Frame::new(CONTINUATION, 0, 1, [])).await;
}

/// A few bytes that stand for much more: a field of 4,000 bytes, indexed once, named thousands
/// of times.
#[tokio::test]
async fn header_bombs() {
    let value = "v".repeat(4_000);
    let mut field = header_block(&[("x", &value)]);
    // Literal with incremental indexing, new name (RFC 7541, section 6.2.1).
    field[0] = 0x40;
    let mut block = header_block(&request("GET", "/"));
    block.extend(field);
    block.extend([0xbe; 12_000]);
    let mut next = stream_numbers();
    let flags = END_HEADERS | END_STREAM;
    expect_cut_off(&[], || Frame::new(HEADERS, flags, next(), block.clone())).await;
}

/// Each request is an honest one; what it leaves behind is a push that the client never opens, though each
/// file is promised once.
#[tokio::test]
async fn pushes_that_are_never_taken() {
    let page = tempfile::tempdir().unwrap();
    fixture::write(page.path());
    let server = ServerProcess::start(&["--assets", page.path().to_str().unwrap()]).await;
    let settings = [
        (MAX_CONCURRENT_STREAMS, 0),
        (INITIAL_WINDOW_SIZE, 1_000_000),
    ];
    let mut peer = Peer::connect_with(server.address, &settings).await;
    peer.send(Frame::window_update(0, 0x7fff_0000)).await;
    let mut fields = request("GET", "/").to_vec();
    fields.push(("accept-encoding", "br"));
    server.forget_peak();
    let before = server.resident_kib();
    let mut next = stream_numbers();
    let mut promises = 0;
    for _ in 0..100 {
        let mut batch = Vec::new();
        for _ in 0..100 {
            batch.extend(Frame::headers(next(), END_STREAM, &fields).bytes());
        }
        peer.send_bytes(&batch).await;
        let mut ended = 0;
        while ended < 100 {
            let frame = peer.next().await.expect("an answer");
            assert_ne!(frame.kind, GOAWAY, "{frame:?}");
            promises += usize::from(frame.kind == PUSH_PROMISE);
            ended += usize::from(frame.kind <= HEADERS && frame.has(END_STREAM));
        }
    }
    assert_eq!(promises, NEEDS.len());
    let growth = server.peak_kib().saturating_sub(before);
    assert!(growth < MAX_GROWTH_KIB, "grew by {growth} KiB");
}

/// Each may be as long as it is; what is never finished waits for its end together with all the others.
#[tokio::test]
async fn long_messages_that_are_never_finished() {
    const MIB: usize = 1024 * 1024;
    let server = ServerProcess::start(&[]).await;
    server.forget_peak();
    let before = server.resident_kib();
    let mut begun = vec![];
    for _ in 0..50 {
        let io = web_socket::open_raw(server.address, Road::Http1).await;
        let (mut reader, mut writer) = tokio::io::split(io);
        let reading = tokio::spawn(async move {
            let mut nowhere = tokio::io::sink();
            // Until the connection ends, which is no failure here.
            let _ = tokio::io::copy(&mut reader, &mut nowhere).await;
        });
        let mut head = vec![0x82, 0xff];
        head.extend((16 * MIB as u64).to_be_bytes());
        head.extend([0; 4]);
        within("the server to read", writer.write_all(&head))
            .await
            .unwrap();
        let beginning = vec![7; 2 * MIB];
        within("the server to read", writer.write_all(&beginning))
            .await
            .unwrap();
        begun.push((writer, reading));
    }
    let mut others = Client::connect(server.address).await;
    assert_eq!(others.get("/healthz", &[]).await.status(), 200);
    let growth = server.peak_kib().saturating_sub(before);
    assert!(growth < MAX_GROWTH_KIB, "grew by {growth} KiB");
}
