use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

const TIMEOUT: Duration = Duration::from_secs(10);

fn frame(kind: u8, length: u32) -> FrameHeader {
    FrameHeader {
        kind,
        flags: 0,
        length,
        stream: 1,
    }
}

fn guard() -> (FloodGuard<tokio::io::Empty>, Arc<Calm>) {
    FloodGuard::new(tokio::io::empty(), TIMEOUT)
}

#[tokio::test]
async fn what_is_read_after_a_moment_is_never_said_to_be_read_before() {
    let (_, calm) = guard();
    for _ in 0..1_000 {
        let moment = Instant::now();
        calm.note_read();
        assert!(calm.last_read() >= moment);
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_pings_passes_and_one_more_does_not() {
    let (mut guard, _) = guard();
    let ping = frame(frame_type::PING, 8);
    assert!((0..CONTROL_BURST).all(|_| guard.allows(ping)));
    assert!(!guard.allows(ping));
}

#[tokio::test(start_paused = true)]
async fn pings_at_the_allowed_rate_pass_for_ever() {
    let (mut guard, _) = guard();
    let ping = frame(frame_type::PING, 8);
    for _ in 0..CONTROL_BURST * 3 {
        tokio::time::advance(std::time::Duration::from_secs(1) / CONTROL_PER_SECOND).await;
        assert!(guard.allows(ping));
    }
}

#[tokio::test(start_paused = true)]
async fn withdrawn_requests_have_a_budget_of_their_own() {
    let (mut guard, _) = guard();
    let reset = frame(frame_type::RST_STREAM, 4);
    assert!((0..RESET_BURST).all(|_| guard.allows(reset)));
    assert!(!guard.allows(reset));
    assert!(guard.allows(frame(frame_type::PING, 8)));
}

#[tokio::test(start_paused = true)]
async fn window_updates_are_paid_for_by_data_that_was_sent() {
    let (mut guard, calm) = guard();
    let update = frame(frame_type::WINDOW_UPDATE, 4);
    assert!((0..WINDOW_UPDATE_BURST).all(|_| guard.allows(update)));
    assert!(!guard.allows(update));
    calm.data_sent(100);
    assert!((0..WINDOW_UPDATES_PER_DATA_FRAME).all(|_| guard.allows(update)));
    assert!(!guard.allows(update));
}

#[tokio::test(start_paused = true)]
async fn requests_and_data_are_never_a_flood() {
    let (mut guard, _) = guard();
    for _ in 0..CONTROL_BURST * 10 {
        assert!(guard.allows(frame(frame_type::HEADERS, 20)));
        assert!(guard.allows(frame(frame_type::DATA, 1)));
    }
}

#[tokio::test(start_paused = true)]
async fn empty_data_that_does_not_end_a_stream_is_one() {
    let (mut guard, _) = guard();
    let empty = frame(frame_type::DATA, 0);
    assert!((0..CONTROL_BURST).all(|_| guard.allows(empty)));
    assert!(!guard.allows(empty));
}

const SETTINGS: &[u8] = &[0, 0, 0, 0x4, 0, 0, 0, 0, 0];

/// When the peer has gone too far that sends these bytes after its preface, and then one of `dripping` every
/// three seconds; at most after a hundred times the time of a unit.
async fn ended_after(bytes: &[u8], dripping: &'static [u8]) -> Duration {
    let (ours, mut theirs) = tokio::io::duplex(10_000);
    let (mut guard, calm) = FloodGuard::new(ours, TIMEOUT);
    theirs
        .write_all(&[PREFACE.as_slice(), bytes].concat())
        .await
        .unwrap();
    tokio::spawn(async move {
        for byte in dripping {
            tokio::time::sleep(Duration::from_secs(3)).await;
            theirs.write_u8(*byte).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    let begin = Instant::now();
    let reading = async { while guard.read_u8().await.is_ok() {} };
    tokio::select! {
        () = reading => {}
        reason = calm.exceeded() => assert_eq!(reason, Reason::ENHANCE_YOUR_CALM),
        () = tokio::time::sleep(TIMEOUT * 100) => {}
    }
    begin.elapsed()
}

#[tokio::test(start_paused = true)]
async fn what_is_begun_must_be_complete_in_time() {
    let headers = [0, 0, 1, 0x1, 0x1, 0, 0, 0, 1, 0x82];
    let with_settings = |bytes: &[u8]| [SETTINGS, bytes].concat();
    for (bytes, dripping) in [
        (vec![], &[][..]),
        (SETTINGS[..5].to_vec(), &[]),
        (with_settings(&headers), &[]),
        (
            with_settings(&headers),
            &[0, 0, 1, 0x9, 0, 0, 0, 0, 1, 0x82, 0, 0, 1, 0x9, 0, 0],
        ),
        (with_settings(&headers[..9]), &[]),
        (with_settings(&headers[..3]), &[]),
        (
            with_settings(&[0, 0, 8, 0x6, 0, 0, 0, 0, 0, 1]),
            &[1, 1, 1, 1, 1],
        ),
    ] {
        assert_eq!(ended_after(&bytes, dripping).await, TIMEOUT, "{bytes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn between_frames_and_in_data_a_peer_may_rest() {
    let whole = [0, 0, 1, 0x1, 0x5, 0, 0, 0, 1, 0x82];
    let data = [0, 0, 5, 0x0, 0, 0, 0, 0, 1, 0x1];
    for bytes in [
        SETTINGS.to_vec(),
        [SETTINGS, &whole].concat(),
        [SETTINGS, &data].concat(),
    ] {
        assert_eq!(ended_after(&bytes, &[]).await, TIMEOUT * 100, "{bytes:?}");
    }
}
