//! The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B).

use super::HpackError;

/// Bits of each octet's code, and of the end-of-string symbol's at last (appendix B). The code is
/// canonical: among codes of the same length a greater symbol has the greater code, and longer codes
/// follow shorter ones. So the lengths say everything.
#[rustfmt::skip]
const CODE_BITS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

/// The longest code, in bits.
const MAX_BITS: usize = 30;

/// The codes of one length: the first of them, how many there are, and where their symbols are.
#[derive(Clone, Copy)]
struct Length {
    first_code: u32,
    count: u32,
    symbols_at: u32,
}

/// All codes, by length, and all symbols in the order of their codes.
struct Table {
    lengths: [Length; MAX_BITS + 1],
    symbols: [u16; CODE_BITS.len()],
}

const TABLE: Table = table();

/// Assigns the canonical codes.
const fn table() -> Table {
    let none = Length {
        first_code: 0,
        count: 0,
        symbols_at: 0,
    };
    let mut lengths = [none; MAX_BITS + 1];
    let mut symbols = [0; CODE_BITS.len()];
    let mut next_code = 0;
    let mut next_symbol = 0;
    let mut bits = 1;
    while bits <= MAX_BITS {
        next_code <<= 1;
        lengths[bits].first_code = next_code;
        #[expect(clippy::cast_possible_truncation, reason = "at most 257")]
        let symbols_at = next_symbol as u32;
        lengths[bits].symbols_at = symbols_at;
        let mut symbol: u16 = 0;
        while (symbol as usize) < CODE_BITS.len() {
            if CODE_BITS[symbol as usize] as usize == bits {
                symbols[next_symbol] = symbol;
                next_symbol += 1;
                next_code += 1;
                lengths[bits].count += 1;
            }
            symbol += 1;
        }
        bits += 1;
    }
    Table { lengths, symbols }
}

/// Decodes a whole string. A code has at least five bits, so the result is less than twice as long.
///
/// # Errors
/// [`HpackError::Huffman`] when the string contains its end, or is padded by more than seven bits or by
/// others than ones.
pub(super) fn decode(encoded: &[u8]) -> Result<Vec<u8>, HpackError> {
    let mut decoded = Vec::with_capacity(encoded.len() * 2);
    let mut code: u32 = 0;
    let mut bits = 0;
    for byte in encoded {
        for shift in (0..8).rev() {
            code = (code << 1) | u32::from((byte >> shift) & 1);
            bits += 1;
            if let Some(symbol) = symbol(code, bits) {
                decoded.push(u8::try_from(symbol).map_err(|_| HpackError::Huffman)?);
                (code, bits) = (0, 0);
            } else if bits == MAX_BITS {
                return Err(HpackError::Huffman);
            }
        }
    }
    // The padding begins the end-of-string symbol, which is all ones.
    if bits > 7 || code != (1 << bits) - 1 {
        return Err(HpackError::Huffman);
    }
    Ok(decoded)
}

fn symbol(code: u32, bits: usize) -> Option<u16> {
    let length = &TABLE.lengths[bits];
    let nth = code.checked_sub(length.first_code)?;
    (nth < length.count).then(|| TABLE.symbols[(length.symbols_at + nth) as usize])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The symbol that no string may contain.
    const END_OF_STRING: u16 = 256;

    /// Encodes a string; the padding is the beginning of the end-of-string symbol.
    pub(in super::super) fn encode(text: &[u8]) -> Vec<u8> {
        let mut bits = Vec::new();
        for byte in text {
            let (code, length) = code_of(u16::from(*byte));
            bits.extend((0..length).rev().map(|bit| (code >> bit) & 1));
        }
        while bits.len() % 8 != 0 {
            bits.push(1);
        }
        let octet = |bits: &[u32]| bits.iter().fold(0, |octet, bit| (octet << 1) | *bit);
        let octets = bits.chunks(8).map(octet);
        octets.map(|octet| u8::try_from(octet).unwrap()).collect()
    }

    fn code_of(symbol: u16) -> (u32, usize) {
        let bits = usize::from(CODE_BITS[usize::from(symbol)]);
        let length = &TABLE.lengths[bits];
        let symbols = &TABLE.symbols[length.symbols_at as usize..][..length.count as usize];
        let nth = symbols.iter().position(|other| *other == symbol).unwrap();
        (length.first_code + u32::try_from(nth).unwrap(), bits)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (symbol, code, bits) in [
            (u16::from(b'0'), 0x0, 5),
            (u16::from(b' '), 0x14, 6),
            (u16::from(b':'), 0x5c, 7),
            (u16::from(b'&'), 0xf8, 8),
            (u16::from(b'<'), 0x7ffc, 15),
            (0x80, 0x000f_ffe6, 20),
            (0xff, 0x03ff_ffee, 26),
            (0x0a, 0x3fff_fffc, 30),
            (END_OF_STRING, 0x3fff_ffff, 30),
        ] {
            assert_eq!(code_of(symbol), (code, bits), "{symbol}");
        }
    }

    #[test]
    fn wrong_padding_and_the_end_inside_are_errors() {
        // `1` is 00001: three ones of padding are right.
        assert_eq!(decode(&[0x0f]), Ok(b"1".to_vec()));
        assert_eq!(decode(&[0x08]), Err(HpackError::Huffman));
        assert_eq!(decode(&[0x0f, 0xff]), Err(HpackError::Huffman));
        assert_eq!(decode(&[0xff; 4]), Err(HpackError::Huffman));
    }

    proptest! {
        #[test]
        fn whatever_was_encoded_is_decoded(text: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&text)), Ok(text));
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
            if let Ok(text) = decode(&bytes) {
                prop_assert_eq!(encode(&text), bytes);
            }
        }
    }
}
