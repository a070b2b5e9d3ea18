//! Content codings of response bodies (RFC 9110, section 8.4.1), decoded as they arrive.

use std::fmt;
use std::io::{self, Write};

use ::http::HeaderMap;
use ::http::header::CONTENT_ENCODING;
use flate2::write::MultiGzDecoder;

/// Value of `accept-encoding` that names the codings that [`ContentDecoder`] decodes.
pub const ACCEPT_ENCODING: &str = "gzip, br";

/// The inner buffer of brotli's decoder, in bytes.
const BROTLI_BUFFER_BYTES: usize = 4096;

/// Bytes in a mebibyte.
const MEBIBYTE: u64 = 1024 * 1024;

/// Streaming decoder of one response body. Each call returns all that its piece completes, so an event
/// stream that its server flushes after each event loses no time.
pub struct ContentDecoder {
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
    max_piece_bytes: usize,
    is_piece_too_large: bool,
}

/// Reasons for which a body cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// The server used a coding that was not asked for.
    #[error("it is encoded as {0:?}, which was not asked for")]
    Unknown(String),
    /// The body is not in the coding that its head names, or breaks off.
    #[error("it is no valid {0}")]
    Invalid(&'static str),
    /// The decoded body exceeds the limit, in mebibytes.
    #[error("it is larger than the limit of {0} MiB")]
    TooLarge(u64),
    /// One piece decodes to more than the limit, in bytes.
    #[error("a piece of it decodes to more than {0} bytes")]
    PieceTooLarge(usize),
}

impl ContentDecoder {
    /// Creates a decoder for a response with these header fields. Without `is_wanted` the decoded bytes
    /// are counted and dropped. Decoding fails beyond `max_bytes` decoded bytes.
    ///
    /// # Errors
    /// [`CodingError::Unknown`] for a coding that [`ACCEPT_ENCODING`] does not name.
    pub fn new(fields: &HeaderMap, is_wanted: bool, max_bytes: u64) -> Result<Self, CodingError> {
        let sink = Sink {
            kept: is_wanted.then(Vec::new),
            bytes: 0,
            max_bytes,
            max_piece_bytes: usize::MAX,
            is_piece_too_large: false,
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
            Some(other) => return Err(CodingError::Unknown(other.to_owned())),
        };
        Ok(Self {
            coding,
            is_empty: true,
        })
    }

    /// Limits what one piece may decode to, in bytes. A stream without a limit of its whole needs it: a few
    /// bytes of brotli can stand for gigabytes.
    #[must_use]
    pub fn with_max_piece_bytes(mut self, bytes: usize) -> Self {
        self.sink_mut().max_piece_bytes = bytes;
        self
    }

    /// Decodes the next piece and returns the decoded bytes, if they are wanted.
    ///
    /// # Errors
    /// [`CodingError::Invalid`], [`CodingError::TooLarge`] and [`CodingError::PieceTooLarge`].
    pub fn decode(&mut self, piece: &[u8]) -> Result<Vec<u8>, CodingError> {
        self.is_empty &= piece.is_empty();
        let written = match &mut self.coding {
            Coding::Identity(sink) => sink.write_all(piece),
            Coding::Gzip(decoder) => decoder.write_all(piece).and_then(|()| decoder.flush()),
            Coding::Brotli(decoder) => decoder.write_all(piece).and_then(|()| decoder.flush()),
        };
        self.outcome(written)?;
        Ok(self.take())
    }

    /// Returns the rest after the last piece. A body without a byte is empty in any coding, because servers
    /// name a coding for an error without a body as well.
    ///
    /// # Errors
    /// [`CodingError::Invalid`] when the body lacks its end.
    pub fn finish(&mut self) -> Result<Vec<u8>, CodingError> {
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

    /// Number of bytes that were decoded so far.
    pub fn decoded_bytes(&self) -> u64 {
        self.sink().bytes
    }

    fn outcome(&self, result: io::Result<()>) -> Result<(), CodingError> {
        let sink = self.sink();
        if sink.bytes > sink.max_bytes {
            return Err(CodingError::TooLarge(sink.max_bytes / MEBIBYTE));
        }
        if result.is_err() && sink.is_piece_too_large {
            return Err(CodingError::PieceTooLarge(sink.max_piece_bytes));
        }
        result.map_err(|_| {
            CodingError::Invalid(match self.coding {
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

    fn sink_mut(&mut self) -> &mut Sink {
        match &mut self.coding {
            Coding::Identity(sink) => sink,
            Coding::Gzip(decoder) => decoder.get_mut(),
            Coding::Brotli(decoder) => decoder.get_mut(),
        }
    }

    fn take(&mut self) -> Vec<u8> {
        let kept = self.sink_mut().kept.as_mut();
        kept.map(std::mem::take).unwrap_or_default()
    }
}

impl fmt::Debug for ContentDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentDecoder")
            .field("decoded_bytes", &self.decoded_bytes())
            .finish_non_exhaustive()
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.max_bytes {
            return Err(io::Error::other("too large"));
        }
        if let Some(kept) = &mut self.kept {
            if kept.len() + piece.len() > self.max_piece_bytes {
                self.is_piece_too_large = true;
                return Err(io::Error::other("too large"));
            }
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
    use ::http::HeaderValue;
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

    fn decoder(coding: &str, max_bytes: u64) -> Result<ContentDecoder, CodingError> {
        let mut fields = HeaderMap::new();
        fields.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        ContentDecoder::new(&fields, true, max_bytes)
    }

    fn decode(coding: &str, body: &[u8], piece_bytes: usize) -> Result<Vec<u8>, CodingError> {
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
            Err(CodingError::Invalid("gzip"))
        );
        assert_eq!(
            decode("br", &[0xff; 40], 5),
            Err(CodingError::Invalid("brotli"))
        );
        assert_eq!(
            decode("zstd", b"", 5),
            Err(CodingError::Unknown("zstd".to_owned()))
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
            Err(CodingError::Invalid("gzip"))
        );
        let cut = decode("br", &brotli[..brotli.len() - 3], 9);
        assert_eq!(cut, Err(CodingError::Invalid("brotli")));
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
            assert_eq!(larger, Err(CodingError::TooLarge(0)));
        }
    }

    #[test]
    fn a_piece_that_decodes_to_more_than_its_limit_is_refused() {
        let mut fields = HeaderMap::new();
        fields.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let at_limit = |bytes: usize| {
            let decoder = ContentDecoder::new(&fields, true, u64::MAX).unwrap();
            let mut decoder = decoder.with_max_piece_bytes(1000);
            decoder
                .decode(&gzip(&vec![b'a'; bytes]))
                .map(|text| text.len())
        };
        assert_eq!(at_limit(1000), Ok(1000));
        assert_eq!(at_limit(1001), Err(CodingError::PieceTooLarge(1000)));
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
