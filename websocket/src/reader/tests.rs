//! The cases of the Autobahn test suite that concern what is read, by its groups, and
//! properties over any way of cutting the bytes.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::close::CloseCode;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as a client sends it.
fn frame(fin: bool, op_code: OpCode, payload: &[u8]) -> Vec<u8> {
    let header = FrameHeader {
        fin,
        op_code,
        mask: Some(KEY),
        payload_len: payload.len() as u64,
    };
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    let header_len = bytes.len();
    bytes.extend_from_slice(payload);
    Mask::new(KEY).apply(&mut bytes[header_len..]);
    bytes
}

fn fin(op_code: OpCode, payload: &[u8]) -> Vec<u8> {
    frame(true, op_code, payload)
}

fn more(op_code: OpCode, payload: &[u8]) -> Vec<u8> {
    frame(false, op_code, payload)
}

fn server() -> Reader {
    Reader::new(Role::Server, Limits::default())
}

/// Reads bytes that arrive in pieces of `piece` bytes.
fn read_with(
    reader: &mut Reader,
    bytes: &[u8],
    piece: usize,
) -> Result<Vec<Incoming>, ProtocolError> {
    let mut all = Vec::new();
    for piece in bytes.to_vec().chunks_mut(piece) {
        let mut taken = 0;
        while taken < piece.len() {
            let (len, incoming) = reader.read(&mut piece[taken..])?;
            taken += len;
            all.extend(incoming);
        }
    }
    Ok(all)
}

/// What the frames say, which must not depend on how they are cut.
#[track_caller]
fn read(frames: &[Vec<u8>]) -> Result<Vec<Incoming>, ProtocolError> {
    let bytes = frames.concat();
    let whole = read_with(&mut server(), &bytes, bytes.len().max(1));
    for piece in [1, 2, 7, 997] {
        assert_eq!(
            read_with(&mut server(), &bytes, piece),
            whole,
            "in pieces of {piece}"
        );
    }
    whole
}

fn text(text: &str) -> Incoming {
    Incoming::Message(Message::Text(text.to_owned()))
}

fn binary(payload: &[u8]) -> Incoming {
    Incoming::Message(Message::Binary(Bytes::copy_from_slice(payload)))
}

#[test]
fn group_1_messages_of_each_length_form_are_read() {
    for len in [0, 125, 126, 127, 128, 65_535, 65_536] {
        let payload = vec![b'*'; len];
        let content = String::from_utf8(payload.clone()).unwrap();
        assert_eq!(
            read(&[fin(OpCode::Text, &payload)]),
            Ok(vec![text(&content)])
        );
        assert_eq!(
            read(&[fin(OpCode::Binary, &payload)]),
            Ok(vec![binary(&payload)])
        );
    }
}

#[test]
fn group_2_pings_and_pongs_carry_their_payload_up_to_125_bytes() {
    let payload = [0xfe; 125];
    assert_eq!(
        read(&[
            fin(OpCode::Ping, b""),
            fin(OpCode::Ping, &payload),
            fin(OpCode::Pong, b"!")
        ]),
        Ok(vec![
            Incoming::Ping(Bytes::new()),
            Incoming::Ping(Bytes::copy_from_slice(&payload)),
            Incoming::Pong(Bytes::from_static(b"!")),
        ])
    );
    let too_long = fin(OpCode::Ping, &[0xfe; 126]);
    assert_eq!(read(&[too_long]), Err(ProtocolError::LongControlFrame));
}

#[test]
fn group_3_reserved_bits_fail_after_what_was_valid_before_them() {
    let mut reserved = fin(OpCode::Text, b"x");
    reserved[0] |= 0x40;
    let mut reader = server();
    assert_eq!(
        read_with(&mut reader, &fin(OpCode::Text, b"ok"), 64),
        Ok(vec![text("ok")])
    );
    assert_eq!(
        read_with(&mut reader, &reserved, 64),
        Err(ProtocolError::ReservedBits)
    );
}

