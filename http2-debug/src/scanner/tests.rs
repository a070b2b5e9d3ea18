use super::*;
use crate::frame::{ErrorCode, Excerpt, HeaderBlock, Payload, Setting, SettingId};
use crate::hpack::{Field, FieldList};
use proptest::prelude::*;

/// A frame as bytes.
fn bytes(kind: FrameType, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend_from_slice(&[kind.0, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn scan(depth: Depth, bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    Scanner::new(depth).scan(bytes, |frame| frames.push(frame.clone()));
    frames
}

/// What one frame says.
fn payload(kind: FrameType, flags: u8, payload: &[u8]) -> Payload {
    let mut frames = scan(Depth::Contents, &bytes(kind, flags, 1, payload));
    assert_eq!(frames.len(), 1);
    frames.remove(0).payload
}

fn excerpt(bytes: &[u8]) -> Excerpt {
    Excerpt {
        bytes: bytes.to_vec(),
        is_whole: true,
    }
}

/// `:method: GET` by its index.
const GET: &[u8] = &[0x82];

fn get() -> HeaderBlock {
    HeaderBlock::Fields(FieldList {
        fields: vec![Field {
            name: b":method".to_vec(),
            value: b"GET".to_vec(),
        }],
        left_out: 0,
    })
}

#[test]
fn each_type_is_decoded() {
    for (kind, bytes, expected) in [
        (
            FrameType::DATA,
            b"body".as_slice(),
            Payload::Data(Some(excerpt(b"body"))),
        ),
        (
            FrameType::HEADERS,
            &[],
            Payload::Headers(HeaderBlock::Unfinished),
        ),
        (
            FrameType::PRIORITY,
            &[0x80, 0, 0, 3, 255],
            Payload::Priority {
                dependency: 3,
                exclusive: true,
                weight: 256,
            },
        ),
        (
            FrameType::RST_STREAM,
            &[0, 0, 0, 8],
            Payload::ResetStream(ErrorCode(8)),
        ),
        (
            FrameType::SETTINGS,
            &[0, 8, 0, 0, 0, 1],
            Payload::Settings(vec![Setting {
                id: SettingId::ENABLE_CONNECT_PROTOCOL,
                value: 1,
            }]),
        ),
        (FrameType::PING, b"12345678", Payload::Ping(*b"12345678")),
        (
            FrameType::GOAWAY,
            &[0, 0, 0, 5, 0, 0, 0, 11, b'c', b'a', b'l', b'm'],
            Payload::GoAway {
                last_stream: 5,
                code: ErrorCode(11),
                debug_data: excerpt(b"calm"),
            },
        ),
        (
            FrameType::WINDOW_UPDATE,
            &[0x80, 0, 1, 0],
            Payload::WindowUpdate { increment: 256 },
        ),
        (FrameType(0xfe), b"?", Payload::Unknown(excerpt(b"?"))),
    ] {
        assert_eq!(payload(kind, 0, bytes), expected);
    }
}

#[test]
fn payloads_of_the_wrong_length_are_malformed_and_the_next_frame_is_found() {
    for (kind, flags, wrong) in [
        (FrameType::DATA, Flags::PADDED, b"\x02x".as_slice()),
        (FrameType::HEADERS, Flags::PADDED, &[2, 0]),
        (FrameType::HEADERS, Flags::PRIORITY, &[0; 4]),
        (FrameType::PRIORITY, Flags(0), &[0; 4]),
        (FrameType::RST_STREAM, Flags(0), &[0; 5]),
        (FrameType::SETTINGS, Flags(0), &[0; 5]),
        (FrameType::PUSH_PROMISE, Flags(0), &[0; 3]),
        (FrameType::PING, Flags(0), &[0; 7]),
        (FrameType::GOAWAY, Flags(0), &[0; 7]),
        (FrameType::WINDOW_UPDATE, Flags(0), &[0; 3]),
    ] {
        let mut both = bytes(kind, flags.0, 1, wrong);
        both.extend(bytes(FrameType::PING, 0, 0, b"12345678"));
        let frames = scan(Depth::Contents, &both);
        assert_eq!(frames[0].payload, Payload::Malformed, "{kind}");
        assert_eq!(frames[1].payload, Payload::Ping(*b"12345678"));
    }
}

#[test]
fn padding_priority_and_the_promised_stream_are_no_part_of_a_header_block() {
    let end = Flags::END_HEADERS.0;
    let padded = end | Flags::PADDED.0 | Flags::PRIORITY.0;
    let headers = payload(
        FrameType::HEADERS,
        padded,
        &[2, 0, 0, 0, 0, 9, GET[0], 0, 0],
    );
    assert_eq!(headers, Payload::Headers(get()));
    let promise = payload(
        FrameType::PUSH_PROMISE,
        end | Flags::PADDED.0,
        &[1, 0, 0, 0, 2, GET[0], 0],
    );
    assert_eq!(
        promise,
        Payload::PushPromise {
            promised: 2,
            fields: get()
        }
    );
    let data = payload(FrameType::DATA, Flags::PADDED.0, b"\x02data\0\0");
    assert_eq!(data, Payload::Data(Some(excerpt(b"data"))));
}

#[test]
fn a_header_block_goes_on_in_continuations() {
    // A literal in three parts: its index, its name, its value.
    let mut all = bytes(FrameType::HEADERS, 0, 1, &[0x40]);
    all.extend(bytes(FrameType::CONTINUATION, 0, 1, b"\x01x"));
    all.extend(bytes(
        FrameType::CONTINUATION,
        Flags::END_HEADERS.0,
        1,
        b"\x01y",
    ));
    all.extend(bytes(FrameType::HEADERS, Flags::END_HEADERS.0, 3, &[0xbe]));
    let frames = scan(Depth::Contents, &all);
    let fields = HeaderBlock::Fields(FieldList {
        fields: vec![Field {
            name: b"x".to_vec(),
            value: b"y".to_vec(),
        }],
        left_out: 0,
    });
    assert_eq!(frames[0].payload, Payload::Headers(HeaderBlock::Unfinished));
    assert_eq!(
        frames[1].payload,
        Payload::Continuation(HeaderBlock::Unfinished)
    );
    assert_eq!(frames[2].payload, Payload::Continuation(fields.clone()));
    assert_eq!(frames[3].payload, Payload::Headers(fields));
}

#[test]
fn after_a_damaged_or_overlong_block_no_fields_are_shown_and_frames_still_are() {
    let end = Flags::END_HEADERS.0;
    for lost in [vec![0x80], vec![0; HEADER_BYTES_KEPT + 1]] {
        let mut all = bytes(FrameType::HEADERS, end, 1, &lost);
        all.extend(bytes(FrameType::HEADERS, end, 3, GET));
        all.extend(bytes(FrameType::PING, 0, 0, b"12345678"));
        let frames = scan(Depth::Contents, &all);
        assert_eq!(
            frames[0].payload,
            Payload::Headers(HeaderBlock::Undecodable)
        );
        assert_eq!(
            frames[1].payload,
            Payload::Headers(HeaderBlock::Undecodable)
        );
        assert_eq!(frames[2].payload, Payload::Ping(*b"12345678"));
    }
}

#[test]
fn contents_are_left_alone_unless_they_are_asked_for() {
    let end = Flags::END_HEADERS.0;
    let mut all = bytes(FrameType::HEADERS, end, 1, GET);
    all.extend(bytes(
        FrameType::PUSH_PROMISE,
        end,
        1,
        &[0, 0, 0, 2, GET[0]],
    ));
    all.extend(bytes(FrameType::DATA, 0, 1, b"body"));
    let frames = scan(Depth::Control, &all);
    assert_eq!(frames[0].payload, Payload::Headers(HeaderBlock::NotRead));
    let promise = Payload::PushPromise {
        promised: 2,
        fields: HeaderBlock::NotRead,
    };
    assert_eq!(frames[1].payload, promise);
    assert_eq!(
        (frames[2].length, &frames[2].payload),
        (4, &Payload::Data(None))
    );
}

#[test]
fn of_a_long_body_only_the_beginning_is_kept() {
    let Payload::Data(Some(data)) = payload(FrameType::DATA, 0, &[7; 16_384]) else {
        panic!("no data");
    };
    assert_eq!(
        data,
        Excerpt {
            bytes: vec![7; EXCERPT_BYTES],
            is_whole: false
        }
    );
    let Payload::Data(Some(data)) = payload(FrameType::DATA, 0, &[7; EXCERPT_BYTES]) else {
        panic!("no data");
    };
    assert!(data.is_whole);
}

fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let payload = proptest::collection::vec(any::<u8>(), 0..600);
    (0_u8..12, any::<u8>(), any::<u32>(), payload)
        .prop_map(|(kind, flags, stream, payload)| bytes(FrameType(kind), flags, stream, &payload))
}

proptest! {
    #[test]
    fn the_same_frames_are_found_however_the_bytes_are_cut(
        frames in proptest::collection::vec(any_frame(), 0..10),
        cuts in proptest::collection::vec(1_usize..700, 1..20),
        depth in prop_oneof![Just(Depth::Control), Just(Depth::Contents)],
    ) {
        let count = frames.len();
        let all = frames.concat();
        let at_once = scan(depth, &all);
        prop_assert_eq!(at_once.len(), count);

        let mut in_pieces = Vec::new();
        let mut scanner = Scanner::new(depth);
        let mut rest = all.as_slice();
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            scanner.scan(piece, |frame| in_pieces.push(frame.clone()));
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(in_pieces, at_once);
    }
}
