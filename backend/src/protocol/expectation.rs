//! What a client expects before it sends a body (`Expect`, RFC 9110, section 10.1.1).

use http::{HeaderMap, Version, header};

/// The one expectation that HTTP defines.
const CONTINUE: &[u8] = b"100-continue";

/// What the `Expect` fields of a request ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// Nothing.
    None,
    /// 100 (Continue) before the body is sent.
    Continue,
    /// Something that no server knows.
    Unknown,
}

impl Expectation {
    /// Reads all `Expect` fields. Clients of HTTP/1.0 know no 100.
    pub(super) fn of(headers: &HeaderMap, version: Version) -> Self {
        let members = headers
            .get_all(header::EXPECT)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|member| !member.is_empty());
        let mut found = Self::None;
        for member in members {
            if !member.eq_ignore_ascii_case(CONTINUE) {
                return Self::Unknown;
            }
            found = Self::Continue;
        }
        if version < Version::HTTP_11 {
            found = Self::None;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read_from_all_fields_in_any_case() {
        let of = |values: &[&'static str], version| {
            let fields = values
                .iter()
                .map(|value| (header::EXPECT, value.parse().unwrap()));
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(name, value);
            }
            Expectation::of(&headers, version)
        };
        for (values, expected) in [
            (&[][..], Expectation::None),
            (&[""], Expectation::None),
            (&["100-Continue"], Expectation::Continue),
            (&["100-continue, 100-continue"], Expectation::Continue),
            (&["100-continue", "teapot"], Expectation::Unknown),
            (&["200-ok"], Expectation::Unknown),
            (&["100-continue;q=1"], Expectation::Unknown),
        ] {
            assert_eq!(of(values, Version::HTTP_11), expected, "{values:?}");
            assert_eq!(of(values, Version::HTTP_2), expected, "{values:?}");
        }
        assert_eq!(of(&["100-continue"], Version::HTTP_10), Expectation::None);
    }
}