#[test]
fn group_4_reserved_op_codes_fail() {
    for bits in (3..=7).chain(11..=15) {
        let frame = vec![0x80 | bits, 0x80, 0, 0, 0, 0];
        assert_eq!(read(&[frame]), Err(ProtocolError::ReservedOpCode(bits)));
    }
}

#[test]
fn group_5_control_frames_may_stand_between_fragments_but_not_be_fragmented() {
    assert_eq!(
        read(&[
            more(OpCode::Text, b"frag"),
            fin(OpCode::Ping, b"p"),
            more(OpCode::Continuation, b""),
            fin(OpCode::Continuation, b"ment"),
        ]),
        Ok(vec![
            Incoming::Ping(Bytes::from_static(b"p")),
            text("fragment")
        ])
    );
    assert_eq!(
        read(&[more(OpCode::Ping, b"")]),
        Err(ProtocolError::FragmentedControlFrame)
    );
    assert_eq!(
        read(&[more(OpCode::Pong, b"")]),
        Err(ProtocolError::FragmentedControlFrame)
    );
}

#[test]
fn group_5_continuations_follow_a_beginning_and_nothing_else_does() {
    for unexpected in [more, fin] {
        assert_eq!(
            read(&[unexpected(OpCode::Continuation, b"x")]),
            Err(ProtocolError::UnexpectedContinuation)
        );
        assert_eq!(
            read(&[more(OpCode::Text, b"x"), unexpected(OpCode::Text, b"y")]),
            Err(ProtocolError::InterruptedMessage)
        );
    }
    let mut reader = server();
    let whole = [more(OpCode::Binary, b"a"), fin(OpCode::Continuation, b"b")].concat();
    assert_eq!(read_with(&mut reader, &whole, 64), Ok(vec![binary(b"ab")]));
    assert_eq!(
        read_with(&mut reader, &fin(OpCode::Continuation, b""), 64),
        Err(ProtocolError::UnexpectedContinuation)
    );
}

#[test]
fn group_6_characters_may_be_cut_by_fragments_anywhere() {
    let content = "κόσμε𐍈";
    let mut frames = vec![more(OpCode::Text, b"")];
    frames.extend(
        content
            .bytes()
            .map(|byte| more(OpCode::Continuation, &[byte])),
    );
    frames.push(fin(OpCode::Continuation, b""));
    assert_eq!(read(&frames), Ok(vec![text(content)]));
}

#[test]
fn group_6_text_that_ends_inside_a_character_fails() {
    assert_eq!(
        read(&[fin(OpCode::Text, b"\xce\xba\xe1\xbd")]),
        Err(ProtocolError::InvalidUtf8)
    );
    assert_eq!(
        read(&[more(OpCode::Text, b"\xce"), fin(OpCode::Continuation, b"")]),
        Err(ProtocolError::InvalidUtf8)
    );
}

#[test]
fn group_6_invalid_text_fails_in_the_middle_of_a_frame_that_has_not_fully_arrived() {
    // κόσμε, then U+110000, which does not exist: known at its second byte.
    let invalid = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited";
    let bytes = fin(OpCode::Text, invalid);
    let header_len = bytes.len() - invalid.len();
    let known_at = header_len + 13;
    let mut reader = server();
    assert_eq!(
        read_with(&mut reader, &bytes[..known_at - 1], 1),
        Ok(vec![])
    );
    assert_eq!(
        read_with(&mut reader, &bytes[known_at - 1..known_at], 1),
        Err(ProtocolError::InvalidUtf8)
    );
}

#[test]
fn group_7_close_frames_are_read_with_code_and_reason_or_without() {
    let frame = CloseFrame::new(CloseCode::NORMAL, &"*".repeat(123));
    assert_eq!(
        read(&[fin(OpCode::Close, &frame.to_payload())]),
        Ok(vec![Incoming::Close(Some(frame))])
    );
    assert_eq!(
        read(&[fin(OpCode::Close, b"")]),
        Ok(vec![Incoming::Close(None)])
    );
}

