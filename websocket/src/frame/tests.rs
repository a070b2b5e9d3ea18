use proptest::prelude::*;

use super::*;

fn parse(bytes: &[u8]) -> Result<Option<(FrameHeader, usize)>, ProtocolError> {
    FrameHeader::parse(bytes)
}

#[test]
fn each_reserved_bit_is_refused_at_the_first_byte() {
    for bit in [0x10, 0x20, 0x40] {
        assert_eq!(parse(&[0x81 | bit]), Err(ProtocolError::ReservedBits));
    }
}

#[test]
fn each_reserved_op_code_is_refused_at_the_first_byte() {
    for bits in (0x3..=0x7).chain(0xB..=0xF) {
        assert_eq!(
            parse(&[0x80 | bits]),
            Err(ProtocolError::ReservedOpCode(bits))
        );
    }
}

#[test]
fn a_control_frame_is_whole_and_short() {
    for bits in 0x8..=0xA {
        assert_eq!(parse(&[bits]), Err(ProtocolError::FragmentedControlFrame));
        assert_eq!(
            parse(&[0x80 | bits, 126]),
            Err(ProtocolError::LongControlFrame)
        );
        assert!(parse(&[0x80 | bits, 125]).unwrap().is_some());
    }
}

#[test]
fn a_length_must_be_in_its_shortest_form_and_below_two_to_the_63() {
    let long = |len: u64| [&[0x82, 127][..], &len.to_be_bytes()].concat();
    assert_eq!(
        parse(&[0x82, 126, 0, 125]),
        Err(ProtocolError::InvalidLength)
    );
    assert!(parse(&[0x82, 126, 0, 126]).unwrap().is_some());
    assert_eq!(parse(&long(65_535)), Err(ProtocolError::InvalidLength));
    assert!(parse(&long(65_536)).unwrap().is_some());
    assert!(parse(&long((1 << 63) - 1)).unwrap().is_some());
    assert_eq!(parse(&long(1 << 63)), Err(ProtocolError::InvalidLength));
}

#[test]
fn a_clone_of_an_encoded_frame_shares_its_bytes() {
    let frame = EncodedFrame::text("to thousands");
    assert_eq!(frame.clone().as_bytes().as_ptr(), frame.as_bytes().as_ptr());
    assert_eq!(frame.payload(), "to thousands");
}

fn op_code() -> impl Strategy<Value = OpCode> {
    prop::sample::select(vec![
        OpCode::Continuation,
        OpCode::Text,
        OpCode::Binary,
        OpCode::Close,
        OpCode::Ping,
        OpCode::Pong,
    ])
}

proptest! {
    #[test]
    fn a_header_survives_its_encoding_and_needs_all_its_bytes(
        fin: bool,
        op_code in op_code(),
        mask: Option<[u8; 4]>,
        len in prop_oneof![0..=130u64, 65_500..=65_600u64, 0..1u64 << 63],
    ) {
        let control = op_code.is_control();
        let header = FrameHeader {
            fin: fin || control,
            op_code,
            mask,
            payload_len: if control { len % 126 } else { len },
        };
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        prop_assert!(bytes.len() <= MAX_HEADER_BYTES);
        for cut in 0..bytes.len() {
            prop_assert_eq!(parse(&bytes[..cut]), Ok(None));
        }
        prop_assert_eq!(parse(&bytes), Ok(Some((header, bytes.len()))));
    }

    #[test]
    fn what_is_refused_stays_refused_when_more_bytes_come(bytes: [u8; 14], cut in 0..14usize) {
        if let Err(error) = parse(&bytes[..cut]) {
            prop_assert_eq!(parse(&bytes), Err(error));
        }
    }
}

proptest! {
    #[test]
    fn messages_in_a_row_are_the_same_frames_as_one_by_one(texts in proptest::collection::vec(".{0,200}", 0..5)) {
        let mut out = BytesMut::new();
        let mut one_by_one = BytesMut::new();
        for text in &texts {
            EncodedFrames::put_text(&mut out, text);
            one_by_one.put_slice(EncodedFrame::text(text).as_bytes());
        }
        prop_assert_eq!(&out, &one_by_one);
        let payloads: Vec<_> = EncodedFrames::new(out.freeze()).payloads().collect();
        prop_assert_eq!(payloads, texts);
    }
}
