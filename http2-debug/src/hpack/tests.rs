use super::*;
use proptest::prelude::*;

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<_> = hexadecimal.chars().filter(|c| !c.is_whitespace()).collect();
    let octet = |pair: &[char]| pair.iter().collect::<String>();
    let octets = digits.chunks(2).map(octet);
    octets
        .map(|octet| u8::from_str_radix(&octet, 16).unwrap())
        .collect()
}

/// The fields as `name: value` lines.
fn lines(list: &FieldList) -> Vec<String> {
    let line = |field: &Field| {
        let name = String::from_utf8(field.name.clone()).unwrap();
        format!(
            "{name}: {}",
            String::from_utf8(field.value.clone()).unwrap()
        )
    };
    list.fields.iter().map(line).collect()
}

/// Decodes these blocks one after the other, as one side of a connection sends them.
fn check(table_bytes: Option<usize>, blocks: &[(&str, &[&str], usize)]) {
    let mut decoder = Decoder::default();
    if let Some(table_bytes) = table_bytes {
        decoder.table.resize(table_bytes).unwrap();
    }
    for (block, expected, table_bytes) in blocks {
        let list = decoder.decode(&bytes(block)).unwrap();
        assert_eq!(lines(&list), *expected);
        assert_eq!(decoder.table.bytes(), *table_bytes);
    }
}

#[test]
fn a_literal_with_indexing_as_in_appendix_c_2_1() {
    check(
        None,
        &[(
            "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
            &["custom-key: custom-header"],
            55,
        )],
    );
}

#[test]
fn literals_that_are_not_indexed_as_in_appendices_c_2_2_and_c_2_3() {
    check(
        None,
        &[
            (
                "040c 2f73 616d 706c 652f 7061 7468",
                &[":path: /sample/path"],
                0,
            ),
            (
                "1008 7061 7373 776f 7264 0673 6563 7265 74",
                &["password: secret"],
                0,
            ),
            ("82", &[":method: GET"], 0),
        ],
    );
}

const FIRST_REQUEST: &[&str] = &[
    ":method: GET",
    ":scheme: http",
    ":path: /",
    ":authority: www.example.com",
];
const SECOND_REQUEST: &[&str] = &[
    ":method: GET",
    ":scheme: http",
    ":path: /",
    ":authority: www.example.com",
    "cache-control: no-cache",
];
const THIRD_REQUEST: &[&str] = &[
    ":method: GET",
    ":scheme: https",
    ":path: /index.html",
    ":authority: www.example.com",
    "custom-key: custom-value",
];

#[test]
fn requests_without_huffman_as_in_appendix_c_3() {
    check(
        None,
        &[
            (
                "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                FIRST_REQUEST,
                57,
            ),
            ("8286 84be 5808 6e6f 2d63 6163 6865", SECOND_REQUEST, 110),
            (
                "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
                THIRD_REQUEST,
                164,
            ),
        ],
    );
}

#[test]
fn requests_with_huffman_as_in_appendix_c_4() {
    check(
        None,
        &[
            (
                "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
                FIRST_REQUEST,
                57,
            ),
            ("8286 84be 5886 a8eb 1064 9cbf", SECOND_REQUEST, 110),
            (
                "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
                THIRD_REQUEST,
                164,
            ),
        ],
    );
}

const FIRST_RESPONSE: &[&str] = &[
    ":status: 302",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
];
const SECOND_RESPONSE: &[&str] = &[
    ":status: 307",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
];
const THIRD_RESPONSE: &[&str] = &[
    ":status: 200",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:22 GMT",
    "location: https://www.example.com",
    "content-encoding: gzip",
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
];

#[test]
fn responses_in_a_table_of_256_bytes_as_in_appendix_c_5() {
    check(
        Some(256),
        &[
            (
                "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
                 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
                 6c65 2e63 6f6d",
                FIRST_RESPONSE,
                222,
            ),
            ("4803 3330 37c1 c0bf", SECOND_RESPONSE, 222),
            (
                "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
                 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
                 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
                 3d31",
                THIRD_RESPONSE,
                215,
            ),
        ],
    );
}