#[test]
fn group_7_close_frames_with_reserved_codes_or_broken_payloads_fail() {
    for code in [
        0u16, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        assert_eq!(
            read(&[fin(OpCode::Close, &code.to_be_bytes())]),
            Err(ProtocolError::InvalidCloseCode(code))
        );
    }
    assert_eq!(
        read(&[fin(OpCode::Close, b"\x03")]),
        Err(ProtocolError::TruncatedCloseCode)
    );
    assert_eq!(
        read(&[fin(OpCode::Close, b"\x03\xe8\xff")]),
        Err(ProtocolError::InvalidUtf8)
    );
}

#[test]
fn a_message_of_the_limit_is_read_and_one_byte_more_fails_before_it_has_arrived() {
    let limits = Limits {
        max_message_bytes: 1000,
        ..Limits::default()
    };
    let reader = || Reader::new(Role::Server, limits);
    let payload = [7; 1000];
    let whole = fin(OpCode::Binary, &payload);
    assert_eq!(
        read_with(&mut reader(), &whole, 64),
        Ok(vec![binary(&payload)])
    );
    let too_long = fin(OpCode::Binary, &[7; 1001]);
    let error = Err(ProtocolError::MessageTooLong { max_bytes: 1000 });
    assert_eq!(read_with(&mut reader(), &too_long[..8], 8), error);
    let fragments = [
        more(OpCode::Binary, &payload),
        fin(OpCode::Continuation, b"7"),
    ]
    .concat();
    assert_eq!(read_with(&mut reader(), &fragments, 64), error);
}

#[test]
fn a_message_of_100_000_fragments_is_read() {
    let mut bytes = more(OpCode::Binary, b"x");
    for _ in 0..99_998 {
        bytes.extend(more(OpCode::Continuation, b"x"));
    }
    bytes.extend(fin(OpCode::Continuation, b"x"));
    let expected = binary(&b"x".repeat(100_000));
    assert_eq!(read_with(&mut server(), &bytes, 4096), Ok(vec![expected]));
}

#[test]
fn the_last_allowed_fragment_is_read_and_one_more_fails() {
    let limits = Limits {
        max_fragments: 3,
        max_empty_fragments: 2,
        ..Limits::default()
    };
    let read = |frames: &[Vec<u8>]| {
        read_with(&mut Reader::new(Role::Server, limits), &frames.concat(), 64)
    };
    let (first, empty) = (more(OpCode::Binary, b"x"), more(OpCode::Continuation, b""));
    let middle = more(OpCode::Continuation, b"x");
    let last = fin(OpCode::Continuation, b"");
    assert_eq!(
        read(&[first.clone(), middle.clone(), last.clone()]),
        Ok(vec![binary(b"xx")])
    );
    assert_eq!(
        read(&[first.clone(), middle.clone(), middle, last.clone()]),
        Err(ProtocolError::TooManyFragments { max: 3 })
    );
    let limits = Limits {
        max_fragments: 9,
        ..limits
    };
    let read = |frames: &[Vec<u8>]| {
        read_with(&mut Reader::new(Role::Server, limits), &frames.concat(), 64)
    };
    assert!(read(&[first.clone(), empty.clone(), empty.clone(), last]).is_ok());
    assert_eq!(
        read(&[first, empty.clone(), empty.clone(), empty]),
        Err(ProtocolError::TooManyEmptyFragments { max: 2 })
    );
}

#[test]
fn a_client_must_mask_and_a_server_must_not() {
    assert_eq!(read(&[vec![0x81, 0x00]]), Err(ProtocolError::UnmaskedFrame));
    let mut client = Reader::new(Role::Client, Limits::default());
    assert_eq!(
        read_with(&mut client, b"\x81\x02hi", 64),
        Ok(vec![text("hi")])
    );
    let masked = fin(OpCode::Text, b"hi");
    assert_eq!(
        read_with(&mut client, &masked, 64),
        Err(ProtocolError::MaskedFrame)
    );
}

