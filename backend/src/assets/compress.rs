//! Compression of files that are sent many times: once, at the highest level.
//!
//! Used by the build script for the client inside the program and by the server for a folder.

use std::io::{self, Write};
use std::path::Path;

/// Brotli's highest quality: slow to write, as fast to read as any other.
const BROTLI_QUALITY: i32 = 11;

/// Brotli window of 2^22 bytes (4 MiB): larger than any file of the client.
const BROTLI_WINDOW_BITS: i32 = 22;

/// Bytes that a coding must save. Below that, the header fields it needs eat up the gain.
const MIN_SAVED_BYTES: usize = 64;

/// Endings of files whose format is compressed already.
const COMPRESSED_FORMATS: [&str; 14] = [
    "avif", "br", "gif", "gz", "jpeg", "jpg", "mp3", "mp4", "ogg", "png", "webm", "webp", "woff",
    "woff2",
];

/// The codings of one file that are worth having.
#[derive(Debug, Default)]
pub(crate) struct Compressed {
    /// The content as brotli (RFC 7932).
    pub(crate) brotli: Option<Vec<u8>>,
    /// The content as gzip (RFC 1952).
    pub(crate) gzip: Option<Vec<u8>>,
}

/// Compresses the content of the file `path`, unless its format is compressed already.
///
/// # Errors
/// None in practice: the writers write to memory.
pub(crate) fn compress(path: &str, content: &[u8]) -> io::Result<Compressed> {
    let ending = Path::new(path).extension().unwrap_or_default();
    if COMPRESSED_FORMATS
        .iter()
        .any(|format| ending.eq_ignore_ascii_case(format))
    {
        return Ok(Compressed::default());
    }
    let saves = |coded: &Vec<u8>| coded.len() + MIN_SAVED_BYTES <= content.len();
    Ok(Compressed {
        brotli: Some(brotli(content)?).filter(saves),
        gzip: Some(gzip(content)?).filter(saves),
    })
}

fn brotli(mut content: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut coded = Vec::new();
    brotli::BrotliCompress(&mut content, &mut coded, &parameters)?;
    Ok(coded)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_codings_give_the_content_back() {
        let content = "primes arrive one a second\n".repeat(40);
        let compressed = compress("/page.css", content.as_bytes()).unwrap();

        let mut brotli = String::new();
        brotli::Decompressor::new(compressed.brotli.unwrap().as_slice(), 4096)
            .read_to_string(&mut brotli)
            .unwrap();
        let mut gzip = String::new();
        flate2::read::GzDecoder::new(compressed.gzip.unwrap().as_slice())
            .read_to_string(&mut gzip)
            .unwrap();
        assert_eq!((brotli, gzip), (content.clone(), content));
    }

    #[test]
    fn a_coding_that_saves_too_little_is_not_kept() {
        let compressed = compress("/small.txt", b"2, 3, 5, 7").unwrap();
        assert!(compressed.brotli.is_none() && compressed.gzip.is_none());
    }

    #[test]
    fn a_format_that_is_compressed_already_is_left_alone() {
        let content = [0; 10_000];
        for path in ["/icon.png", "/ICON.PNG", "/font.woff2"] {
            let compressed = compress(path, &content).unwrap();
            assert!(
                compressed.brotli.is_none() && compressed.gzip.is_none(),
                "{path}"
            );
        }
        assert!(compress("/icon.ico", &content).unwrap().brotli.is_some());
    }
}
