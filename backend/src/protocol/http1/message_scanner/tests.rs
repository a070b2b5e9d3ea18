use bytes::BytesMut;
use proptest::prelude::*;

use super::*;

const MAX_HEAD_BYTES: usize = 1_000;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nfour";
const CHUNKED: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Feeds `text` in pieces of `piece` bytes; says how many heads there were, and how many bytes went on.
fn scan_in(text: &str, piece: usize) -> Result<(usize, usize), ScanError> {
    let mut scanner = MessageScanner::new(MAX_HEAD_BYTES);
    let (mut heads, mut passed) = (0, 0);
    let mut unread = BytesMut::new();
    for piece in text.as_bytes().chunks(piece) {
        unread.extend_from_slice(piece);
        loop {
            let taken = match scanner.step(&unread)? {
                Step::Wait => break,
                Step::Pass(taken) => {
                    passed += taken;
                    taken
                }
                Step::Drop(taken) => taken,
                Step::Head(taken, _) => {
                    heads += 1;
                    passed += taken;
                    taken
                }
            };
            drop(unread.split_to(taken));
        }
    }
    Ok((heads, passed))
}

fn scan(text: &str) -> Result<(usize, usize), ScanError> {
    let whole = scan_in(text, text.len().max(1));
    for piece in [1, 2, 3, 7] {
        assert_eq!(scan_in(text, piece), whole, "{text:?} by {piece}");
    }
    whole
}

#[test]
fn requests_are_found_behind_each_other() {
    let all = [
        GET,
        POST,
        CHUNKED,
        "2\r\nab\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
        GET,
    ]
    .concat();
    assert_eq!(scan(&all), Ok((4, all.len())));
}

#[test]
fn empty_lines_between_requests_are_dropped() {
    let text = ["\r\n\r\n", POST, "\r\n", GET].concat();
    assert_eq!(scan(&text), Ok((2, text.len() - 6)));
}

#[test]
fn an_incomplete_head_is_held_back() {
    let text = [GET, "GET / HTTP/1.1\r\nHost: a\r\n"].concat();
    assert_eq!(scan(&text), Ok((1, GET.len())));
}

#[test]
fn control_characters_in_a_head_are_refused_at_once() {
    for text in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\rHost: a",
        "GET / HTTP/1.1\r\nX: a\rb",
        "GET / HTTP/1.1\r\nX: a\0",
        "GET / HTTP/1.1\r\nX: \u{7f}",
        "\n",
        "\x16\x03\x01",
    ] {
        assert_eq!(
            scan(text),
            Err(HeadError::ControlCharacter.into()),
            "{text:?}"
        );
    }
}

#[test]
fn a_head_beyond_the_limit_is_refused_whether_it_ends_or_not() {
    let fields = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(MAX_HEAD_BYTES));
    let too_long = HeadError::TooLong {
        max_bytes: MAX_HEAD_BYTES,
    };
    assert_eq!(scan(&fields), Err(too_long.clone().into()));
    assert_eq!(scan(&format!("{fields}\r\n\r\n")), Err(too_long.into()));
    let target = format!("GET /{}", "x".repeat(MAX_HEAD_BYTES));
    let too_long = HeadError::TargetTooLong {
        max_bytes: MAX_HEAD_BYTES,
    };
    assert_eq!(scan(&target), Err(too_long.into()));
}

#[test]
fn chunks_have_a_size_and_an_end() {
    for body in [
        "zz\r\n",
        "\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x1\r\n",
        "1 1\r\n",
        "1\n",
        "1\rx\r\n",
        "1;a\0\r\n",
        "1000000000000000\r\n",
        "0001000000000000000\r\n",
        "5;;\r\n",
        "5;\r\n",
        ";a\r\n",
    ] {
        assert_eq!(
            scan(&[CHUNKED, body].concat()),
            Err(ScanError::Chunk),
            "{body:?}"
        );
    }
    for body in [
        "1 \r\na\r\n0\r\n\r\n",
        "1\t;a=\"b\"\r\na\r\n000\r\n\r\n",
        "00000000000000000001\r\na\r\n00000000000000000000\r\n\r\n",
    ] {
        let text = [CHUNKED, body].concat();
        assert_eq!(scan(&text), Ok((1, text.len())), "{body:?}");
    }
    let endless = [CHUNKED, "1;", &"x".repeat(MAX_CHUNK_LINE_BYTES)].concat();
    assert_eq!(scan(&endless), Err(ScanError::Chunk));
}

