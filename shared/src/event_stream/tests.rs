//! The WHATWG text, sentence by sentence, and properties of the codec.

use proptest::prelude::*;

use super::*;

fn decode_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Decoder, Vec<Event>) {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.decode(chunk, &mut events).unwrap();
    }
    (decoder, events)
}

fn decode(stream: impl AsRef<[u8]>) -> (Decoder, Vec<Event>) {
    decode_chunks([stream.as_ref()])
}

/// What a stream says, as `type|id|data` for each event.
fn check(stream: impl AsRef<[u8]>, expected: &[&str]) {
    let brief = |event: &Event| {
        format!(
            "{}|{}|{}",
            event.event_type, event.last_event_id, event.data
        )
    };
    let (_, events) = decode(stream.as_ref());
    assert_eq!(
        events.iter().map(brief).collect::<Vec<_>>(),
        expected,
        "at once"
    );
    let (_, events) = decode_chunks(stream.as_ref().chunks(1));
    assert_eq!(
        events.iter().map(brief).collect::<Vec<_>>(),
        expected,
        "byte by byte"
    );
}

#[test]
fn the_examples_of_the_standard_read_as_it_says() {
    check(
        "data: YHOO\ndata: +2\ndata: 10\n\n",
        &["message||YHOO\n+2\n10"],
    );
    check(
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
        &["message|1|first event", "message||second event"],
    );
    check("data\n\ndata\ndata\n\ndata:", &["message||", "message||\n"]);
    check(
        "data:test\n\ndata: test\n\n",
        &["message||test", "message||test"],
    );
    check(
        "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
        &["add||73857293", "remove||2153"],
    );
}

#[test]
fn lines_end_with_cr_or_lf_or_both_in_any_mixture() {
    for line_break in ["\r", "\n", "\r\n"] {
        check(
            ["data:a", "data:b", "", "data:c", "", ""].join(line_break),
            &["message||a\nb", "message||c"],
        );
    }
    check(
        "data:a\rdata:b\r\ndata:c\n\rdata:d\r\r\n",
        &["message||a\nb\nc", "message||d"],
    );
}

#[test]
fn a_lone_cr_at_the_end_of_a_chunk_dispatches_at_once() {
    let (mut decoder, mut events) = decode("data: a\r\r");
    assert_eq!(events.len(), 1);
    // The LF that follows belongs to that CR and is no empty line of its own.
    decoder.decode(b"\ndata: b\n\n", &mut events).unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].data, "b");
}

#[test]
fn an_empty_chunk_between_cr_and_lf_changes_nothing() {
    let (_, events) = decode_chunks([
        b"data: a\r".as_slice(),
        b"",
        b"\n",
        b"\r",
        b"",
        b"\ndata: b\n\n",
    ]);
    assert_eq!(events.len(), 2);
}

#[test]
fn one_byte_order_mark_is_skipped_and_only_at_the_beginning() {
    check("\u{feff}data: a\n\n", &["message||a"]);
    check("\u{feff}\u{feff}data: a\n\n", &[]);
    check("data: a\n\n\u{feff}data: b\n\n", &["message||a"]);
    check("\n\u{feff}data: b\n\n", &[]);
    check("data: \u{feff}a\n\n", &["message||\u{feff}a"]);
}

#[test]
fn only_one_space_after_the_colon_is_left_out() {
    check("data:  a: b \n\n", &["message|| a: b "]);
}

#[test]
fn unknown_fields_and_comments_and_other_spellings_are_ignored() {
    check(":data: a\nDATA: b\n data: c\ndata : d\nfoo\n\n", &[]);
}

#[test]
fn an_id_sticks_to_the_events_after_it() {
    check(
        "id: 7\ndata: a\n\ndata: b\n\n",
        &["message|7|a", "message|7|b"],
    );
    check(
        "id: 7\ndata: a\n\nid\ndata: b\n\n",
        &["message|7|a", "message||b"],
    );
}