#[test]
fn a_reader_between_messages_keeps_no_heap_memory() {
    let mut reader = server();
    let frames = [fin(OpCode::Text, &[b'x'; 5000]), fin(OpCode::Ping, b"p")].concat();
    read_with(&mut reader, &frames, 1000).unwrap();
    assert!(reader.is_idle());
    assert_eq!(reader.heap_bytes(), 0);
}

#[test]
fn an_announced_length_reserves_no_memory_before_its_bytes_arrive() {
    let mut reader = server();
    let bytes = fin(OpCode::Binary, &vec![0; 1 << 20]);
    read_with(&mut reader, &bytes[..100], 100).unwrap();
    assert!(reader.heap_bytes() < 1024, "{}", reader.heap_bytes());
}

proptest! {
    #[test]
    fn a_message_is_read_the_same_however_it_is_fragmented_and_cut(
        content in "\\PC{0,300}",
        fragments in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        piece in 1..64usize,
    ) {
        let mut ends: Vec<_> = fragments.iter().map(|end| end.index(content.len() + 1)).collect();
        ends.sort_unstable();
        let (mut bytes, mut start, mut op_code) = (BytesMut::new(), 0, OpCode::Text);
        for end in ends {
            bytes.extend(more(op_code, &content.as_bytes()[start..end]));
            bytes.extend(fin(OpCode::Ping, b"between"));
            (start, op_code) = (end, OpCode::Continuation);
        }
        bytes.extend(fin(op_code, &content.as_bytes()[start..]));
        let mut incoming = read_with(&mut server(), &bytes, piece).unwrap();
        prop_assert_eq!(incoming.pop(), Some(text(&content)));
        prop_assert_eq!(incoming.len(), fragments.len());
    }

    #[test]
    fn the_parts_of_a_message_are_the_message(
        content in "\\PC{0,300}",
        is_text: bool,
        fragments in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        piece in 1..64usize,
        min_bytes in 1..100usize,
    ) {
        let mut ends: Vec<_> = fragments.iter().map(|end| end.index(content.len() + 1)).collect();
        ends.sort_unstable();
        let op_code = if is_text { OpCode::Text } else { OpCode::Binary };
        let (mut bytes, mut start, mut next) = (BytesMut::new(), 0, op_code);
        for end in ends {
            bytes.extend(more(next, &content.as_bytes()[start..end]));
            (start, next) = (end, OpCode::Continuation);
        }
        bytes.extend(fin(next, &content.as_bytes()[start..]));
        let mut reader = server();
        reader.hand_out_parts(Some(min_bytes));

        let incoming = read_with(&mut reader, &bytes, piece).unwrap();

        prop_assert!(reader.is_idle());
        let count = incoming.len();
        let mut put_together = Vec::new();
        for (index, incoming) in incoming.into_iter().enumerate() {
            let part = match incoming {
                Incoming::Message(content) => Part::whole(content),
                Incoming::Part(part) => part,
                other => panic!("{other:?}"),
            };
            prop_assert_eq!((part.is_first, part.is_last), (index == 0, index + 1 == count));
            prop_assert!(part.is_last || part.content.len() >= min_bytes);
            prop_assert!(part.content.len() < min_bytes + piece + 4);
            match part.content {
                Message::Text(text) if is_text => put_together.extend(text.into_bytes()),
                Message::Binary(bytes) if !is_text => put_together.extend(bytes),
                other => panic!("{other:?}"),
            }
        }
        prop_assert_eq!(put_together, content.into_bytes());
    }

    #[test]
    fn any_bytes_are_read_without_panic_and_within_the_limits(
        bytes in prop::collection::vec(any::<u8>(), 0..4096),
        piece in 1..512usize,
        role in prop::sample::select(vec![Role::Client, Role::Server]),
    ) {
        let limits = Limits { max_message_bytes: 256, max_fragments: 8, max_empty_fragments: 2 };
        let mut reader = Reader::new(role, limits);
        for piece in bytes.chunks(piece) {
            if read_with(&mut reader, piece, piece.len()).is_err() {
                break;
            }
            prop_assert!(reader.heap_bytes() <= 256 + 256 + size_of::<PartialMessage>());
        }
    }
}