#[test]
fn trailers_are_lines_of_fields_that_may_come_late() {
    let end = |trailers: &str| scan(&[CHUNKED, "0\r\n", trailers, "\r\n"].concat());
    for sound in ["", "X-Checksum: abc\r\n", "A: b\r\nC:\r\n"] {
        assert!(end(sound).is_ok(), "{sound:?}");
    }
    for malformed in [
        "a\r\n",
        "a : b\r\n",
        " a: b\r\n",
        "a: b\n",
        "a: \0\r\n",
        "a: b\r\n c\r\n",
    ] {
        assert_eq!(end(malformed), Err(ScanError::Trailers), "{malformed:?}");
    }
    for forbidden in [
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 3\r\n",
        "HOST: b\r\n",
        "X: y\r\nAuthorization: z\r\n",
        "Connection: close\r\n",
    ] {
        let error = end(forbidden).unwrap_err();
        assert!(
            matches!(error, ScanError::ForbiddenTrailer(_)),
            "{forbidden:?}"
        );
    }
    let long = format!("X: {}\r\n", "x".repeat(MAX_TRAILER_BYTES));
    assert_eq!(end(&long), Err(ScanError::Trailers));
}

#[test]
fn what_is_begun_is_a_head_a_chunk_line_or_trailers() {
    let mut scanner = MessageScanner::new(MAX_HEAD_BYTES);
    assert_eq!(scanner.begun_unit(0), None);
    assert_eq!(scanner.begun_unit(1), Some(0));
    let pass_all = |scanner: &mut MessageScanner, text: &str| {
        let mut unread = BytesMut::from(text);
        while let Step::Pass(taken) | Step::Head(taken, _) = scanner.step(&unread).unwrap() {
            drop(unread.split_to(taken));
        }
        unread.len()
    };
    assert_eq!(pass_all(&mut scanner, CHUNKED), 0);
    assert_eq!(scanner.begun_unit(0), None);
    assert_eq!(scanner.begun_unit(1), Some(1));
    assert_eq!(pass_all(&mut scanner, "2\r\na"), 0);
    assert_eq!(scanner.begun_unit(0), None);
    assert_eq!(pass_all(&mut scanner, "b\r\n0\r\n"), 0);
    assert_eq!(scanner.begun_unit(0), Some(3));
    assert_eq!(pass_all(&mut scanner, "\r\n"), 0);
    assert_eq!(scanner.begun_unit(0), None);
}

#[test]
fn empty_lines_begin_the_first_head_and_no_later_one() {
    let mut scanner = MessageScanner::new(MAX_HEAD_BYTES);
    assert_eq!(scanner.step(b"\r\n"), Ok(Step::Drop(2)));
    assert_eq!(scanner.begun_unit(0), Some(0));
    assert_eq!(scanner.step(b"\r\n"), Ok(Step::Drop(2)));
    assert_eq!(scanner.begun_unit(0), Some(0));
    assert!(matches!(scanner.step(GET.as_bytes()), Ok(Step::Head(..))));
    assert_eq!(scanner.begun_unit(0), None);
    assert_eq!(scanner.step(b"\r\n"), Ok(Step::Drop(2)));
    assert_eq!(scanner.begun_unit(0), None);
}

#[test]
fn behind_a_wish_to_upgrade_nothing_is_read_until_it_is_decided() {
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    for (is_upgraded, behind, passed) in [(true, "\0\n", 2), (false, GET, GET.len())] {
        let mut scanner = MessageScanner::new(MAX_HEAD_BYTES);
        let Ok(Step::Head(_, head)) = scanner.step(upgrade.as_bytes()) else {
            panic!("a head");
        };
        assert!(head.asks_for_upgrade && scanner.is_behind_upgrade());
        assert_eq!(scanner.step(behind.as_bytes()), Ok(Step::Wait));
        scanner.decide_upgrade(is_upgraded);
        let step = scanner.step(behind.as_bytes()).unwrap();
        let (Step::Pass(length) | Step::Head(length, _)) = step else {
            panic!("{step:?}");
        };
        assert_eq!(length, passed);
    }
}

proptest! {
    #[test]
    fn the_result_does_not_depend_on_how_the_bytes_are_cut(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                GET, POST, CHUNKED, "1\r\na\r\n", "0\r\n", "\r\n", "X: y\r\n", "Host: a\r\n", "\n", "a", "\r",
            ]),
            0..12,
        ),
        piece in 1_usize..60,
    ) {
        let text = parts.concat();
        prop_assert_eq!(scan_in(&text, piece), scan_in(&text, text.len().max(1)));
    }
}
