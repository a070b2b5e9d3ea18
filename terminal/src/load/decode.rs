//! Content codings (RFC 9110, section 8.4.1): from the bytes on the wire to those of the file.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The value of `accept-encoding` for what can be decoded here.
pub(super) const ACCEPT_ENCODING: &str = "gzip, br";

/// The inner buffer of brotli's decoder, in bytes.
const BROTLI_BUFFER_BYTES: usize = 4096;

/// Decodes a body piece by piece.
pub(super) struct Decoder {
    coding: Coding,
    /// Whether nothing came yet.
    is_empty: bool,
}

enum Coding {
    Identity(Sink),
    Gzip(Box<MultiGzDecoder<Sink>>),
    Brotli(Box<brotli::DecompressorWriter<Sink>>),
}

/// What was decoded: counted, and kept until somebody takes it, if it is wanted.
struct Sink {
    kept: Option<Vec<u8>>,
    bytes: u64,
    max_bytes: u64,
}

/// Why a body cannot be decoded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecodeError {
    /// The server used a coding that was not asked for.
    #[error("it is encoded as '{0}', which was not asked for")]
    Unknown(String),
    /// It is not what its head says.
    #[error("it is no valid {0}")]
    Invalid(&'static str),
    /// It grows and grows.
    #[error("it is larger than the limit of {0} MiB (--max-mebibytes)")]
    TooLarge(u64),
}

impl Decoder {
    /// For a response with this head, whose text is kept if it `is_wanted`.
    pub(super) fn new(
        fields: &HeaderMap,
        is_wanted: bool,
        max_bytes: u64,
    ) -> Result<Self, DecodeError> {
        let sink = Sink {
            kept: is_wanted.then(Vec::new),
            bytes: 0,
            max_bytes,
        };
        let value = fields.get(CONTENT_ENCODING);
        let name =
            value.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
        let coding = match name.as_deref().map(str::trim) {
            None | Some("" | "identity") => Coding::Identity(sink),
            Some("gzip" | "x-gzip") => Coding::Gzip(Box::new(MultiGzDecoder::new(sink))),
            Some("br") => Coding::Brotli(Box::new(brotli::DecompressorWriter::new(
                sink,
                BROTLI_BUFFER_BYTES,
            ))),
            Some(other) => return Err(DecodeError::Unknown(other.to_owned())),
        };
        Ok(Self {
            coding,
            is_empty: true,
        })
    }

    /// Decodes the next piece and gives what it became, if that is wanted.
    pub(super) fn decode(&mut self, piece: &[u8]) -> Result<Vec<u8>, DecodeError> {
        self.is_empty &= piece.is_empty();
        let written = match &mut self.coding {
            Coding::Identity(sink) => sink.write_all(piece),
            Coding::Gzip(decoder) => decoder.write_all(piece).and_then(|()| decoder.flush()),
            Coding::Brotli(decoder) => decoder.write_all(piece).and_then(|()| decoder.flush()),
        };
        self.outcome(written)?;
        Ok(self.take())
    }

