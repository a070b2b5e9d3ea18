//! Recordings with times that a test knows.

use std::time::Duration;

use http::{StatusCode, Version};
use url::Url;

use super::recording::{ConnectionRecord, File, Initiator, Recording};

/// A page with a hinted script, a pushed style sheet that nobody needs, a redirected image and one on
/// another host that breaks off.
pub(super) fn recording() -> Recording {
    let url = Url::parse("https://localhost:8443/").unwrap();
    let files = vec![
        file(
            "/",
            Initiator::Address,
            [0, 120, 180, 200],
            200,
            [1200, 4100],
        ),
        file(
            "/app-13840747579f4604.js?a=1&b=2",
            Initiator::Hint,
            [170, 171, 240, 244],
            200,
            [7100, 27_400],
        ),
        file(
            "/style.css",
            Initiator::Push,
            [175, 175, 176, 240],
            200,
            [2048, 9216],
        ),
        file(
            "/old.png",
            Initiator::Parser,
            [200, 201, 260, 261],
            301,
            [0, 0],
        ),
        file(
            "/new.png",
            Initiator::Redirect,
            [260, 261, 320, 360],
            404,
            [100, 100],
        ),
        file(
            "//cdn.example/<b>.png",
            Initiator::Style,
            [244, 300, 390, 400],
            200,
            [101_000, 101_000],
        ),
    ];
    let mut recording = Recording {
        url,
        files,
        connections: vec![ConnectionRecord {
            origin: "https://localhost:8443".to_owned(),
            version: Some(Version::HTTP_2),
            begun_at: Duration::ZERO,
            open_at: milliseconds(119),
        }],
        left_out: vec!["2 references left out: beyond --max-files 6".to_owned()],
    };
    recording.files[1].needed = true;
    recording.files[4].from = Some(3);
    recording.files[5].from = Some(2);
    recording.files[5].error = Some("the body broke off\x1b[2J".to_owned());
    recording
}

/// A file that is known, sent, there with its first byte, and ended at these milliseconds, of so many
/// bytes on the wire and decoded.
fn file(
    address: &str,
    initiator: Initiator,
    [known, sent, first_byte, end]: [u64; 4],
    status: u16,
    [wire_bytes, decoded_bytes]: [u64; 2],
) -> File {
    let url = Url::parse("https://localhost:8443/")
        .unwrap()
        .join(address)
        .unwrap();
    let from = (initiator != Initiator::Address).then_some(0);
    File {
        version: Some(Version::HTTP_2),
        status: Some(StatusCode::from_u16(status).unwrap()),
        media_type: Some("text/plain".to_owned()),
        sent_at: Some(milliseconds(sent)),
        first_byte_at: Some(milliseconds(first_byte)),
        end_at: Some(milliseconds(end)),
        wire_bytes,
        decoded_bytes,
        ..File::new(url, initiator, from, milliseconds(known))
    }
}

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}