#[test]
fn an_id_in_a_block_without_data_moves_the_last_event_id() {
    let (decoder, events) = decode("id: 7\n\n");
    assert!(events.is_empty());
    assert_eq!(decoder.last_event_id(), "7");
}

#[test]
fn an_id_in_an_unfinished_block_does_not_move_the_last_event_id() {
    let (decoder, _) = decode("id: 7\ndata: a\n\nid: 8\ndata: b\n");
    assert_eq!(decoder.last_event_id(), "7");
}

#[test]
fn an_id_with_nul_in_it_is_ignored() {
    check(
        "id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n",
        &["message|7|a", "message|7|b"],
    );
}

#[test]
fn a_block_without_data_is_no_event_and_its_type_is_forgotten() {
    check("event: a\n\ndata: b\n\n", &["message||b"]);
}

#[test]
fn retry_takes_ascii_digits_and_nothing_else() {
    assert_eq!(decode("retry: 2500\n").0.retry_milliseconds(), Some(2_500));
    for refused in [
        "retry: -1",
        "retry: 1.5",
        "retry: 1s",
        "retry:",
        "retry:  1",
        "retry: ٣",
    ] {
        let (decoder, _) = decode(format!("{refused}\n"));
        assert_eq!(decoder.retry_milliseconds(), None, "{refused}");
    }
    let huge = format!("retry: {}\n", "9".repeat(40));
    assert_eq!(decode(huge).0.retry_milliseconds(), Some(u64::MAX));
}

#[test]
fn an_unfinished_last_event_is_discarded() {
    check("data: a\n\ndata: b", &["message||a"]);
    check("data: a\n\ndata: b\n", &["message||a"]);
}

#[test]
fn invalid_utf_8_becomes_one_replacement_character_for_each_maximal_part() {
    check(b"data: \xe2\x82\n\n", &["message||\u{fffd}"]);
    check(b"data: \xff\xfea\n\n", &["message||\u{fffd}\u{fffd}a"]);
    check(
        b"data: \xf0\x9f\x98\x80 \xed\xa0\x80\n\n",
        &["message||😀 \u{fffd}\u{fffd}\u{fffd}"],
    );
}

#[test]
fn comments_and_unknown_fields_may_have_any_length() {
    for ignored in [":", "dat", "datax: ", "DATA: ", "retry2", "x: data: "] {
        let line = format!("{ignored}{}\n", "y".repeat(10_000));
        let text = format!("data: a\n{line}data: b\n\n");
        for piece_bytes in [1, 7, text.len()] {
            let (mut decoder, mut events) = (Decoder::new(9), Vec::new());
            for piece in text.as_bytes().chunks(piece_bytes) {
                decoder.decode(piece, &mut events).unwrap();
            }
            let data: Vec<_> = events.iter().map(|event| event.data.as_str()).collect();
            assert_eq!(data, ["a\nb"], "{ignored}");
        }
    }
}

#[test]
fn a_line_as_long_as_the_limit_is_read_and_a_longer_one_is_not() {
    let limit = 16;
    let line_too_long = Err(DecodeError::LineTooLong { max_bytes: limit });
    for mark in ["", "\u{feff}"] {
        let longest = limit + "event: ".len();
        for (length, expected) in [(longest, Ok(())), (longest + 1, line_too_long)] {
            let line = format!("{mark}event: {}", "c".repeat(length - "event: ".len()));
            let mut at_once = Decoder::new(limit);
            assert_eq!(at_once.decode(line.as_bytes(), &mut Vec::new()), expected);
            let mut in_bytes = Decoder::new(limit);
            let result = line
                .bytes()
                .try_for_each(|byte| in_bytes.decode(&[byte], &mut Vec::new()));
            assert_eq!(result, expected);
        }
    }
}

#[test]
fn an_event_as_long_as_the_limit_is_read_and_a_longer_one_is_not() {
    let mut decoder = Decoder::new(9);
    let mut events = Vec::new();
    let longest = b"data:1234\ndata:6789\n\n";
    decoder.decode(longest, &mut events).unwrap();
    assert_eq!(events[0].data, "1234\n6789");
    let error = DecodeError::EventTooLong { max_bytes: 9 };
    let longer = b"data:1234\ndata:6789\ndata:\n\n";
    assert_eq!(decoder.decode(longer, &mut events), Err(error));
    assert_eq!(
        decoder.decode(longest, &mut events),
        Err(error),
        "it stays so"
    );
    assert_eq!(events.len(), 1);
}

