//! The `If-None-Match` field (RFC 9110, section 13.1.2).

use http::{HeaderMap, header};

/// Whether the client has a representation with this entity tag, by the weak comparison
/// (RFC 9110, section 8.8.3.2).
///
/// `*` means that any representation will do. A list ends at the first thing in it that is
/// no entity tag.
pub fn matches(headers: &HeaderMap, etag: &[u8]) -> bool {
    let opaque = etag.strip_prefix(b"W/").unwrap_or(etag);
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let value = trimmed(value.as_bytes());
        value == b"*" || OpaqueTags(value).any(|tag| tag == opaque)
    })
}

/// The entity tags of a list, quotes and all, without `W/`.
struct OpaqueTags<'a>(&'a [u8]);

impl<'a> Iterator for OpaqueTags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        // Empty list members are allowed (RFC 9110, section 5.6.1.2).
        let mut rest = trimmed(self.0);
        while let Some(after) = rest.strip_prefix(b",") {
            rest = trimmed(after);
        }
        let tag = rest.strip_prefix(b"W/").unwrap_or(rest);
        let content = tag.strip_prefix(b"\"")?;
        let length = content.iter().position(|&byte| byte == b'"')? + 2;
        let (tag, rest) = tag.split_at(length);
        self.0 = trimmed(rest);
        if !(self.0.is_empty() || self.0.starts_with(b",")) {
            self.0 = b"";
            return None;
        }
        Some(tag)
    }
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn has(lines: &[&str], etag: &str) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_NONE_MATCH, line.parse().unwrap());
        }
        matches(&headers, etag.as_bytes())
    }

    #[test]
    fn one_tag_of_a_list_is_enough() {
        assert!(has(&[r#""a""#], r#""a""#));
        assert!(has(&[r#""x", "a" ,"y""#], r#""a""#));
        assert!(has(&[r#""x""#, r#""a""#], r#""a""#));
        assert!(has(&[r#",, "x",, "a""#], r#""a""#));
        assert!(!has(&[r#""x", "y""#], r#""a""#));
        assert!(!has(&[], r#""a""#));
    }

    #[test]
    fn weak_tags_match_strong_ones() {
        assert!(has(&[r#"W/"a""#], r#""a""#));
        assert!(has(&[r#""a""#], r#"W/"a""#));
        assert!(!has(&[r#"w/"a""#], r#""a""#));
    }

    #[test]
    fn the_star_matches_everything_but_is_no_tag() {
        assert!(has(&[" * "], r#""a""#));
        assert!(!has(&[r#""*""#], r#""a""#));
    }

    #[test]
    fn a_comma_inside_a_tag_does_not_end_it() {
        assert!(has(&[r#""x,y", "a""#], r#""a""#));
        assert!(!has(&[r#""x,"a",y""#], r#""a""#));
    }

    #[test]
    fn what_is_no_tag_matches_nothing() {
        for line in ["a", "\"a", "a\"", "\"a\"b", "", ",", "W/", "W/a"] {
            assert!(!has(&[line], r#""a""#), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_field_value_is_read(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert(header::IF_NONE_MATCH, value.clone());
                let has = matches(&headers, b"\"not in there, as it is longer than sixty bytes ...........\"");
                prop_assert_eq!(has, value.as_bytes().trim_ascii() == b"*");
            }
        }

        #[test]
        fn every_tag_of_a_list_is_found(
            tags in prop::collection::vec("[!#-~]{0,6}", 1..6),
            which in any::<prop::sample::Index>(),
            weak in any::<bool>(),
        ) {
            let list: Vec<_> = tags.iter()
                .map(|tag| format!("{}\"{tag}\"", if weak { "W/" } else { "" }))
                .collect();
            let etag = format!("\"{}\"", which.get(&tags));
            prop_assert!(has(&[&list.join(" , ")], &etag));
        }
    }
}
