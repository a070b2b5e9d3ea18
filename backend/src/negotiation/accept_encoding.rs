//! The `Accept-Encoding` field (RFC 9110, section 12.5.3).

use http::{HeaderMap, HeaderValue, header};

use super::quality;

/// The content codings that we have files in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// `br` (RFC 7932).
    Brotli,
    /// `gzip` (RFC 1952).
    Gzip,
    /// No coding: the bytes as they are.
    Identity,
}

impl ContentCoding {
    /// The `Content-Encoding` of a response in this coding, if there is to be one.
    pub fn content_encoding(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Identity => None,
        }
    }
}

/// Which content codings a client takes, and how much it likes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptEncoding {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl AcceptEncoding {
    /// Reads the field; members that cannot be understood are passed over.
    ///
    /// A request without the field gets plain bytes: it may come from a client that knows no
    /// coding at all.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut accept = Self::default();
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for member in value.to_str().unwrap_or_default().split(',') {
                let Some((coding, weight)) = quality::weighted(member) else {
                    continue;
                };
                let weights = match coding.to_ascii_lowercase().as_str() {
                    "br" => &mut accept.brotli,
                    // RFC 9110, section 8.4.1.3: the two names are one coding.
                    "gzip" | "x-gzip" => &mut accept.gzip,
                    "identity" => &mut accept.identity,
                    "*" => &mut accept.any,
                    _ => continue,
                };
                *weights = Some(weight);
            }
        }
        accept
    }

    /// How much the client likes a coding, in thousandths; `None` when it does not take it.
    ///
    /// Plain bytes that were not mentioned weigh 0: taken, but anything mentioned is better.
    pub fn weight(&self, coding: ContentCoding) -> Option<u16> {
        let (named, unnamed) = match coding {
            ContentCoding::Brotli => (self.brotli, None),
            ContentCoding::Gzip => (self.gzip, None),
            ContentCoding::Identity => (self.identity, Some(0)),
        };
        match named.or(self.any) {
            Some(0) => None,
            Some(weight) => Some(weight),
            None => unnamed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weights(lines: &[&str]) -> [Option<u16>; 3] {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_ENCODING, line.parse().unwrap());
        }
        let accept = AcceptEncoding::from_headers(&headers);
        [
            ContentCoding::Brotli,
            ContentCoding::Gzip,
            ContentCoding::Identity,
        ]
        .map(|coding| accept.weight(coding))
    }

    #[test]
    fn without_the_field_or_with_an_empty_one_only_plain_bytes_are_taken() {
        assert_eq!(weights(&[]), [None, None, Some(0)]);
        assert_eq!(weights(&[""]), [None, None, Some(0)]);
    }

    #[test]
    fn named_codings_are_taken_with_their_weight() {
        assert_eq!(
            weights(&["br, gzip;q=0.5"]),
            [Some(1000), Some(500), Some(0)]
        );
        assert_eq!(
            weights(&["BR;Q=0.3", "x-gzip"]),
            [Some(300), Some(1000), Some(0)]
        );
    }

    #[test]
    fn weight_zero_means_not_taken() {
        assert_eq!(weights(&["br;q=0, *"]), [None, Some(1000), Some(1000)]);
        assert_eq!(weights(&["gzip, identity;q=0"]), [None, Some(1000), None]);
    }

    #[test]
    fn the_star_stands_for_everything_that_is_not_named() {
        assert_eq!(
            weights(&["*;q=0.2, br"]),
            [Some(1000), Some(200), Some(200)]
        );
        assert_eq!(weights(&["*;q=0"]), [None, None, None]);
        assert_eq!(weights(&["*;q=0, identity"]), [None, None, Some(1000)]);
    }

    #[test]
    fn members_that_cannot_be_understood_are_passed_over() {
        assert_eq!(
            weights(&["br;q=much, gzip, , ;;"]),
            [None, Some(1000), Some(0)]
        );
    }

    proptest! {
        #[test]
        fn any_field_value_is_read(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert(header::ACCEPT_ENCODING, value);
                let accept = AcceptEncoding::from_headers(&headers);
                prop_assert!(accept.weight(ContentCoding::Brotli).is_none_or(|w| (1..=1000).contains(&w)));
            }
        }

        #[test]
        fn what_is_written_is_read(br in 1..=1000_u16, gzip in 1..=1000_u16, star in 1..=1000_u16) {
            let weight = |w: u16| format!("{}.{:03}", w / 1000, w % 1000);
            let line = format!(
                "br;q={}\t,gzip ; q={},*;q={}", weight(br), weight(gzip), weight(star)
            );
            prop_assert_eq!(weights(&[&line]), [Some(br), Some(gzip), Some(star)]);
        }
    }
}
