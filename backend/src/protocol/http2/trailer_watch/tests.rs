use super::*;

/// Fields in each representation, with short and long strings, and how many they are.
fn sample() -> (Vec<u8>, usize) {
    let mut block = vec![0x20, 0x3f, 0xe1, 0x1f];
    block.extend([0x82, 0xff, 0x80, 0x01]);
    block.extend(b"\x00\x01x\x01y");
    block.extend(b"\x40\x01x\x00");
    block.extend(b"\x44\x05/path");
    block.extend(b"\x0f\x20\x01z");
    block.extend(b"\x1f\x80\x01\x83abc");
    block.extend([0x10, 0x01, b'n', 0x7f, 0xc9, 0x01]);
    block.extend([b'v'; 0x7f + 0xc9]);
    (block, 8)
}

#[test]
fn every_representation_counts_however_the_block_is_cut() {
    let (block, fields) = sample();
    for piece in [1, 2, 3, block.len()] {
        let mut counter = FieldCounter::default();
        block.chunks(piece).for_each(|piece| counter.count(piece));
        assert_eq!(counter.fields, fields, "by {piece}");
        assert!(
            matches!(counter.expects, Expects::Representation),
            "{counter:?}"
        );
    }
}

fn header(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> FrameHeader {
    let length = u32::try_from(payload.len()).unwrap();
    FrameHeader {
        kind,
        flags,
        length,
        stream,
    }
}

/// Shows a frame to the watch, its payload in two pieces.
fn watch(watch: &mut TrailerWatch, kind: u8, flags: u8, payload: &[u8]) {
    watch.frame(header(kind, flags, 1, payload));
    let (first, second) = payload.split_at(payload.len() / 2);
    watch.payload(first, false);
    watch.payload(second, true);
}

#[test]
fn trailers_are_counted_across_padding_priority_and_continuations() {
    const END_HEADERS: u8 = 0x4;
    const PADDED_AND_PRIORITY: u8 = 0x28;
    let (block, fields) = sample();
    let mut trailers = TrailerWatch::default();
    let counts = trailers.counts();
    watch(&mut trailers, frame_type::HEADERS, END_HEADERS, &block);
    assert!(!trailers.is_in_block());
    assert_eq!(counts.take(1), None, "the head of the request");
    let (first, second) = block.split_at(17);
    let padded = [&[3, 0, 0, 0, 0, 16], first, &[0, 0, 0]].concat();
    watch(
        &mut trailers,
        frame_type::HEADERS,
        PADDED_AND_PRIORITY,
        &padded,
    );
    assert!(trailers.is_in_block());
    watch(&mut trailers, frame_type::CONTINUATION, 0, &[]);
    watch(&mut trailers, frame_type::CONTINUATION, END_HEADERS, second);
    assert!(!trailers.is_in_block());
    assert_eq!(counts.take(1), Some(fields));
    assert_eq!(counts.take(1), None);
}

#[test]
fn what_nobody_asks_for_is_forgotten() {
    let counts = TrailerCounts::default();
    for stream in 0..2 * u32::try_from(MAX_REMEMBERED).unwrap() {
        counts.put(stream, 1);
    }
    assert_eq!(counts.lock().len(), MAX_REMEMBERED);
    assert_eq!(counts.take(0), None);
}
