//! The `Accept` field (RFC 9110, section 12.5.1).

use http::{HeaderMap, header};

use super::quality;

/// How much the client likes a media type, in thousandths; 0 when it does not take it.
///
/// The most specific range that fits decides. Without the field everything is liked alike.
pub fn weight(headers: &HeaderMap, media_type: &str) -> u16 {
    let kind = media_type.split('/').next().unwrap_or_default();
    let mut best: Option<(u8, u16)> = None;
    let mut given = false;
    for value in headers.get_all(header::ACCEPT) {
        given = true;
        for member in value.to_str().unwrap_or_default().split(',') {
            let Some((range, weight)) = quality::weighted(member) else {
                continue;
            };
            let precision = if range.eq_ignore_ascii_case(media_type) {
                3
            } else if range
                .strip_suffix("/*")
                .is_some_and(|range| range.eq_ignore_ascii_case(kind))
            {
                2
            } else if range == "*/*" {
                1
            } else {
                continue;
            };
            best = best.max(Some((precision, weight)));
        }
    }
    match best {
        Some((_, weight)) => weight,
        None if given => 0,
        None => quality::FULL,
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