#[test]
fn responses_with_huffman_as_in_appendix_c_6() {
    check(
        Some(256),
        &[
            (
                "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
                 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                FIRST_RESPONSE,
                222,
            ),
            ("4883 640e ffc1 c0bf", SECOND_RESPONSE, 222),
            (
                "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
                 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
                 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
                THIRD_RESPONSE,
                215,
            ),
        ],
    );
}

#[test]
fn an_integer_of_several_octets_as_in_appendix_c_1_2_and_one_without_end() {
    assert_eq!(Block(&bytes("1f 9a 0a")).integer(5), Ok(1337));
    assert_eq!(Block(&bytes("0a")).integer(5), Ok(10));
    assert_eq!(
        Block(&bytes("ff ff ff ff 7f")).integer(8),
        Ok(255 + (1 << 28) - 1)
    );
    assert_eq!(
        Block(&bytes("ff ff ff ff ff 00")).integer(8),
        Err(HpackError::Integer)
    );
}

#[test]
fn damaged_blocks_are_refused() {
    for (block, error) in [
        ("80", HpackError::Index),
        ("be", HpackError::Index),
        ("7f 07 01 78", HpackError::Index),
        ("00 05 78", HpackError::Truncated),
        ("40", HpackError::Truncated),
        ("7f", HpackError::Truncated),
        ("00 81 08 01 78", HpackError::Huffman),
        ("3f e2 ff 03", HpackError::TableSize),
    ] {
        assert_eq!(
            Decoder::default().decode(&bytes(block)),
            Err(error),
            "{block}"
        );
    }
}

#[test]
fn a_small_block_that_stands_for_much_is_shown_in_part() {
    let mut decoder = Decoder::default();
    let mut block = bytes("40 01 78 7f a1 1e");
    block.extend([b'v'; 4_000]);
    let first = decoder.decode(&block).unwrap();
    assert_eq!(first.fields[0].value.len(), 4_000);
    let list = decoder.decode(&[0xbe; 1_000]).unwrap();
    let shown = MAX_FIELDS_BYTES / 4_001;
    assert_eq!((list.fields.len(), list.left_out), (shown, 1_000 - shown));
}

/// A field as a literal: indexed or not, with Huffman's code or without.
fn literal(field: &Field, indexed: bool, is_huffman: bool) -> Vec<u8> {
    let mut block = vec![if indexed { 0x40 } else { 0x00 }];
    for text in [&field.name, &field.value] {
        let (mark, text) = if is_huffman {
            (0x80, huffman::tests::encode(text))
        } else {
            (0, text.clone())
        };
        if let Ok(length @ ..127) = u8::try_from(text.len()) {
            block.push(mark | length);
        } else {
            let rest = text.len() - 127;
            block.push(mark | 0x7f);
            block.push(u8::try_from(rest % 128).unwrap() | 0x80);
            block.push(u8::try_from(rest / 128).unwrap());
        }
        block.extend(text);
    }
    block
}

fn any_field() -> impl Strategy<Value = Field> {
    let octets = || proptest::collection::vec(any::<u8>(), 0..200);
    (octets(), octets()).prop_map(|(name, value)| Field { name, value })
}

proptest! {
    #[test]
    fn literals_of_every_kind_are_read_and_the_table_keeps_to_its_size(
        fields in proptest::collection::vec((any_field(), any::<bool>(), any::<bool>()), 0..60),
    ) {
        let mut decoder = Decoder::default();
        for (field, indexed, is_huffman) in fields {
            let list = decoder.decode(&literal(&field, indexed, is_huffman)).unwrap();
            prop_assert_eq!(&list.fields, std::slice::from_ref(&field));
            prop_assert!(decoder.table.bytes() <= 4_096);
            if indexed {
                prop_assert_eq!(decoder.decode(&[0xbe]).unwrap().fields, [field]);
            }
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(blocks: Vec<Vec<u8>>) {
        let mut decoder = Decoder::default();
        for block in blocks {
            if decoder.decode(&block).is_err() {
                break;
            }
            prop_assert!(decoder.table.bytes() <= 65_536);
        }
    }
}
