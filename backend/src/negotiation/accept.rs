//! The `Accept` field (RFC 9110, section 12.5.1).

use std::cmp::Reverse;

use http::{HeaderMap, header};

use super::quality;

/// How much a client likes a media type. The greater one is the one to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preference {
    /// In thousandths, of types that it takes at all.
    weight: u16,
    /// Of what is liked alike, what the client named before what it only allows.
    precision: Precision,
    /// Of what it named alike, what it named first. HTTP leaves this to the server.
    place: Reverse<usize>,
}

/// How a range names a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// `*/*`
    Anything,
    /// `text/*`
    Kind,
    /// `text/html`
    Exact,
}

/// What the client thinks of a media type; `None` when it does not take it.
///
/// The most specific range that fits decides. Without the field everything is liked alike.
pub fn preference(headers: &HeaderMap, media_type: &str) -> Option<Preference> {
    let values = headers.get_all(header::ACCEPT).iter();
    let members = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let ranges = members.enumerate().filter_map(|(place, member)| {
        let (range, weight) = quality::weighted(member)?;
        Some(Preference {
            weight,
            precision: precision(range, media_type)?,
            place: Reverse(place),
        })
    });
    let best = ranges.max_by_key(|range| (range.precision, range.weight, range.place));
    if best.is_none() && !headers.contains_key(header::ACCEPT) {
        return Some(Preference {
            weight: quality::FULL,
            precision: Precision::Anything,
            place: Reverse(0),
        });
    }
    best.filter(|range| range.weight > 0)
}

/// How much the client likes a media type, in thousandths; 0 when it does not take it.
pub fn weight(headers: &HeaderMap, media_type: &str) -> u16 {
    preference(headers, media_type).map_or(0, |preference| preference.weight)
}

fn precision(range: &str, media_type: &str) -> Option<Precision> {
    let kind = media_type.split('/').next().unwrap_or_default();
    let is_kind = |range: &str| range.eq_ignore_ascii_case(kind);
    if range.eq_ignore_ascii_case(media_type) {
        Some(Precision::Exact)
    } else if range.strip_suffix("/*").is_some_and(is_kind) {
        Some(Precision::Kind)
    } else {
        (range == "*/*").then_some(Precision::Anything)
    }
}

/// Whether a person looks at the response: the client likes HTML better than JSON.
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let json = weight(headers, "application/json").max(weight(headers, "application/problem+json"));
    weight(headers, "text/html") > json
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn accepting(line: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, line.parse().unwrap());
        headers
    }

    #[test]
    fn the_most_specific_range_decides() {
        let headers = accepting("*/*;q=0.1, text/*;q=0.5, text/html;q=0.2");
        assert_eq!(weight(&headers, "text/html"), 200);
        assert_eq!(weight(&headers, "text/plain"), 500);
        assert_eq!(weight(&headers, "image/png"), 100);
        assert_eq!(weight(&accepting("text/html"), "image/png"), 0);
    }

    #[test]
    fn what_is_named_goes_before_what_is_allowed_and_then_the_first() {
        let headers = accepting("*/*, text/*, text/html, text/plain, image/png;q=0");
        let liked = |media_type| preference(&headers, media_type);
        assert!(liked("text/html") > liked("text/plain"));
        assert!(liked("text/plain") > liked("text/csv"));
        assert!(liked("text/csv") > liked("application/json"));
        assert_eq!(liked("application/json"), liked("image/gif"));
        assert_eq!(liked("image/png"), None);
        let headers = accepting("text/html;q=0.9, */*");
        assert!(preference(&headers, "text/csv") > preference(&headers, "text/html"));
    }

    #[test]
    fn browsers_that_load_a_page_prefer_html() {
        let chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert!(prefers_html(&accepting(chromium)));
    }

    #[test]
    fn programs_do_not_prefer_html() {
        assert!(!prefers_html(&HeaderMap::new()));
        for accept in [
            "*/*",
            "application/json",
            "text/html;q=0.5, application/problem+json",
            "",
        ] {
            assert!(!prefers_html(&accepting(accept)), "{accept:?}");
        }
    }

    proptest! {
        #[test]
        fn any_field_value_is_read(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert(header::ACCEPT, value);
                prop_assert!(weight(&headers, "text/html") <= quality::FULL);
            }
        }
    }
}