    /// Gives the rest after the last piece; a body that lacks its end is invalid. One without a byte is
    /// empty in any coding: servers name one for an error without a body as well.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>, DecodeError> {
        if self.is_empty {
            return Ok(Vec::new());
        }
        let ended = match &mut self.coding {
            Coding::Identity(_) => Ok(()),
            Coding::Gzip(decoder) => decoder.try_finish(),
            Coding::Brotli(decoder) => decoder.close(),
        };
        self.outcome(ended)?;
        Ok(self.take())
    }

    /// Bytes that were decoded so far.
    pub(super) fn decoded_bytes(&self) -> u64 {
        self.sink().bytes
    }

    fn outcome(&self, result: io::Result<()>) -> Result<(), DecodeError> {
        let sink = self.sink();
        if sink.bytes > sink.max_bytes {
            return Err(DecodeError::TooLarge(
                sink.max_bytes / super::limits::MEBIBYTE,
            ));
        }
        result.map_err(|_| {
            DecodeError::Invalid(match self.coding {
                Coding::Identity(_) => "body",
                Coding::Gzip(_) => "gzip",
                Coding::Brotli(_) => "brotli",
            })
        })
    }

    fn sink(&self) -> &Sink {
        match &self.coding {
            Coding::Identity(sink) => sink,
            Coding::Gzip(decoder) => decoder.get_ref(),
            Coding::Brotli(decoder) => decoder.get_ref(),
        }
    }

    fn take(&mut self) -> Vec<u8> {
        let sink = match &mut self.coding {
            Coding::Identity(sink) => sink,
            Coding::Gzip(decoder) => decoder.get_mut(),
            Coding::Brotli(decoder) => decoder.get_mut(),
        };
        sink.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.max_bytes {
            return Err(io::Error::other("too large"));
        }
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(piece);
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(text: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        brotli::CompressorWriter::new(&mut encoded, 4096, 5, 20)
            .write_all(text)
            .unwrap();
        encoded
    }

    fn decoder(coding: &str, max_bytes: u64) -> Result<Decoder, DecodeError> {
        let mut fields = HeaderMap::new();
        fields.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        Decoder::new(&fields, true, max_bytes)
    }

    fn decode(coding: &str, body: &[u8], piece_bytes: usize) -> Result<Vec<u8>, DecodeError> {
        let mut decoder = decoder(coding, 1000)?;
        let mut text = Vec::new();
        for piece in body.chunks(piece_bytes) {
            text.extend(decoder.decode(piece)?);
        }
        text.extend(decoder.finish()?);
        assert_eq!(decoder.decoded_bytes(), text.len() as u64);
        Ok(text)
    }

    #[test]
    fn what_is_no_valid_coding_is_named() {
        assert_eq!(
            decode("gzip", b"no gzip at all", 5),
            Err(DecodeError::Invalid("gzip"))
        );
        assert_eq!(
            decode("br", &[0xff; 40], 5),
            Err(DecodeError::Invalid("brotli"))
        );
        assert_eq!(
            decode("zstd", b"", 5),
            Err(DecodeError::Unknown("zstd".to_owned()))
        );
        assert_eq!(decode("Identity", b"text", 5).unwrap(), b"text");
    }

    #[test]
    fn a_body_without_a_byte_is_empty_in_any_coding() {
        for coding in ["gzip", "br", "identity"] {
            assert_eq!(decode(coding, b"", 5).unwrap(), b"", "{coding}");
        }
    }

    #[test]
    fn a_body_that_breaks_off_is_invalid() {
        let text = b"some text that is long enough";
        let (gzip, brotli) = (gzip(text), brotli(text));
        assert_eq!(
            decode("gzip", &gzip[..gzip.len() - 3], 9),
            Err(DecodeError::Invalid("gzip"))
        );
        let cut = decode("br", &brotli[..brotli.len() - 3], 9);
        assert_eq!(cut, Err(DecodeError::Invalid("brotli")));
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit_and_a_file_of_that_size_is_not() {
        for coding in ["gzip", "br", "identity"] {
            let encode = |text: &[u8]| match coding {
                "gzip" => gzip(text),
                "br" => brotli(text),
                _ => text.to_vec(),
            };
            assert_eq!(
                decode(coding, &encode(&[b'a'; 1000]), 4096).unwrap().len(),
                1000
            );
            let larger = decode(coding, &encode(&[b'a'; 1001]), 4096);
            assert_eq!(larger, Err(DecodeError::TooLarge(0)));
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded_in_pieces_of_any_size(
            text in prop::collection::vec(any::<u8>(), 0..900),
            piece_bytes in 1_usize..300,
        ) {
            prop_assert_eq!(&decode("gzip", &gzip(&text), piece_bytes).unwrap(), &text);
            prop_assert_eq!(&decode("br", &brotli(&text), piece_bytes).unwrap(), &text);
        }
    }
}
