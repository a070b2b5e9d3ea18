//! One file that browsers fetch, in the content codings that we have of it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;

use super::compress::Compressed;
use super::content_type::content_type;
use crate::negotiation::{AcceptEncoding, ContentCoding};

/// Fewest hexadecimal digits in a name that are taken for a hash of the content.
///
/// Trunk writes 64 bits without leading zeros; one in four billion has fewer than 9 digits,
/// and no such run of them stands in a name that people give.
const MIN_HASH_DIGITS: usize = 9;

/// Bytes of a SHA-256 that an entity tag keeps: 128 bits tell all contents apart.
const TAG_BYTES: usize = 16;

/// A file in all its representations.
#[derive(Debug)]
pub struct Asset {
    content_type: HeaderValue,
    immutable: bool,
    representations: Vec<Representation>,
}

/// The bytes of a file in one content coding (RFC 9110, section 8.4).
#[derive(Debug)]
pub struct Representation {
    coding: ContentCoding,
    bytes: Bytes,
    etag: HeaderValue,
}

impl Asset {
    /// The file at `path`, from its bytes and the same bytes compressed.
    pub(super) fn new(
        path: &str,
        identity: Bytes,
        brotli: Option<Bytes>,
        gzip: Option<Bytes>,
    ) -> Self {
        let mut representations = vec![Representation::new(ContentCoding::Identity, identity)];
        representations
            .extend(brotli.map(|bytes| Representation::new(ContentCoding::Brotli, bytes)));
        representations.extend(gzip.map(|bytes| Representation::new(ContentCoding::Gzip, bytes)));
        // Where a client likes several alike, the first in line is chosen: the smallest.
        representations.sort_by_key(|representation| representation.bytes.len());
        Self {
            content_type: content_type(path),
            immutable: has_hash(path),
            representations,
        }
    }

    /// As [`Asset::new`], from owned bytes.
    pub(super) fn compressed(path: &str, identity: Vec<u8>, compressed: Compressed) -> Self {
        Self::new(
            path,
            identity.into(),
            compressed.brotli.map(Bytes::from),
            compressed.gzip.map(Bytes::from),
        )
    }

    /// The `Content-Type`.
    pub fn content_type(&self) -> &HeaderValue {
        &self.content_type
    }

    /// Whether the name holds a hash of the content, so that it never changes under this name.
    pub fn is_immutable(&self) -> bool {
        self.immutable
    }

    /// What stands for the content of the file, whatever the coding.
    pub(super) fn hash(&self) -> String {
        self.representations
            .iter()
            .find(|representation| representation.coding == ContentCoding::Identity)
            .map(|representation| content_hash(&representation.bytes))
            .unwrap_or_default()
    }

    /// All representations, smallest first.
    pub fn representations(&self) -> &[Representation] {
        &self.representations
    }

    /// The representation that the client likes best, the smallest of those it likes alike.
    ///
    /// `None` when the client takes none of them, not even the plain bytes.
    pub fn choose(&self, accept: &AcceptEncoding) -> Option<&Representation> {
        let mut best: Option<(u16, &Representation)> = None;
        for representation in &self.representations {
            let Some(weight) = accept.weight(representation.coding) else {
                continue;
            };
            if best.is_none_or(|(best, _)| weight > best) {
                best = Some((weight, representation));
            }
        }
        best.map(|(_, representation)| representation)
    }
}

impl Representation {
    fn new(coding: ContentCoding, bytes: Bytes) -> Self {
        let tag = format!("\"{}\"", content_hash(&bytes));
        Self {
            coding,
            bytes,
            etag: HeaderValue::try_from(tag).expect("base64 in quotes is a valid field value"),
        }
    }

    /// The content coding.
    pub fn coding(&self) -> ContentCoding {
        self.coding
    }

    /// The bytes as they go over the wire; cloning them is cheap.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The strong entity tag of exactly these bytes.
    pub fn etag(&self) -> &HeaderValue {
        &self.etag
    }
}

/// A short text that stands for these bytes and no others.
pub(super) fn content_hash(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    BASE64_URL_SAFE_NO_PAD.encode(&digest.as_ref()[..TAG_BYTES])
}

/// Whether the file name has a hash after a hyphen, as in `style-4f1c0de58a3b9e21.css` and
/// `roomcast-4f1c0de58a3b9e21_bg.wasm`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    let Some((_, hash)) = stem.rsplit_once('-') else {
        return false;
    };
    let hash = hash.strip_suffix("_bg").unwrap_or(hash);
    hash.len() >= MIN_HASH_DIGITS
        && hash
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::*;

    fn asset() -> Asset {
        let bytes = |length: usize| Bytes::from(vec![b'x'; length]);
        Asset::new("/a.js", bytes(300), Some(bytes(100)), Some(bytes(200)))
    }

    fn chosen(accept_encoding: &str) -> Option<ContentCoding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept_encoding.parse().unwrap());
        asset()
            .choose(&AcceptEncoding::from_headers(&headers))
            .map(Representation::coding)
    }

    #[test]
    fn of_codings_liked_alike_the_smallest_is_chosen() {
        assert_eq!(
            chosen("gzip, deflate, br, zstd"),
            Some(ContentCoding::Brotli)
        );
        assert_eq!(chosen("*"), Some(ContentCoding::Brotli));
        assert_eq!(chosen("gzip, *;q=0.5"), Some(ContentCoding::Gzip));
    }

    #[test]
    fn a_higher_weight_wins_over_a_smaller_size() {
        assert_eq!(chosen("br;q=0.5, gzip;q=0.8"), Some(ContentCoding::Gzip));
        assert_eq!(chosen("br;q=0.5, identity"), Some(ContentCoding::Identity));
    }

    #[test]
    fn plain_bytes_are_the_last_resort_and_can_be_refused() {
        assert_eq!(chosen("zstd"), Some(ContentCoding::Identity));
        assert_eq!(chosen("zstd, identity;q=0"), None);
        assert_eq!(chosen("*;q=0"), None);
        assert_eq!(chosen("*;q=0, gzip;q=0.001"), Some(ContentCoding::Gzip));
    }

    #[test]
    fn each_representation_has_its_own_strong_tag() {
        let asset = asset();
        let tags: Vec<_> = asset
            .representations()
            .iter()
            .map(Representation::etag)
            .collect();
        assert!(tags.iter().all(|tag| tag.as_bytes().starts_with(b"\"")));
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
    }

    #[test]
    fn only_names_with_a_hash_are_immutable() {
        for path in [
            "/style-4f1c0de58a3b9e21.css",
            "/roomcast-frontend-4f1c0de58a3b9e2_bg.wasm",
            "/icons/icon-123456789.svg",
            "/app-4f1c0de58a3b9e21.js.map",
        ] {
            assert!(has_hash(path), "{path}");
        }
        for path in [
            "/index.html",
            "/robots.txt",
            "/icon-192.png",
            "/icon-12345678.png",
            "/style-feedface.css",
            "/4f1c0de58a3b9e21.css",
            "/snippets/web-4f1c0de58a3b9e21/inline0.js",
            "/a-4F1C0DE58A3B9E21.css",
        ] {
            assert!(!has_hash(path), "{path}");
        }
    }
}