#[test]
fn the_limit_of_one_line_counts_its_data_and_not_the_field_name() {
    let limit = 16;
    for field in ["data:", "data: "] {
        let event = |bytes: usize| format!("{field}{}\n\n", "x".repeat(bytes));
        let mut events = Vec::new();
        let mut decoder = Decoder::new(limit);
        decoder
            .decode(event(limit).as_bytes(), &mut events)
            .unwrap();
        assert_eq!(events[0].data.len(), limit);
        let error = DecodeError::EventTooLong { max_bytes: limit };
        let longer = decoder.decode(event(limit + 1).as_bytes(), &mut events);
        assert_eq!(longer, Err(error), "{field:?}");
    }
}

#[test]
fn an_id_or_type_that_the_format_cannot_carry_is_refused() {
    let mut out = String::new();
    for id in ["a\nb", "a\rb", "a\0b"] {
        assert_eq!(
            encode_event(&mut out, Some(id), None, "x"),
            Err(EncodeError::Id)
        );
    }
    for event_type in ["a\nb", "a\rb"] {
        assert_eq!(
            encode_event(&mut out, None, Some(event_type), "x"),
            Err(EncodeError::EventType)
        );
    }
    assert_eq!(out, "");
}

#[test]
fn comments_and_retry_are_written_so_that_readers_see_no_event() {
    let mut out = String::new();
    encode_comment(&mut out, "");
    encode_comment(&mut out, "two\nlines");
    encode_retry(&mut out, 1_000);
    assert_eq!(out, ":\n\n: two\n: lines\n\nretry: 1000\n\n");
    check(out, &[]);
}

/// Cuts `stream` at each of `cuts`, taken modulo its length.
fn cut<'a>(stream: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    at.extend([0, stream.len()]);
    at.sort_unstable();
    at.windows(2)
        .map(|pair| &stream[pair[0]..pair[1]])
        .collect()
}

prop_compose! {
    fn any_event()(
        last_event_id in "[^\r\n\0]{0,12}",
        event_type in "[^\r\n]{1,12}",
        data in "[^\r]{0,60}",
    ) -> Event {
        Event { event_type, data, last_event_id }
    }
}

/// Bytes in which what matters to the format is frequent.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        "(\r|\n|\r\n|:| |\0|\u{feff}|é|data|event|id|retry|7|a){1,4}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn encoded_events_are_decoded_as_they_were_under_any_chunking(
        events in proptest::collection::vec(any_event(), 0..6),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let mut stream = String::new();
        for event in &events {
            let id = Some(event.last_event_id.as_str());
            encode_event(&mut stream, id, Some(&event.event_type), &event.data).unwrap();
            encode_comment(&mut stream, &event.data);
        }
        let (_, decoded) = decode_chunks(cut(stream.as_bytes(), &cuts));
        prop_assert_eq!(decoded, events);
    }

    #[test]
    fn any_bytes_give_the_same_events_under_any_chunking(
        stream in any_stream(),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
        limit in 1_usize..64,
    ) {
        let mut whole = (Decoder::new(limit), Vec::new());
        let mut parts = (Decoder::new(limit), Vec::new());
        let whole_result = whole.0.decode(&stream, &mut whole.1);
        let parts_result = cut(&stream, &cuts)
            .into_iter()
            .try_for_each(|chunk| parts.0.decode(chunk, &mut parts.1));
        prop_assert_eq!(whole_result, parts_result);
        prop_assert_eq!(whole.1, parts.1);
        prop_assert_eq!(whole.0.last_event_id(), parts.0.last_event_id());
        prop_assert_eq!(whole.0.retry_milliseconds(), parts.0.retry_milliseconds());
    }
}
